"""What a visitor types is a claim: it neither makes him the owner of an address nor shows him anything of the owner."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import Opening, save_widget, start_chat
from contactcenter.channels.chat.visitors import current_conversation
from contactcenter.channels.email import intake
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.mailboxes import create_mailbox, edit_mailbox
from contactcenter.channels.email.models import Mail, Mailbox
from contactcenter.channels.email.outgoing import queue_mail, recipients_of
from contactcenter.channels.email.own import reply_address
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.service import reply
from contactcenter.core.errors import Conflict
from contactcenter.core.events import EventRow
from contactcenter.customers.claims import accept_claim, claim_email, email_of, open_claims, refuse_claim
from contactcenter.customers.models import Customer, Identity
from contactcenter.customers.persons import join_customers, separate_customer, survivor_of
from contactcenter.customers.service import add_identity, find_by_identity
from contactcenter.edge.visitors import Visitor
from contactcenter.queues.service import edit_queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.queries import tickets_of_customer
from tests.browser import Browser
from tests.channels.email import mails
from tests.world import World

OWNED = "wang.li@example.cn"
NEW = "maria@example.org"
Browse = Callable[[User | None], Browser]


@pytest.fixture
def widget(db_session: Session, world: World) -> WidgetKey:
    return save_widget(db_session, WidgetKey(), actor="system", name="Shop", sites=[], queue=world.support)


@pytest.fixture
def mailbox(db_session: Session, world: World) -> Mailbox:
    return create_mailbox(db_session, world.support, actor="system", address="help@harbour.example")


@pytest.fixture
def visitor(widget: WidgetKey) -> Visitor:
    return Visitor("a" * 32, widget.id, widget.queue_id)


def chat(session: Session, visitor: Visitor, widget: WidgetKey, email: str) -> Conversation:
    opening = Opening("My bill is wrong.", "message-1", "en", "Somebody", email)
    received = start_chat(session, visitor, widget, opening)
    session.commit()
    return session.get_one(Conversation, received.conversation_id)


def left_message(
    session: Session, world: World, visitor: Visitor, widget: WidgetKey, email: str
) -> Conversation:
    """We are closed; the visitor leaves his words, and Alice answers by mail."""
    edit_queue(session, world.support, world.support.version, {"open": False}, actor="system")
    conversation = chat(session, visitor, widget, email)
    said = reply(session, world.alice, conversation, "Which bill?")
    queue_mail(session, conversation, session.get_one(Message, said.message_id))
    session.commit()
    return conversation


def sent(session: Session, conversation: Conversation) -> Mail:
    mail = select(Mail).where(Mail.ticket_id == conversation.ticket_id, Mail.outgoing)
    return session.scalars(mail).one()


def take_in(mailbox: Mailbox, raw: bytes) -> Outcome:
    raw_id = intake.store(raw, mailbox_id=mailbox.id)
    assert raw_id is not None
    return intake.work_on(raw_id)


def happened(session: Session, name: str) -> int:
    return len(session.scalars(select(EventRow.id).where(EventRow.name == name)).all())


@pytest.mark.parametrize("address", [OWNED, OWNED.upper(), NEW])
def test_typed_address_makes_nobody_its_owner(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, address: str
) -> None:
    customer = chat(db_session, visitor, widget, address).customer
    assert customer.id != world.wang_li.id
    assert [claim.value for claim in open_claims(db_session, customer)] == [address.lower()]
    assert [one.kind for one in customer.identities] == ["visitor"]
    assert find_by_identity(db_session, "email", NEW) is None
    assert email_of(db_session, customer) == address.lower()
    assert happened(db_session, "customer.address_claimed") == 1


def test_message_left_out_of_hours_is_the_visitors_own(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> None:
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    assert conversation.ticket.customer_id != world.wang_li.id
    assert sent(db_session, conversation).people == [OWNED]
    assert list(tickets_of_customer(db_session, world.alice, world.wang_li.id)) == []


@pytest.mark.parametrize("by", ["id", "token"])
def test_answer_to_our_mail_proves_the_address_and_joins_nobody(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox, by: str
) -> None:
    """Mallory typed it, and Wang Li answers: whoever answers may as well say that it was not she who wrote."""
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    way = {
        "id": {"in_reply_to": f"<{sent(db_session, conversation).header_id}>"},
        "token": {"to": reply_address(mailbox, conversation.ticket_id)},
    }[by]
    for number in (1, 2):
        mail = mails.plain("That was not me.", sender=OWNED, subject="x", message_id=f"<{number}@x>", **way)
        assert take_in(mailbox, mail).ticket_id == conversation.ticket_id
    db_session.expire_all()
    assert conversation.customer.merged_into_id is None
    assert list(tickets_of_customer(db_session, world.alice, world.wang_li.id)) == []
    assert [claim.is_proved for claim in open_claims(db_session, conversation.customer)] == [True]
    assert happened(db_session, "customer.address_proved") == 1
    assert happened(db_session, "customer.joined") == 0


def test_alice_reads_that_the_owner_answered_and_joins_them(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, browse: Browse, mailbox: Mailbox
) -> None:
    take_in(mailbox, mails.plain(sender=OWNED, message_id="<1@x>"))
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    answer = mails.plain("This one.", sender=OWNED, to=reply_address(mailbox, conversation.ticket_id))
    take_in(mailbox, answer)
    alice = browse(world.alice)
    page = alice.get(f"/customers/{conversation.customer_id}").text
    assert "was answered from this address" in page
    claim = open_claims(db_session, conversation.customer)[0]
    settle = f"/customers/{conversation.customer_id}/claims/{claim.id}"
    assert alice.post(settle, {"verdict": "accept"}).location == f"/customers/{world.wang_li.id}"
    db_session.expire_all()
    assert survivor_of(db_session, conversation.customer).id == world.wang_li.id
    assert happened(db_session, "customer.address_proved") == 1


@pytest.fixture
def denied(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> Conversation:
    """Mallory typed an address that nobody had, and who reads its mail answers us."""
    conversation = left_message(db_session, world, visitor, widget, NEW)
    token = reply_address(mailbox, conversation.ticket_id)
    take_in(mailbox, mails.plain("I never wrote to you.", sender=NEW, to=token, subject="x"))
    db_session.expire_all()
    return conversation


def test_answer_from_an_address_that_nobody_had_is_its_writers_own(
    db_session: Session, denied: Conversation
) -> None:
    writer = find_by_identity(db_session, "email", NEW)
    assert writer is not None
    assert writer.id != denied.customer_id
    answer = select(Message).where(Message.ticket_id == denied.ticket_id, Message.customer_id == writer.id)
    assert db_session.scalars(answer).one().body == "I never wrote to you."
    assert [claim.is_proved for claim in open_claims(db_session, denied.customer)] == [True]
    assert happened(db_session, "customer.joined") == 0


@pytest.mark.parametrize("verdict", ["accept", "refuse"])
def test_alice_says_whether_the_visitor_wrote_that_answer(
    db_session: Session, world: World, denied: Conversation, browse: Browse, verdict: str
) -> None:
    alice = browse(world.alice)
    page = alice.get(f"/console/tickets/{denied.ticket_id}").text
    assert "was answered from this address" in page
    claim = open_claims(db_session, denied.customer)[0]
    answer = f"/customers/{denied.customer_id}/claims/{claim.id}"
    assert alice.post(answer, {"verdict": verdict}).status_code == 303
    db_session.expire_all()
    writer = find_by_identity(db_session, "email", NEW)
    assert (survivor_of(db_session, denied.customer) is writer) is (verdict == "accept")
    assert list(open_claims(db_session, denied.customer)) == []


def test_mail_that_answers_nothing_of_ours_proves_nothing(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> None:
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    take_in(mailbox, mails.plain("New matter", sender=OWNED, message_id="<2@x>"))
    numbered = f"Re: [#{conversation.ticket_id}]"
    take_in(mailbox, mails.plain("Guessed", sender=OWNED, subject=numbered, message_id="<3@x>"))
    assert len(open_claims(db_session, conversation.customer)) == 1
    assert conversation.customer.merged_into_id is None


def test_forged_sender_is_nobody(db_session: Session, world: World, mailbox: Mailbox) -> None:
    edit_mailbox(db_session, mailbox, mailbox.version, {"trusted_server": "mx.harbour.example"}, actor="x")
    db_session.commit()
    verdict = "mx.harbour.example; dmarc={}".format
    forged = mails.plain(sender=OWNED, message_id="<1@x>", Authentication_Results=verdict("fail"))
    ticket = db_session.get_one(Ticket, take_in(mailbox, forged).ticket_id)
    assert ticket.customer_id != world.wang_li.id
    assert OWNED in ticket.customer.name
    proved = mails.plain(sender=OWNED, message_id="<2@x>", Authentication_Results=verdict("pass"))
    assert db_session.get_one(Ticket, take_in(mailbox, proved).ticket_id).customer_id == world.wang_li.id
    identity = select(Identity.verified).where(Identity.value == OWNED)
    assert db_session.scalar(identity) is True


def test_being_joined_shows_a_visitor_only_his_own_chat(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor
) -> None:
    wangs = Visitor("b" * 32, widget.id, widget.queue_id)
    hers = chat(db_session, wangs, widget, OWNED)
    his = chat(db_session, visitor, widget, OWNED)
    for conversation in (hers, his):
        accept_claim(db_session, open_claims(db_session, conversation.customer)[0], actor="system")
    assert hers.customer.merged_into_id == his.customer.merged_into_id == world.wang_li.id
    assert current_conversation(db_session, visitor) == his
    assert current_conversation(db_session, wangs) == hers


def test_joining_is_undone_exactly(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor
) -> None:
    conversation = chat(db_session, visitor, widget, OWNED)
    joined = conversation.customer
    join_customers(db_session, joined, world.wang_li, actor="system")
    with pytest.raises(Conflict):
        join_customers(db_session, world.wang_li, joined, actor="system")
    assert len(tickets_of_customer(db_session, world.alice, world.wang_li.id)) == 1
    separate_customer(db_session, joined, actor="system")
    assert len(tickets_of_customer(db_session, world.alice, world.wang_li.id)) == 0
    assert len(tickets_of_customer(db_session, world.alice, joined.id)) == 1
    assert find_by_identity(db_session, "visitor", visitor.id) == joined
    with pytest.raises(Conflict):
        separate_customer(db_session, joined, actor="system")
    assert happened(db_session, "customer.separated") == 1


def claimed_by(session: Session, visitor: Visitor, widget: WidgetKey) -> tuple[Customer, str]:
    """Who claims Wang Li's address, and where staff answer that."""
    customer = chat(session, visitor, widget, OWNED).customer
    claim = open_claims(session, customer)[0]
    return customer, f"/customers/{customer.id}/claims/{claim.id}"


def test_alice_sees_the_suggestion_and_joins_and_separates(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, browse: Browse, mailbox: Mailbox
) -> None:
    take_in(mailbox, mails.plain(sender=OWNED))
    customer, answer = claimed_by(db_session, visitor, widget)
    alice = browse(world.alice)
    page = alice.get(f"/customers/{customer.id}").text
    assert "Not verified" in page
    assert "王丽" in page
    assert alice.post(answer, {"verdict": "perhaps"}).status_code == 422
    assert alice.post(answer, {"verdict": "accept"}).location == f"/customers/{world.wang_li.id}"
    assert "My bill is wrong." in alice.get(f"/customers/{world.wang_li.id}").text
    assert alice.post(answer, {"verdict": "accept"}).status_code == 404
    assert alice.post(f"/customers/{customer.id}/separate").status_code == 303
    assert "My bill is wrong." not in alice.get(f"/customers/{world.wang_li.id}").text


def test_alice_settles_it_beside_the_ticket_and_stays_there(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, browse: Browse, mailbox: Mailbox
) -> None:
    take_in(mailbox, mails.plain(sender=OWNED))
    customer, answer = claimed_by(db_session, visitor, widget)
    alice = browse(world.alice)
    ticket_id = db_session.scalars(select(Ticket.id).where(Ticket.customer_id == customer.id)).one()
    place = f"/console/tickets/{ticket_id}"
    page = alice.get(place).text
    assert "Not verified" in page
    assert f'action="{answer}"' in page
    assert alice.post(answer, {"verdict": "refuse", "ticket": ticket_id}).location == place
    assert "Not verified" not in alice.get(place).text


def test_owner_whom_alice_may_not_see_is_neither_named_nor_joined(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, browse: Browse
) -> None:
    customer, answer = claimed_by(db_session, visitor, widget)
    alice = browse(world.alice)
    page = alice.get(f"/customers/{customer.id}").text
    assert "王丽" not in page
    assert "another team" in page
    assert alice.post(answer, {"verdict": "accept"}).status_code == 404
    assert alice.post(answer, {"verdict": "refuse"}).status_code == 303
    assert list(open_claims(db_session, customer)) == []


def test_mallory_settles_nothing(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, browse: Browse
) -> None:
    customer, answer = claimed_by(db_session, visitor, widget)
    for path in (answer, f"/customers/{customer.id}/separate"):
        assert browse(world.mallory).post(path, {"verdict": "accept"}).status_code == 404


def test_claiming_ones_own_address_is_no_claim(db_session: Session, world: World) -> None:
    claim_email(db_session, world.wang_li, OWNED)
    assert list(open_claims(db_session, world.wang_li)) == []


def test_second_proved_address_of_somebody_joined_joins_its_owner_too(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> None:
    take_in(mailbox, mails.plain(sender=NEW, message_id="<1@x>"))
    maria = find_by_identity(db_session, "email", NEW)
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    joined = conversation.customer
    claim_email(db_session, joined, NEW)
    for claim in list(open_claims(db_session, joined)):
        accept_claim(db_session, claim, actor="system")
    assert maria is not None
    assert (
        survivor_of(db_session, maria)
        is survivor_of(db_session, joined)
        is survivor_of(db_session, world.wang_li)
    )


def test_claim_of_an_address_that_the_same_person_has_is_settled(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor
) -> None:
    joined = chat(db_session, visitor, widget, OWNED).customer
    join_customers(db_session, joined, world.wang_li, actor="system")
    claim = open_claims(db_session, joined)[0]
    assert accept_claim(db_session, claim, actor="system") is world.wang_li
    assert list(open_claims(db_session, joined)) == []


def test_letter_with_his_own_link_reaches_a_customer_who_was_joined(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> None:
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    accept_claim(db_session, open_claims(db_session, conversation.customer)[0], actor="system")
    assert email_of(db_session, conversation.customer) == OWNED


def test_address_of_somebody_joined_is_the_persons_already(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor
) -> None:
    joined = chat(db_session, visitor, widget, NEW).customer
    accept_claim(db_session, open_claims(db_session, joined)[0], actor="system")
    join_customers(db_session, joined, world.wang_li, actor="system")
    for person in (world.wang_li, joined):
        assert add_identity(db_session, person, "email", NEW, actor="system").customer_id == joined.id


def test_nothing_is_sent_to_an_address_that_staff_refused(
    db_session: Session, world: World, widget: WidgetKey, visitor: Visitor, mailbox: Mailbox
) -> None:
    conversation = left_message(db_session, world, visitor, widget, OWNED)
    assert recipients_of(db_session, conversation) == [OWNED]
    refuse_claim(db_session, open_claims(db_session, conversation.customer)[0], actor="system")
    assert recipients_of(db_session, conversation) == []

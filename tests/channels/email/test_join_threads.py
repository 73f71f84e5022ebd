"""Replies join their ticket; strangers never do."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.mailboxes import edit_mailbox
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.own import reply_address
from contactcenter.core import clock
from contactcenter.tickets import service as tickets
from contactcenter.tickets.models import Ticket
from tests.channels.email import mails
from tests.world import World

TakeIn = Callable[[bytes], Outcome]
STRANGER = "Mallory <mallory@example.net>"


@pytest.fixture
def first(take_in: TakeIn) -> Outcome:
    """Wang Li's mail, with a colleague in copy."""
    return take_in(mails.plain(cc="Chen <chen@example.cn>"))


def test_an_answer_joins_by_the_id_it_names(first: Outcome, take_in: TakeIn) -> None:
    reply = take_in(
        mails.plain("more", message_id="<2@x>", in_reply_to="<one@example.cn>", subject="something else")
    )
    assert (reply.ticket_id, reply.created) == (first.ticket_id, False)


def test_a_colleague_in_copy_takes_part(first: Outcome, take_in: TakeIn) -> None:
    reply = take_in(
        mails.plain(
            "me too", sender="chen@example.cn", message_id="<2@x>", references="<zero@x> <one@example.cn>"
        )
    )
    assert reply.ticket_id == first.ticket_id


def test_a_stranger_with_the_right_id_opens_a_linked_ticket(
    first: Outcome, take_in: TakeIn, db_session: Session
) -> None:
    forwarded = take_in(
        mails.plain("what is this?", sender=STRANGER, message_id="<2@x>", in_reply_to="<one@example.cn>")
    )
    assert forwarded.created
    assert db_session.get_one(Ticket, forwarded.ticket_id).related_id == first.ticket_id


def test_our_plus_address_joins_even_without_ids(first: Outcome, take_in: TakeIn, mailbox: Mailbox) -> None:
    assert first.ticket_id is not None
    to = reply_address(mailbox, first.ticket_id).upper()
    reply = take_in(mails.plain("again", to=to, message_id="<2@x>", subject="x"))
    assert reply.ticket_id == first.ticket_id


def test_a_stranger_with_our_plus_address_and_a_forged_one_stay_outside(
    first: Outcome, take_in: TakeIn, mailbox: Mailbox, db_session: Session
) -> None:
    assert first.ticket_id is not None
    to = reply_address(mailbox, first.ticket_id)
    stranger = take_in(mails.plain("hm", to=to, sender=STRANGER, message_id="<2@x>"))
    assert db_session.get_one(Ticket, stranger.ticket_id).related_id == first.ticket_id
    forged = to.replace("-", "-0", 1)[:-1]
    assert take_in(mails.plain("hm", to=forged, message_id="<3@x>", subject="x")).created


def test_the_number_in_the_subject_counts_only_for_those_who_take_part(
    first: Outcome, take_in: TakeIn
) -> None:
    subject = f"Re: Leaking kettle [#{first.ticket_id}]"
    assert take_in(mails.plain("a", subject=subject, message_id="<2@x>")).ticket_id == first.ticket_id
    assert take_in(mails.plain("b", subject=subject, message_id="<3@x>", sender=STRANGER)).created


def test_the_same_subject_alone_joins_nothing(first: Outcome, take_in: TakeIn) -> None:
    assert take_in(mails.plain("another", subject="Re: Leaking kettle", message_id="<2@x>")).created


def test_staff_take_part_everywhere(first: Outcome, take_in: TakeIn, world: World) -> None:
    reply = take_in(
        mails.plain("from home", sender=world.alice.email, message_id="<2@x>", in_reply_to="<one@example.cn>")
    )
    assert reply.ticket_id == first.ticket_id


def test_a_sender_our_server_found_forged_counts_as_a_stranger(
    first: Outcome, take_in: TakeIn, mailbox: Mailbox, db_session: Session
) -> None:
    def reply(n: int, results: str) -> Outcome:
        return take_in(
            mails.plain(
                "x", message_id=f"<{n}@x>", in_reply_to="<one@example.cn>", Authentication_Results=results
            )
        )

    edit_mailbox(
        db_session, mailbox, mailbox.version, {"trusted_server": "mx.harbour.example"}, actor="system"
    )
    db_session.commit()
    assert reply(2, "mx.harbour.example; dmarc=fail").created
    assert reply(3, "mx.harbour.example; dmarc=pass").ticket_id == first.ticket_id
    assert reply(4, "mx.evil.example; dmarc=fail").ticket_id == first.ticket_id


def test_mails_of_one_thread_share_a_ticket_in_whatever_order_they_come(take_in: TakeIn) -> None:
    for run, order in enumerate(permutations(range(3))):
        a, b, c = (f"<{name}{run}@x>" for name in "abc")
        thread = [
            mails.plain("root", message_id=a, sender="ann@example.org", cc="ben@example.org"),
            mails.plain(
                "child",
                message_id=b,
                sender="ben@example.org",
                cc="ann@example.org",
                in_reply_to=a,
                references=a,
            ),
            mails.plain(
                "grandchild", message_id=c, sender="ann@example.org", in_reply_to=b, references=f"{a} {b}"
            ),
        ]
        assert len({take_in(thread[place]).ticket_id for place in order}) == 1, order


def test_strangers_who_answer_the_same_unseen_mail_stay_apart(take_in: TakeIn) -> None:
    one = take_in(mails.plain("a", message_id="<2@x>", in_reply_to="<unseen@x>"))
    same_sender = take_in(mails.plain("b", message_id="<3@x>", in_reply_to="<unseen@x>"))
    other = take_in(mails.plain("c", message_id="<4@x>", in_reply_to="<unseen@x>", sender=STRANGER))
    assert same_sender.ticket_id == one.ticket_id
    assert other.created


def test_a_reply_reopens_a_ticket_closed_lately_and_links_to_one_closed_long_ago(
    first: Outcome, take_in: TakeIn, db_session: Session
) -> None:
    ticket = db_session.get_one(Ticket, first.ticket_id)
    for status in ("solved", "closed"):
        tickets.set_status(db_session, ticket, status, actor="system")
    db_session.commit()
    with clock.frozen(clock.now() + timedelta(days=29)):
        soon = take_in(mails.plain("still", message_id="<2@x>", in_reply_to="<one@example.cn>"))
    db_session.expire_all()
    assert soon.ticket_id == first.ticket_id
    assert db_session.get_one(Ticket, first.ticket_id).status == "open"
    for status in ("solved", "closed"):
        tickets.set_status(db_session, ticket, status, actor="system")
    db_session.commit()
    with clock.frozen(clock.now() + timedelta(days=61)):
        late = take_in(mails.plain("years later", message_id="<3@x>", in_reply_to="<one@example.cn>"))
    assert late.created
    assert db_session.get_one(Ticket, late.ticket_id).related_id == first.ticket_id

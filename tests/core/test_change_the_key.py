"""While an older key is listed, what it signed and sealed is good; brought under the new one, it is good without it."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.channels.chat.visitors import file_of_token, file_token
from contactcenter.channels.email.mailboxes import edit_mailbox, secret_of
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.own import reply_address, ticket_of_token
from contactcenter.channels.email.parse import parse
from contactcenter.cli.doctor_services import key_findings
from contactcenter.cli.secrets import recount_all, reseal_all
from contactcenter.complaints.likeness import count_words
from contactcenter.complaints.meaning import direction_of, sealed
from contactcenter.complaints.sources import create_source, source_of_signature
from contactcenter.complaints.vault import load_events
from contactcenter.compose import metadata
from contactcenter.conversations.models import Message
from contactcenter.conversations.personal_link import kept_beside, text_for_customer, without_key
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.idempotency import do_once
from contactcenter.core.resealing import CURRENT, LOST, OLDER, count_keys, sealed_places
from contactcenter.core.security import commit_to
from contactcenter.edge.visitors import issue_token, visitor_of
from contactcenter.factory import create_app
from tests.browser import Browser
from tests.channels.email.conftest import make_mailbox
from tests.complaints.staff import MONDAY, admitted
from tests.world import World

OLD, NEW = "old-key-" * 5, "new-key-" * 5
Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """`use(NEW, OLD)`: from now on NEW signs and seals, and OLD is still read."""

    def these(key: str, *older: str) -> None:
        monkeypatch.setenv("SECRET_KEY", key)
        monkeypatch.setenv("SECRET_KEY_OLD", ",".join(older))
        get_settings.cache_clear()

    these(OLD)
    return these


@pytest.fixture
def mailbox(db_session: Session, world: World) -> Mailbox:
    return make_mailbox(db_session, world)


def test_what_was_signed_with_an_older_key_is_good_while_it_is_listed(
    db_session: Session, mailbox: Mailbox, use: Use
) -> None:
    visitor, file = issue_token(1, 2), file_token(3, 4)
    mail = parse(f"To: {reply_address(mailbox, 12)}\n\nHello".encode())
    for older, good in (((OLD,), True), ((), False)):
        use(NEW, *older)
        assert (visitor_of(visitor) is not None) == good
        assert (file_of_token(file) == (3, 4)) == good
        assert (ticket_of_token(mail) == 12) == good
    use(NEW, "another", OLD)
    assert visitor_of(issue_token(1, 2, visitor_of(visitor))) is not None


def test_a_form_that_was_open_while_the_key_changed_can_be_sent(
    engine: Engine, world: World, use: Use
) -> None:
    alice = Browser(create_app(get_settings(), engine=engine), world.alice)
    token = alice.form_token()
    for older, refused in (((OLD,), False), ((), True)):
        use(NEW, *older)
        after = create_app(get_settings(), engine=engine).test_client()
        after._cookies = alice.client._cookies  # the same browser, another process
        headers = {"X-CSRFToken": token, "Origin": "http://localhost"}
        answer = after.post("/account", data={"name": "Alice"}, headers=headers)
        assert (answer.status_code == 403) == refused


def test_what_is_sealed_is_brought_under_the_new_key_and_read_without_the_old_one(
    db_session: Session, world: World, mailbox: Mailbox, use: Use
) -> None:
    desk = admitted(db_session, world)
    case, message = desk.case, db_session.scalars(select(Message)).first()
    assert message is not None
    link = "https://care.example/complaint/" + "k" * 43
    message.body, message.meta = without_key(link), {"form": "kept", **kept_beside(link)}
    edit_mailbox(db_session, mailbox, 1, {"imap_secret": "geheim", "smtp_secret": ""}, actor="system")
    stripe = create_source(db_session, "stripe", actor="system")
    do_once(db_session, "api", "k1", b"asked", lambda: "answer")
    case.fact_vector = sealed(b"\x01\x02")
    events, words = load_events(db_session, case), dict(case.fact_words)
    db_session.commit()

    use(NEW, OLD)
    assert count_keys(db_session, metadata) == {OLDER: 6}
    assert sum(reseal_all(place)[OLDER] for place in sealed_places(metadata)) == 6
    assert recount_all() == 1
    use(NEW)
    db_session.expire_all()
    assert count_keys(db_session, metadata) == {CURRENT: 6}
    assert load_events(db_session, case) == events
    assert case.fact_words == count_words(["rude on the phone"]) != words
    assert direction_of(case.fact_vector) is not None
    assert text_for_customer(message) == link
    assert message.meta["form"] == "kept"
    assert secret_of(mailbox.imap_secret) == "geheim"
    with clock.frozen(MONDAY):
        signed = f"t={int(MONDAY.timestamp())},v1={commit_to(stripe.secret.encode(), f'{int(MONDAY.timestamp())}.x')}"
        assert source_of_signature(db_session, "stripe", signed, b"x").name == "stripe"
    assert do_once(db_session, "api", "k1", b"asked", lambda: "another").answer == "answer"
    assert recount_all() == 0


def test_what_no_key_opens_is_left_as_it_is_and_counted(
    db_session: Session, mailbox: Mailbox, use: Use
) -> None:
    edit_mailbox(db_session, mailbox, 1, {"imap_secret": "geheim"}, actor="system")
    db_session.commit()
    use(NEW)
    before = mailbox.imap_secret
    assert sum((reseal_all(place) for place in sealed_places(metadata)), Counter()) == {LOST: 1}
    db_session.expire_all()
    assert mailbox.imap_secret == before
    assert {one.code for one in key_findings({OLDER: 0, LOST: 1}, has_older=True)} == {"I031", "W032"}

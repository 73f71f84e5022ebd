"""Letters that leave by mail: they say that no person wrote them, go to the customer alone, and their link stays hers."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.models import Mailbox, RawMessage
from contactcenter.channels.email.outgoing import SEND
from contactcenter.complaints.links import case_behind
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.post import SEND_LINK, renew_link
from contactcenter.complaints.record import SEND_LETTER
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Message
from contactcenter.conversations.service import latest_conversation, reply
from contactcenter.core import clock, outbox
from contactcenter.core.outbox import OutboxRow
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.channels.email import mails
from tests.channels.email.conftest import Sink, mailbox, sending, sink, smtp_server, take_in
from tests.world import World

__all__ = ["mailbox", "sending", "sink", "smtp_server", "take_in"]
TakeIn = Callable[[bytes], Outcome]
LINK = re.compile(r"/complaint/([\w-]{40,})")


@pytest.fixture
def case(db_session: Session, world: World, sending: Mailbox, take_in: TakeIn) -> ComplaintCase:
    """Wang Li's mail, opened as a complaint; its letters have left."""
    mail = mails.plain("My refund never came.", sender="王丽 <wang.li@example.cn>")
    ticket = db_session.get_one(Ticket, take_in(mail).ticket_id)
    case = open_case(db_session, ticket, actor="system", text="My refund never came.", channel="email")
    work(db_session)
    return case


def work(session: Session) -> None:
    """What the workers do within a minute."""
    for task in (SEND_LETTER, SEND_LINK, SEND):
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            due = select(OutboxRow.id).where(OutboxRow.task == task, OutboxRow.done_at.is_(None))
            for row_id in session.scalars(due).all():
                outbox.perform(session, row_id)
            session.flush()
    session.commit()


def said(mail: EmailMessage) -> str:
    """The words of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_receipt_and_confirmation_leave_however_it_was_opened(
    db_session: Session, case: ComplaintCase, sink: Sink
) -> None:
    kinds = db_session.scalars(select(ComplaintLetter.kind).order_by(ComplaintLetter.id)).all()
    assert kinds == ["receipt", "acknowledgement"]
    assert len(sink.mails) == 2
    assert all(case.reference in said(mail) for mail in sink.mails)


def test_letters_say_that_no_person_wrote_them_and_answers_do_not(
    db_session: Session, world: World, case: ComplaintCase, sink: Sink, take_in: TakeIn
) -> None:
    assert {mail["Auto-Submitted"] for mail in sink.mails} == {"auto-generated"}
    assert {mail["X-Auto-Response-Suppress"] for mail in sink.mails} == {"All"}
    reply(db_session, world.alice, latest_conversation(db_session, case.ticket_id), "We look into it.")
    work(db_session)
    assert sink.mails[-1]["Auto-Submitted"] is None
    robot = mails.plain(
        "I am away.", sender="wang.li@example.cn", Auto_Submitted="auto-replied", message_id="<9@x>"
    )
    before = len(sink.mails)
    take_in(robot)
    work(db_session)
    assert len(sink.mails) == before, "a robot's answer is heard and not answered"


def test_link_leaves_to_the_customer_alone(
    db_session: Session, case: ComplaintCase, sink: Sink, take_in: TakeIn
) -> None:
    meddling = mails.plain(
        "Me too",
        sender="wang.li@example.cn",
        reply_to="mallory@example.com",
        message_id="<two@example.cn>",
        references=sink.mails[0]["Message-ID"],
    )
    assert take_in(meddling).ticket_id == case.ticket_id
    renew_link(db_session, case, actor="system")
    work(db_session)
    assert LINK.search(said(sink.mails[-1])) is not None
    assert sink.recipients[-1] == ["wang.li@example.cn"]


def test_quoted_link_is_harmless_everywhere_but_in_the_raw_mail(
    app: object,
    db_session: Session,
    world: World,
    case: ComplaintCase,
    sink: Sink,
    take_in: TakeIn,
    browse: Callable[[User | None], Browser],
) -> None:
    found = LINK.search(said(sink.mails[1]))
    assert found is not None
    token = found[1]
    text = f"Here is a photo: http://localhost/complaint/{token}\n\nOn Monday we wrote:\n> see http://localhost/complaint/{token}"
    html = f'<p>Here</p><blockquote><a href="http://localhost/complaint/{token}">page</a></blockquote>'
    thread = sink.mails[1]["Message-ID"]
    written = (
        mails.plain(text, references=thread, message_id="<two@example.cn>"),
        mails.with_html(text, html, references=thread, Message_ID="<three@example.cn>"),
    )
    for mail in written:
        assert take_in(mail).ticket_id == case.ticket_id
    db_session.commit()
    stored = db_session.scalars(select(Message).where(Message.ticket_id == case.ticket_id)).all()
    assert not [one for one in stored if token in f"{one.body} {one.html} {one.quoted}"]
    page = browse(world.alice).get(f"/console/tickets/{case.ticket_id}").text
    assert (token in page, "/complaint/…" in page) == (False, True)
    kept = db_session.scalars(select(RawMessage.content).order_by(RawMessage.id)).all()
    assert token.encode() in kept[-1].replace(b"=\r\n", b"").replace(b"=\n", b"")
    assert case_behind(db_session, token) is case, "it still opens her page"

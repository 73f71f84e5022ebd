"""Replies leave once, threaded, through a real SMTP server; failures show and are tried again."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.outgoing import SEND, TRY_AGAIN_S, UNDO_S
from contactcenter.channels.email.parse import parse
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import File, channel_of
from contactcenter.conversations.service import latest_conversation, open_conversation, reply, set_delivery
from contactcenter.core import clock, outbox
from contactcenter.core.outbox import OutboxRow
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import open_ticket
from tests.channels.email import mails
from tests.channels.email.conftest import Sink
from tests.world import World

TakeIn = Callable[[bytes], Outcome]
Answer = Callable[..., Message]


@pytest.fixture
def first(take_in: TakeIn, sending: Mailbox) -> Outcome:
    return take_in(
        mails.plain(
            "The kettle leaks.\nWhat now?", references="<zero@example.cn>", reply_to="li@home.example"
        )
    )


@pytest.fixture
def answer(first: Outcome, db_session: Session, world: World) -> Answer:
    """Alice answers; the outbox does what is due a minute later."""

    def write(
        body: str = "We send a new one.", *, files: tuple[File, ...] = (), work: bool = True
    ) -> Message:
        assert first.ticket_id is not None
        conversation = latest_conversation(db_session, first.ticket_id)
        received = reply(db_session, world.alice, conversation, body, files=files)
        db_session.commit()
        if work:
            _work(db_session, after_s=60)
        return db_session.get_one(Message, received.message_id)

    return write


def _work(session: Session, *, after_s: float) -> None:
    """Do the sending jobs that are due then."""
    with clock.frozen(clock.now() + timedelta(seconds=after_s)):
        due = select(OutboxRow.id).where(
            OutboxRow.task == SEND, OutboxRow.done_at.is_(None), OutboxRow.not_before <= clock.now()
        )
        for row_id in session.scalars(due).all():
            outbox.perform(session, row_id)
    session.commit()


def _plain_part(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_reply_is_a_threaded_mail_with_both_texts(answer: Answer, first: Outcome, sink: Sink) -> None:
    message = answer("Wir schicken einen neuen.\n新的水壶。")
    assert message.delivery == "sent"
    assert sink.recipients == [["li@home.example"]]
    mail = sink.mails[0]
    assert mail["From"] == "Harbour Electric <help@harbour.example>"
    assert mail["Subject"] == f"Re: Leaking kettle [#{first.ticket_id}]"
    assert mail["In-Reply-To"] == "<one@example.cn>"
    assert mail["References"] == "<zero@example.cn> <one@example.cn>"
    assert f"help+t{first.ticket_id}-" in mail["Reply-To"]
    text = _plain_part(mail)
    assert text.startswith("Wir schicken einen neuen.\n新的水壶。")
    assert "> The kettle leaks.\n> What now?" in text
    html = mail.get_body(("html",))
    assert html is not None
    assert "<blockquote" in html.get_content()


def test_what_we_send_is_read_back_as_a_reply(answer: Answer, sink: Sink) -> None:
    answer("We send a new one.")
    assert parse(sink.mails[0].as_bytes()).reply_text == "We send a new one."


def test_the_answer_to_our_answer_joins_by_our_message_id(
    answer: Answer, first: Outcome, sink: Sink, take_in: TakeIn
) -> None:
    answer()
    ours = sink.mails[0]["Message-ID"]
    back = take_in(
        mails.plain("Thanks", sender="li@home.example", message_id="<9@x>", in_reply_to=ours, subject="x")
    )
    assert back.ticket_id == first.ticket_id


def test_files_leave_with_the_reply(answer: Answer, sink: Sink) -> None:
    answer(files=(File("收据.pdf", b"%PDF-1.7 receipt"),))
    attachment = next(sink.mails[0].iter_attachments())
    assert (attachment.get_filename(), attachment.get_content()) == ("收据.pdf", b"%PDF-1.7 receipt")


def test_nothing_leaves_while_it_can_be_taken_back(answer: Answer, sink: Sink, db_session: Session) -> None:
    message = answer(work=False)
    _work(db_session, after_s=UNDO_S - 1)
    assert message.delivery == "queued"
    set_delivery(db_session, message.id, "taken_back")
    _work(db_session, after_s=60)
    assert sink.mails == []


def test_a_passing_failure_is_shown_and_tried_again_under_the_same_id(
    answer: Answer, sink: Sink, db_session: Session
) -> None:
    sink.answers += ["451 come back later"]
    message = answer()
    assert message.delivery == "queued"
    assert message.failure is not None
    assert message.failure.startswith("The mail server says: 451 come back later")
    _work(db_session, after_s=60 + TRY_AGAIN_S[0] + 5)
    assert message.delivery == "sent"
    assert not message.failure
    assert len(sink.mails) == 1


def test_a_lasting_failure_is_shown_and_sending_again_really_sends(
    answer: Answer, sink: Sink, db_session: Session
) -> None:
    sink.answers += ["550 no such user"]
    message = answer()
    assert (message.delivery, message.failure) == ("failed", "The mail server says: 550 no such user")
    set_delivery(db_session, message.id, "queued")
    conversation = db_session.get_one(Conversation, message.conversation_id)
    channel_of("email").send(db_session, conversation, message)
    db_session.commit()
    _work(db_session, after_s=1)
    assert message.delivery == "sent"
    assert len(sink.mails) == 1


def test_a_job_done_twice_sends_once(answer: Answer, sink: Sink, db_session: Session) -> None:
    message = answer()
    row = db_session.scalars(select(OutboxRow).where(OutboxRow.task == SEND)).one()
    row.done_at = None
    _work(db_session, after_s=60)
    assert message.delivery == "sent"
    assert len(sink.mails) == 1


def test_a_worker_killed_after_the_servers_yes_sends_again_under_the_same_id(
    answer: Answer, sink: Sink, db_session: Session
) -> None:
    message = answer()
    message.delivery = "queued"  # what the database says if the commit after the server's answer never came
    db_session.scalars(select(OutboxRow).where(OutboxRow.task == SEND)).one().done_at = None
    _work(db_session, after_s=60)
    assert len(sink.mails) == 2
    assert len({mail["Message-ID"] for mail in sink.mails}) == 1


def test_a_server_that_is_away_is_a_passing_failure(
    answer: Answer, sending: Mailbox, db_session: Session
) -> None:
    sending.smtp_port = 1
    db_session.commit()
    message = answer()
    assert message.delivery == "queued"
    assert message.failure is not None
    assert message.failure.startswith("The mail server cannot be reached.")


def test_without_a_mailbox_that_sends_the_reply_says_so(
    answer: Answer, sending: Mailbox, db_session: Session
) -> None:
    sending.smtp_host = ""
    db_session.commit()
    message = answer()
    assert message.delivery == "failed"
    assert message.failure == "No mailbox of this brand can send mail. Set one up and send again."


def test_a_bounce_marks_its_message_and_opens_no_ticket(
    answer: Answer, sink: Sink, first: Outcome, take_in: TakeIn, db_session: Session
) -> None:
    message = answer()
    bounce = take_in(mails.BOUNCE % sink.mails[0]["Message-ID"].strip("<>").encode())
    db_session.refresh(message)
    assert (message.delivery, message.failure) == (
        "failed",
        "gone@example.cn: 550 5.1.1 mailbox does not exist",
    )
    assert (bounce.created, bounce.ticket_id, bounce.mail.is_robot) == (False, first.ticket_id, True)


def test_automatic_answers_and_our_own_mail_open_no_ticket(
    answer: Answer, sink: Sink, first: Outcome, take_in: TakeIn, db_session: Session
) -> None:
    answer()
    away = take_in(
        mails.plain(
            "I am away",
            subject="Automatic reply: x",
            message_id="<8@x>",
            in_reply_to=sink.mails[0]["Message-ID"],
        )
    )
    assert (away.created, away.ticket_id) == (False, first.ticket_id)
    assert take_in(sink.mails[0].as_bytes()).created is False
    assert take_in(mails.plain("x", message_id="<7@x>", Auto_Submitted="auto-generated")).ticket_id is None
    assert db_session.scalars(select(Ticket.id)).all() == [first.ticket_id]


def test_a_first_mail_answers_nothing_not_even_one_that_was_taken_back(
    sending: Mailbox, db_session: Session, world: World, sink: Sink
) -> None:
    ticket = open_ticket(db_session, world.wang_li, world.support, "Your line", actor=world.alice.actor)
    conversation = open_conversation(db_session, ticket, "email", actor=world.alice.actor, agent=world.alice)
    mistake = reply(db_session, world.alice, conversation, "We fixd it.")
    set_delivery(db_session, mistake.message_id, "taken_back")
    for body in ("We fixed it.", "Does it work?"):
        reply(db_session, world.alice, conversation, body)
        db_session.commit()
        _work(db_session, after_s=60)
    first, second = sink.mails
    assert (first["Subject"], first["In-Reply-To"]) == (f"Your line [#{ticket.id}]", None)
    assert (second["Subject"], second["In-Reply-To"]) == (
        f"Re: Your line [#{ticket.id}]",
        first["Message-ID"],
    )

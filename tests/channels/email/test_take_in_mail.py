"""A mail becomes a message: stored first, once, never lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.channels.email import intake
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.models import Mailbox, RawMessage
from contactcenter.conversations.models import Attachment, Message
from contactcenter.core.storage import file_path
from contactcenter.tickets.models import Ticket
from tests.channels.email import mails
from tests.world import World

TakeIn = Callable[[bytes], Outcome]


def _message(session: Session, outcome: Outcome) -> Message:
    return session.scalars(
        select(Message).where(Message.ticket_id == outcome.ticket_id).order_by(Message.rev.desc())
    ).first()  # type: ignore[return-value]  # the tests know it is there


def test_a_mail_opens_a_ticket_of_its_mailboxs_queue(
    take_in: TakeIn, db_session: Session, world: World
) -> None:
    outcome = take_in(mails.plain())
    assert outcome.created
    ticket = db_session.get_one(Ticket, outcome.ticket_id)
    assert (ticket.subject, ticket.queue_id, ticket.customer_id) == (
        "Leaking kettle",
        world.support.id,
        world.wang_li.id,
    )
    message = _message(db_session, outcome)
    assert message.body == "The kettle I bought on Monday leaks."
    assert message.meta["from"] == {"address": "wang.li@example.cn", "name": "Wang Li"}


def test_the_reply_is_shown_and_the_whole_text_kept(take_in: TakeIn, db_session: Session) -> None:
    whole = "Thanks!\n\nOn 15 Jan 2024 Bob wrote:\n> Hi"
    message = _message(db_session, take_in(mails.plain(whole)))
    assert (message.body, message.quoted) == ("Thanks!", whole)


def test_files_are_kept_byte_for_byte(take_in: TakeIn, db_session: Session) -> None:
    content = bytes(range(256)) * 9
    outcome = take_in(mails.with_files(("发票.pdf", content, "application/pdf")))
    kept = db_session.scalars(select(Attachment).where(Attachment.ticket_id == outcome.ticket_id)).one()
    assert kept.filename == "发票.pdf"
    assert file_path(kept.sha256).read_bytes() == content


def test_the_same_mail_twice_is_one_message(take_in: TakeIn, db_session: Session) -> None:
    first, again = take_in(mails.plain()), take_in(mails.plain())
    assert (again.duplicate, again.created, again.ticket_id) == (True, False, first.ticket_id)
    assert db_session.scalar(select(func.count()).select_from(Message)) == 1


def test_two_equal_mails_without_message_id_are_two(take_in: TakeIn) -> None:
    first, second = take_in(mails.plain(message_id=None)), take_in(mails.plain(message_id=None))
    assert second.created
    assert first.ticket_id != second.ticket_id


def test_a_message_id_used_again_for_other_words_is_a_new_mail(take_in: TakeIn) -> None:
    take_in(mails.plain("one"))
    second = take_in(mails.plain("two"))
    assert (second.duplicate, second.created) == (False, True)


def test_processing_again_after_a_kill_changes_nothing(mailbox: Mailbox, db_session: Session) -> None:
    raw_id = intake.store(mails.plain(), mailbox_id=mailbox.id)
    assert raw_id is not None
    first, again = intake.work_on(raw_id), intake.work_on(raw_id)
    assert first.ticket_id == again.ticket_id
    assert db_session.scalar(select(func.count()).select_from(Message)) == 1


def test_what_was_stored_and_not_processed_is_found_again(mailbox: Mailbox, db_session: Session) -> None:
    intake.store(mails.plain(), mailbox_id=mailbox.id)
    assert intake.work_on_waiting() == 1
    assert intake.work_on_waiting() == 0
    assert db_session.scalar(select(func.count()).select_from(Ticket)) == 1


@pytest.mark.parametrize("raw", [b"", b"no headers here", b"\x00\xff\xfe\x00"])
def test_an_unreadable_mail_is_a_ticket_people_see(raw: bytes, take_in: TakeIn, db_session: Session) -> None:
    outcome = take_in(raw)
    ticket = db_session.get_one(Ticket, outcome.ticket_id)
    assert ticket.subject == "Unreadable message from an unknown sender"
    assert outcome.mail.error
    kept = db_session.scalars(select(Attachment).where(Attachment.ticket_id == ticket.id)).one()
    assert kept.filename.endswith(".eml")
    assert file_path(kept.sha256).read_bytes() == raw


def test_a_fault_of_ours_hides_no_mail(
    mailbox: Mailbox, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw_id = intake.store(mails.plain(), mailbox_id=mailbox.id)
    assert raw_id is not None

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("contactcenter.channels.email.ingest.find_place", broken)
        outcome = intake.work_on(raw_id)
    ticket = db_session.get_one(Ticket, outcome.ticket_id)
    assert ticket.subject == "Unreadable message from wang.li@example.cn"
    assert db_session.get_one(RawMessage, raw_id).error == "It could not be processed (RuntimeError)."


@pytest.mark.parametrize("sender", ["", '"x" <>', "MAILER (someone)", f"{'x' * 80}@example.org"])
def test_a_mail_without_a_usable_sender_is_kept(sender: str, take_in: TakeIn, db_session: Session) -> None:
    outcome = take_in(mails.raw(f"From: {sender}\nTo: help@harbour.example\nSubject: Who?", "Guess."))
    assert outcome.created
    assert _message(db_session, outcome).body == "Guess."


def test_an_address_with_an_apostrophe_is_an_address(take_in: TakeIn, db_session: Session) -> None:
    outcome = take_in(mails.plain(sender="Pat O'Brien <pat.o'brien@example.ie>"))
    ticket = db_session.get_one(Ticket, outcome.ticket_id)
    assert [(one.kind, one.value) for one in ticket.customer.identities] == [
        ("email", "pat.o'brien@example.ie")
    ]


def test_an_empty_mail_and_a_huge_one_are_kept(take_in: TakeIn, db_session: Session) -> None:
    assert _message(db_session, take_in(mails.plain("", subject="", message_id=None))).body == "(no text)"
    huge = take_in(mails.plain("many words " * 30_000, message_id=None))
    assert len(_message(db_session, huge).body) <= 200_000
    names = db_session.scalars(
        select(Attachment.filename).where(Attachment.ticket_id == huge.ticket_id)
    ).all()
    assert names == ["message.txt"]


def test_mail_finds_a_queue_even_where_nothing_is_set_up(db_session: Session) -> None:
    raw_id = intake.store(mails.plain())
    assert raw_id is not None
    outcome = intake.work_on(raw_id)
    assert db_session.get_one(Ticket, outcome.ticket_id).queue.name == "Mail"

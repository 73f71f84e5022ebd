"""Customers who come while somebody looks: they chat, answer what they are told, mail, and complain.

They are played in this process through the services behind the widget's socket and the mailbox's reader
(channels.chat.service, channels.email.intake), with pushes going through Redis: consoles move exactly as for a visitor,
only the network in front of those services is left out. All state is in the database: whose turn it is in a chat
follows from its messages, so this may be stopped and started at any time.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.channels.chat import service as chat
from contactcenter.channels.email import intake
from contactcenter.channels.email.mailboxes import edit_mailbox
from contactcenter.channels.email.models import Mailbox
from contactcenter.cli.demo_data import MAIL_ADDRESS, MAIL_PORT
from contactcenter.cli.demo_mail import mail_server
from contactcenter.cli.demo_script import IMPATIENT, THANKS, VISITS, Visit
from contactcenter.conversations import signals
from contactcenter.conversations.models import OVER, Author, Conversation, Message, State
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.ids import readable_code
from contactcenter.core.logs import get_logger
from contactcenter.edge.visitors import Visitor

log = get_logger(__name__)
Say = Callable[[str], None]
PAUSE_S = (8.0, 15.0)
"""Between two things that happen of themselves."""

TYPING_S = 3.0
CHATS_N, MAILS_N = 2, 4
"""So many wait at most: a newcomer is to be busy, not buried."""

IMPATIENT_AFTER = timedelta(seconds=50)
_MARK = "demo-"
_THANKS_MARK = f"{_MARK}thanks-"


def stay(stop: threading.Event, state_dir: Path, *, until: datetime) -> None:
    """`play` until `until`, then only answer those who answer, and take their mail, until `stop`."""
    arrived: SimpleQueue[bytes] = SimpleQueue()
    wished = _sending_port()
    with mail_server(state_dir / "demo-mail", wished, arrived.put) as port:
        if port != wished:
            _send_through(port)
        play(stop, until=until, arrived=arrived, stays=True)


def play(
    stop: threading.Event,
    *,
    until: datetime,
    say: Say = lambda _: None,
    arrived: SimpleQueue[bytes] | None = None,
    stays: bool = False,
) -> None:
    """Something happens every PAUSE_S until `until` or `stop`; whoever was answered answers within TYPING_S.

    `arrived` are our own mails as the demo's customers get them; with `stays` answering goes on after `until`.
    """
    chance = random.Random()  # noqa: S311  when somebody rings a bell is no secret
    coming = itertools.cycle(VISITS)
    next_at = clock.now()
    while not stop.is_set() and (stays or clock.now() < until):
        try:
            for line in itertools.chain(answer_agents(stop), answer_mails(arrived)):
                say(line)
            if next_at <= clock.now() < until:
                say(let_something_happen(coming))
                next_at = clock.after(chance.uniform(*PAUSE_S))
        except OperationalError as error:
            log.warning("database_away", reason=type(error.orig).__name__)
        stop.wait(1)


def let_something_happen(coming: Iterator[Visit]) -> str:
    """The next visit begins, or, where enough wait, one who waits grows impatient; says what happened."""
    with unit_of_work() as session:
        waiting_n = {
            "chat": count_waiting(session, "chat"),
            "email": count_waiting(session, "email"),
        }
    limits = {"chat": CHATS_N, "email": MAILS_N}
    for visit in itertools.islice(coming, len(VISITS)):
        if waiting_n[visit.channel] < limits[visit.channel]:
            return begin_chat(visit) if visit.channel == "chat" else write_mail(visit)
    return _grow_impatient()


def count_waiting(session: Session, channel: str) -> int:
    """How many conversations wait for an agent."""
    waiting = select(func.count()).where(
        Conversation.channel == channel, Conversation.state.in_((State.WAITING, State.OFFERED))
    )
    return session.scalar(waiting) or 0


def begin_chat(visit: Visit) -> str:
    """The first words in the widget."""
    with unit_of_work() as session:
        key = chat.demo_key(session)
        number = VISITS.index(visit)
        visitor = Visitor(f"{_MARK}{number}-{readable_code()}", key.id, key.queue_id)
        chat.start_chat(
            session, visitor, key, chat.Opening(visit.lines[0], _client_id(), visit.language, visit.name)
        )
    return f"{visit.name} opens a chat: {visit.lines[0]}"


def write_mail(visit: Visit) -> str:
    """A new matter by mail."""
    mail = _mail(f"{visit.name} <{visit.address}>", visit.subject, visit.lines[0])
    _deliver(mail)
    return f"{visit.name} mails: {visit.subject}"


def answer_agents(stop: threading.Event) -> Iterator[str]:
    """In every chat where an agent spoke last: the next line, or thanks, stars and good-bye."""
    with unit_of_work() as session:
        turns = [one.id for one in _own_chats(session) if _last_author(session, one) == Author.AGENT]
    for conversation_id in turns:
        _type(conversation_id, stop)
        with unit_of_work() as session:
            conversation = session.get_one(Conversation, conversation_id)
            if conversation.state not in OVER:
                yield _go_on(session, conversation)


def answer_mails(arrived: SimpleQueue[bytes] | None) -> Iterator[str]:
    """Thanks for an agent's answer; nobody thanks for the answer to his thanks, nor for letters of old."""
    while arrived is not None:
        try:
            mail = message_from_bytes(arrived.get_nowait(), policy=policy.default)
        except Empty:
            return
        if _deserves_thanks(mail):
            _thank(mail)
            yield f"{mail['To']} answers a mail"


def _go_on(session: Session, conversation: Conversation) -> str:
    visit, said_n = _visit_of(conversation), _said_n(session, conversation)
    name = visit.name
    if said_n < len(visit.lines):
        chat.say(session, conversation, visit.lines[said_n], _client_id())
        if visit.presses == said_n + 1:
            chat.call_it_complaint(session, conversation)
        return f"{name}: {visit.lines[said_n]}"
    chat.leave(session, conversation)
    chat.rate_chat(session, conversation, visit.rating)
    return f"{name} leaves {visit.rating} stars"


def _type(conversation_id: int, stop: threading.Event) -> None:
    """The agent sees that the customer is typing."""
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, conversation_id)
        ticket_id, name = conversation.ticket_id, _visit_of(conversation).name
    for on in (True, False):
        signals.send(signals.Signal("typing", ticket_id, conversation_id, Author.CUSTOMER, on=on, name=name))
        if on:
            stop.wait(TYPING_S)


def _grow_impatient() -> str:
    """Somebody who waits for the answer to his first line calls into the silence, once."""
    with unit_of_work() as session:
        for conversation in _own_chats(session):
            last = _last_message(session, conversation)
            visit = _visit_of(conversation)
            if conversation.state not in (State.WAITING, State.OFFERED):
                continue
            # His call itself is no line of the visit: where it stands last, he has called already.
            if last and last.body == visit.lines[0] and last.created_at < clock.now() - IMPATIENT_AFTER:
                chat.say(session, conversation, IMPATIENT[visit.language], _client_id())
                return f"{visit.name}: {IMPATIENT[visit.language]}"
    return "Enough people wait already"


def _own_chats(session: Session) -> Sequence[Conversation]:
    query = select(Conversation).where(
        Conversation.channel == "chat",
        Conversation.state.not_in(OVER),
        Conversation.address.startswith(_MARK),
    )
    return session.scalars(query.order_by(Conversation.id)).all()


def _visit_of(conversation: Conversation) -> Visit:
    """Which visit a chat is: its number is part of the visitor's name."""
    number = conversation.address.removeprefix(_MARK).partition("-")[0]
    return VISITS[int(number) % len(VISITS)]


def _last_message(session: Session, conversation: Conversation) -> Message | None:
    spoken = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.author != Author.SYSTEM,
        Message.internal.is_(False),
    )
    return session.scalar(spoken.order_by(Message.rev.desc()).limit(1))


def _last_author(session: Session, conversation: Conversation) -> str:
    last = _last_message(session, conversation)
    return last.author if last else ""


def _said_n(session: Session, conversation: Conversation) -> int:
    """How many lines of its visit were said; calls into the silence are none."""
    own = select(func.count()).where(
        Message.conversation_id == conversation.id,
        Message.author == Author.CUSTOMER,
        Message.body.in_(_visit_of(conversation).lines),
    )
    return session.scalar(own) or 0


def _mail(sender: str, subject: str, text: str, answers: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, MAIL_ADDRESS, subject
    mail["Message-ID"] = f"<{_MARK}{readable_code(16)}@post.example>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(text)
    return mail


def _deserves_thanks(mail: EmailMessage) -> bool:
    """It answers a mail of this script, and that mail was no thanks."""
    answered = str(mail.get("References", ""))
    return f"<{_MARK}" in answered and f"<{_THANKS_MARK}" not in answered


def _thank(mail: EmailMessage) -> None:
    language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in str(mail["Subject"])) else "en"
    thanks = _mail(str(mail["To"]), f"Re: {mail['Subject']}", THANKS[language], str(mail["Message-ID"]))
    thanks.replace_header("Message-ID", f"<{_THANKS_MARK}{readable_code(16)}@post.example>")
    _deliver(thanks)


def _deliver(mail: EmailMessage) -> None:
    raw_id = intake.store(mail.as_bytes())
    if raw_id is not None:
        intake.work_on(raw_id)


def _sending_port() -> int:
    """Where the demo's mailbox hands its mail."""
    with unit_of_work() as session:
        mailbox = _mailbox(session)
        return mailbox.smtp_port if mailbox else MAIL_PORT


def _send_through(port: int) -> None:
    with unit_of_work() as session:
        mailbox = _mailbox(session)
        if mailbox is not None:
            edit_mailbox(session, mailbox, mailbox.version, {"smtp_port": port}, actor="system")


def _mailbox(session: Session) -> Mailbox | None:
    """The demo's own; one that was given a real mail server is left alone."""
    return session.scalar(
        select(Mailbox).where(Mailbox.address == MAIL_ADDRESS, Mailbox.smtp_host == "127.0.0.1")
    )


def _client_id() -> str:
    return f"{_MARK}{readable_code(16)}"

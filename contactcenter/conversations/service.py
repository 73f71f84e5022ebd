"""Receive what customers say, send what staff answer, end and resume conversations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, cast, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from contactcenter.accounts.models import User
from contactcenter.conversations.append import NewMessage, append_message, refuse_other_words
from contactcenter.conversations.events import (
    ConversationEnded,
    ConversationOpened,
    ConversationRated,
    ConversationResumed,
    MessageChanged,
)
from contactcenter.conversations.models import OVER, Attachment, Author, Conversation, Message, State
from contactcenter.conversations.ports import File, Inbound, Received, channel_of
from contactcenter.conversations.ranking import POINTS_NOW, points_of
from contactcenter.core import clock
from contactcenter.core.db import rows_changed
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.storage import safe_filename, store_file
from contactcenter.core.text import first_words, storable
from contactcenter.customers.models import Customer
from contactcenter.customers.service import identify
from contactcenter.queues.models import Queue
from contactcenter.tickets import service as tickets
from contactcenter.tickets.models import Ticket


def receive(session: Session, inbound: Inbound) -> Received:
    """Store a customer's message: who wrote, which ticket, which conversation, then one statement for the rest."""
    inbound = replace(inbound, subject=storable(inbound.subject), body=storable(inbound.body))
    sender = identify(
        session,
        inbound.sender.kind,  # type: ignore[arg-type]  # channels send email, phone or visitor; canonical_address checks
        inbound.sender.value,
        name=inbound.sender.name,
        language=inbound.language or "en",
    )
    conversation, created = _place(session, inbound, sender)
    meta = {**inbound.meta, **({"files": len(inbound.files)} if inbound.files else {})}
    message = NewMessage(
        author=Author.CUSTOMER,
        body=inbound.body,
        customer_id=sender.id,
        client_id=inbound.client_id,
        html=inbound.html,
        quoted=inbound.quoted,
        meta=meta,
        at=inbound.received_at,
    )
    received = append_message(session, conversation.id, message)
    if not received.duplicate:
        attach_files(session, received, inbound.files, actor=sender.actor, check=False)
        if received.asleep and not created:
            wake(session, conversation, actor=sender.actor)
    return Received(
        received.ticket_id,
        conversation.id,
        received.message_id,
        received.seq,
        received.rev,
        created=created,
        duplicate=received.duplicate,
    )


def open_conversation(
    session: Session,
    ticket: Ticket,
    channel: str,
    *,
    actor: str,
    address: str = "",
    state: State = State.WAITING,
    agent: User | None = None,
) -> Conversation:
    """A new conversation on `ticket`; a waiting one is announced to the router, an outbound one is its agent's."""
    now = clock.now()
    conversation = Conversation(
        ticket=ticket,
        channel=channel,
        state=state.value,
        queue_id=ticket.queue_id,
        customer_id=ticket.customer_id,
        agent=agent,
        address=address,
        priority=points_of(session, ticket, ticket.queue_id),
        enqueued_at=now,
        accepted_at=now if agent else None,
        last_seq=0,
        epoch=0,
    )
    session.add(conversation)
    session.flush()  # the event needs the id
    event = ConversationOpened(conversation.id, ticket.id, channel, ticket.queue_id)
    record(session, event, actor=actor, subject=about(conversation))
    return conversation


def reply(
    session: Session,
    user: User,
    conversation: Conversation,
    body: str,
    *,
    client_id: str | None = None,
    files: Sequence[File] = (),
) -> Received:
    """Store an answer to the customer and let the channel send it; the same `client_id` twice is one answer.

    Raises Conflict when a live conversation has ended: the customer would not see it.
    """
    channel = channel_of(conversation.channel)
    if channel.live and conversation.state in OVER:
        raise Conflict(_("The customer has left this conversation. Write an e-mail or a note instead."))
    delivery = "sent" if channel.live else "queued"
    received = _say(session, user, conversation, body, client_id, files, internal=False, delivery=delivery)
    if not received.duplicate:
        tickets.note_first_reply(session, conversation.ticket, clock.now())
        channel.send(session, conversation, session.get_one(Message, received.message_id))
    return received


def add_note(
    session: Session,
    user: User,
    conversation: Conversation,
    body: str,
    *,
    client_id: str | None = None,
    files: Sequence[File] = (),
) -> Received:
    """An internal line that no customer ever sees."""
    return _say(session, user, conversation, body, client_id, files, internal=True, delivery="sent")


def _say(
    session: Session,
    user: User,
    conversation: Conversation,
    body: str,
    client_id: str | None,
    files: Sequence[File],
    *,
    internal: bool,
    delivery: str,
) -> Received:
    message = NewMessage(
        author=Author.AGENT,
        body=body,
        user_id=user.id,
        internal=internal,
        client_id=client_id,
        delivery=delivery,
        meta={"files": len(files)} if files else {},
    )
    received = append_message(session, conversation.id, message)
    if received.duplicate:
        refuse_other_words(session, received, message)
    else:
        attach_files(session, received, files, actor=user.actor, check=True)
    return received


def add_system_line(session: Session, conversation: Conversation, code: str, **values: str) -> Received:
    """A line that says what happened (`agent_joined`, `customer_left` …), worded by the reader's language."""
    line = NewMessage(author=Author.SYSTEM, body="", meta={"code": code, "values": values})
    return append_message(session, conversation.id, line)


def wake(session: Session, conversation: Conversation, *, actor: str) -> None:
    """A customer wrote: open the ticket again, and let an ended conversation wait for an agent again.

    The ticket is read again: it was locked by the message, and somebody may have solved it just before.
    """
    ticket = session.get_one(Ticket, conversation.ticket_id, populate_existing=True)
    tickets.wake_for_message(session, ticket, actor=actor)
    ended = update(Conversation).where(Conversation.id == conversation.id, Conversation.state.in_(OVER))
    over = {"agent_id": None, "ended_at": None, "end_reason": None, "wrap_until": None, "target_until": None}
    fresh = {
        "state": State.WAITING,
        "enqueued_at": clock.now(),
        "target_user_id": ticket.owner_id,
        "priority": POINTS_NOW,
    }
    if rows_changed(session, ended.values(**over, **fresh)):
        event = ConversationResumed(conversation.id, conversation.ticket_id)
        record(session, event, actor=actor, subject=about(conversation))


def end_conversation(session: Session, conversation_id: int, *, by: str, reason: str, actor: str) -> bool:
    """End it once; False if it had ended. Whoever held it is freed by the event's subscribers."""
    query = update(Conversation).where(Conversation.id == conversation_id, Conversation.state.not_in(OVER))
    changed = rows_changed(
        session,
        query.values(
            state=State.ENDED,
            ended_at=clock.now(),
            end_reason=reason,
            silent_at=None,
            silent_for_s=silence_until(clock.now()),
            epoch=Conversation.epoch + 1,
        ),
    )
    if not changed:
        return False
    conversation = session.get_one(Conversation, conversation_id, populate_existing=True)
    event = ConversationEnded(conversation_id, conversation.ticket_id, by, reason)
    record(session, event, actor=actor, subject=about(conversation))
    return True


def silence_until(at: datetime) -> ColumnElement[int]:
    """For how many seconds a conversation took no slot, counting a silence that still lasts up to `at`."""
    lasts_s = func.extract("epoch", literal(at) - Conversation.silent_at)
    return Conversation.silent_for_s + func.coalesce(cast(lasts_s, Integer), 0)


def rate(session: Session, conversation: Conversation, rating: int) -> None:
    """The customer's 1–5 for this conversation; the last answer counts."""
    if not 1 <= rating <= 5:
        raise Invalid(_("Choose one to five stars."), field="rating")
    conversation.rating = rating
    event = ConversationRated(conversation.id, conversation.ticket_id, rating)
    record(session, event, actor=f"customer:{conversation.customer_id}", subject=about(conversation))


def set_delivery(session: Session, message_id: int, delivery: str, failure: str | None = None) -> None:
    """Note how far a reply got; `taken_back` and `failed` (with the reason) included."""
    message = session.get_one(Message, message_id)
    message.delivery, message.failure = delivery, failure
    event = MessageChanged(message.id, message.conversation_id, message.ticket_id, delivery)
    record(session, event, actor="system", subject=Subject(message.ticket_id, message.conversation_id))


def mark_read(session: Session, conversation_id: int, seq: int, *, by: Author) -> int | None:
    """`by` has seen everything up to `seq`; up to where he had before, None if that was known or no such message is."""
    column = Conversation.customer_read_seq if by is Author.CUSTOMER else Conversation.agent_read_seq
    return _raise_to(session, conversation_id, column, seq)


def mark_got(session: Session, conversation_id: int, seq: int) -> int | None:
    """The customer's browser has everything up to `seq` (seen or not); up to where it had before, None if known."""
    return _raise_to(session, conversation_id, Conversation.customer_got_seq, seq)


def _raise_to(
    session: Session, conversation_id: int, column: InstrumentedAttribute[int], seq: int
) -> int | None:
    """The locked row says what was: another tab may have said the same just now."""
    known = select(Conversation.id, column.label("was")).where(
        Conversation.id == conversation_id, column < seq, Conversation.last_seq >= seq
    )
    before = known.with_for_update().cte("before")
    raised = update(Conversation).where(Conversation.id == before.c.id).values({column: seq})
    statement = raised.returning(before.c.was).execution_options(synchronize_session=False)
    was: int | None = session.scalar(statement)
    return was


def attach_files(
    session: Session, received: Received, files: Sequence[File], *, actor: str, check: bool
) -> None:
    """Keep the files of a message; with `check` unwanted ones are refused (mail keeps what it got)."""
    for file in files:
        stored = store_file(file.content, file.filename, check=check)
        session.add(
            Attachment(
                message_id=received.message_id,
                ticket_id=received.ticket_id,
                filename=safe_filename(file.filename),
                content_type=stored.content_type,
                size=stored.size,
                sha256=stored.sha256,
                inline=file.inline,
                content_id=file.content_id,
                uploaded_by=actor,
            )
        )
    session.flush()  # pushes after commit read them


def latest_conversation(session: Session, ticket_id: int) -> Conversation:
    """The conversation staff would answer in: an open one, else the newest. Raises NotFound if there is none."""
    query = select(Conversation).where(Conversation.ticket_id == ticket_id)
    ordered = query.order_by((Conversation.state == State.ENDED).asc(), Conversation.id.desc()).limit(1)
    conversation = session.scalar(ordered)
    if conversation is None:
        raise NotFound(_("This ticket has no conversation yet."))
    return conversation


def about(conversation: Conversation) -> Subject:
    """The subject of its events."""
    return Subject(conversation.ticket_id, conversation.id, conversation.customer_id)


def _place(session: Session, inbound: Inbound, sender: Customer) -> tuple[Conversation, bool]:
    """The conversation a message belongs to, and whether its ticket is new."""
    if inbound.conversation_id is not None:
        return session.get_one(Conversation, inbound.conversation_id), False
    if inbound.ticket_id is not None:
        ticket = session.get_one(Ticket, inbound.ticket_id)
        return _same_channel(session, ticket, inbound) or _opened(session, ticket, inbound, sender), False
    ticket = tickets.open_ticket(
        session,
        sender,
        session.get_one(Queue, inbound.queue_id),
        inbound.subject or first_words(inbound.body),
        actor=sender.actor,
        kind=inbound.kind,
        language=inbound.language,
        received_at=inbound.received_at,
        related_id=inbound.related_id,
    )
    return _opened(session, ticket, inbound, sender), True


def _same_channel(session: Session, ticket: Ticket, inbound: Inbound) -> Conversation | None:
    """The one that still runs, else the newest: an answer must not pass by the agent who waits for it."""
    query = select(Conversation).where(
        Conversation.ticket_id == ticket.id, Conversation.channel == inbound.channel
    )
    ordered = query.order_by(Conversation.state.in_(OVER).asc(), Conversation.id.desc())
    return session.scalar(ordered.limit(1))


def _opened(session: Session, ticket: Ticket, inbound: Inbound, sender: Customer) -> Conversation:
    return open_conversation(
        session, ticket, inbound.channel, actor=sender.actor, address=inbound.sender.value
    )

"""The demo's ordinary tickets: the same stories with other people, spread over the last days."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.channels.chat.service import rate_chat
from contactcenter.cli.demo_data import CUSTOMERS, STORIES, Story
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, mark_read, receive
from contactcenter.core import clock
from contactcenter.queues.models import Queue
from contactcenter.tickets import service as tickets

DAYS = 14
FRESH = timedelta(hours=3)
"""How old a matter may be and still wait for its first answer."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One story about one customer, `at` the instant of its first words."""

    story: Story
    customer: str
    address: str
    at: datetime
    agent: User
    queue: Queue
    channel: str


def tell_stories(session: Session, first: int, n: int, of: int, chance: random.Random) -> None:
    """Tickets `first` … `first + n - 1` of a series of `of`, the oldest first; `chance` alone makes them differ."""
    queues = {queue.name: queue for queue in session.scalars(select(Queue))}
    known = select(User).where(User.roles.contains([Role.AGENT.value])).order_by(User.id)
    agents = session.scalars(known).all()
    for number in range(first, first + n):
        story = STORIES[number % len(STORIES)]
        customer, age = _customer(story, number), _age(number, of, chance)
        telling = Telling(
            story,
            customer,
            address_of_customer(customer, number),
            clock.now() - age,
            agents[number % len(agents)],
            queues[story.queue],
            _channel(story, age),
        )
        _tell(session, telling, chance)


def answer_as(session: Session, conversation: Conversation, agent: User, line: str) -> None:
    """`agent` answered at this (frozen) time, long delivered; the ticket is his from then on."""
    message = NewMessage(author=Author.AGENT, body=line, user_id=agent.id, delivery="sent")
    received = append_message(session, conversation.id, message)
    mark_read(session, conversation.id, received.seq or 0, by=Author.AGENT)
    tickets.note_first_reply(session, conversation.ticket, clock.now())
    tickets.assign_owner(session, conversation.ticket, agent, actor=agent.actor)


def address_of_customer(customer: str, number: int = 0) -> str:
    """The same person comes back with every round of stories from another address."""
    place = CUSTOMERS.index(next(one for one in CUSTOMERS if one[0] == customer))
    latin = customer.lower().replace(" ", ".") if customer.isascii() else f"kehu{place}"
    return f"{latin}@mail{number // len(STORIES)}.example"


def _customer(story: Story, number: int) -> str:
    speakers = [name for name, language in CUSTOMERS if language == story.language]
    return speakers[(number // len(STORIES) + number) % len(speakers)]


def _age(number: int, of: int, chance: random.Random) -> timedelta:
    """From DAYS ago until a few minutes ago: thousands evenly, a handful the denser the nearer to now."""
    share = (of - 1 - number) / of
    days = DAYS * share ** (3 if of <= len(STORIES) else 1)
    return timedelta(minutes=chance.randint(5, 60), days=days)


def _channel(story: Story, age: timedelta) -> str:
    """Today's chats are left to those who look: the day's figures tell of offers that were really made."""
    return "email" if age < timedelta(days=1) else story.channel


def _tell(session: Session, telling: Telling, chance: random.Random) -> None:
    latest, at = clock.now(), telling.at
    conversation: Conversation | None = None
    lines, end = _course(telling.story, latest - telling.at)
    for index, line in enumerate(lines):
        with clock.frozen(at):
            if index % 2 == 0:
                conversation = _ask(session, telling, line, conversation)
            elif conversation is not None:
                answer_as(session, conversation, telling.agent, line)
        at = min(at + timedelta(minutes=chance.randint(3, 40)), latest)
    if conversation is not None and end != "open":
        with clock.frozen(at):
            _finish(session, conversation, end, telling)


def _course(story: Story, age: timedelta) -> tuple[tuple[str, ...], str]:
    """Its lines and its end: nobody lets a customer wait for days."""
    if not story.answer or age < FRESH:
        return story.lines, story.end
    return (*story.lines, story.answer), "solved"


def _ask(session: Session, telling: Telling, line: str, conversation: Conversation | None) -> Conversation:
    story, channel = telling.story, telling.channel
    sender = (
        Sender("visitor", f"past-{telling.address}", telling.customer)
        if channel == "chat"
        else Sender("email", telling.address, telling.customer)
    )
    inbound = Inbound(
        channel,
        telling.queue.id,
        sender,
        line,
        subject=story.subject,
        language=story.language,
        kind=story.kind,
        ticket_id=conversation.ticket_id if conversation else None,
        received_at=clock.now(),
    )
    asked = session.get_one(Conversation, receive(session, inbound).conversation_id)
    if conversation is None:
        asked.created_at = asked.ticket.created_at = clock.now()  # the database would say today
    return asked


def _finish(session: Session, conversation: Conversation, status: str, telling: Telling) -> None:
    end_conversation(session, conversation.id, by="agent", reason="completed", actor=telling.agent.actor)
    if telling.channel == "chat" and telling.story.rating is not None:
        rate_chat(session, conversation, telling.story.rating)
    if telling.story.no_complaint:
        why = telling.story.no_complaint
        tickets.answer_complaint(session, conversation.ticket, telling.agent, yes=False, why=why)
    tickets.set_status(session, conversation.ticket, status, actor=telling.agent.actor)


def rounds(n: int, size: int = 200) -> Iterator[tuple[int, int]]:
    """(first, how many) of each part of `n`, for a commit each: one for thousands would hold every row in memory."""
    for first in range(0, n, size):
        yield first, min(size, n - first)

"""The one event log: what happened, written in the transaction that made it happen.

A feature declares its events as frozen dataclasses that inherit `Event`. `record` stores one and calls, in the
same transaction, whoever `compose` subscribed; those who only look (live push) are called after the commit.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Index, insert, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from contactcenter.core import clock
from contactcenter.core.db import Base, Id, Json, after_commit


@dataclass(frozen=True, slots=True)
class Event:
    """Parent of all events; `name` is `subject.past_tense` and never changes once stored.

    `personal` are the fields that hold what people said or are: they go when a customer is erased.
    """

    name: ClassVar[str]
    personal: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, so that timelines find it; each may be absent."""

    ticket_id: int | None = None
    conversation_id: int | None = None
    customer_id: int | None = None
    user_id: int | None = None


class EventRow(Base):
    """One line of the log. `actor` is `user:5`, `customer:7` or `system`; subjects carry no foreign key (floor 0)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_ticket_id_id", "ticket_id", "id"),
        Index("ix_event_customer_id_id", "customer_id", "id"),
        Index("ix_event_name_at", "name", "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    name: Mapped[str]
    actor: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(BigInteger)
    conversation_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[Json]


# Made once, and of the bare table: making it costs more than running it, and every change comes by here.
_INSERT = insert(EventRow.__table__).inline()  # type: ignore[arg-type]  # a mapped class's table

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """A stored event as its subscribers get it."""

    event: E_co
    subject: Subject
    actor: str
    at: datetime


Handler = Callable[[Session, Recorded[E]], None]
Watcher = Callable[[Recorded[E]], None]
TicketWatcher = Callable[[int], None]

# Any: each list is of the kind it lies under, as `subscribe` and `watch` ask.
_handlers: dict[type[Event], list[Handler[Any]]] = defaultdict(list)
_watchers: dict[type[Event], list[Watcher[Any]]] = defaultdict(list)
_ticket_watchers: dict[type[Event], list[TicketWatcher]] = defaultdict(list)


def subscribe(kind: type[E], handler: Handler[E]) -> None:
    """Call `handler(session, recorded)` inside the transaction that records a `kind`; asking twice is asking once."""
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)


def watch(kind: type[E], watcher: Watcher[E]) -> None:
    """Call `watcher(recorded)` after the commit, best effort: only for what may be missed, like a live push."""
    if watcher not in _watchers[kind]:
        _watchers[kind].append(watcher)


def watch_ticket(kind: type[Event], watcher: TicketWatcher) -> None:
    """Call `watcher(ticket_id)` after the commit: once, however many events of one transaction are about that ticket."""
    if watcher not in _ticket_watchers[kind]:
        _ticket_watchers[kind].append(watcher)


def record(session: Session, event: E, *, actor: str, subject: Subject) -> Recorded[E]:
    """Write `event` to the log and let its subscribers act in the same transaction."""
    recorded = Recorded(event, subject, actor, clock.now())
    session.execute(_INSERT, _row(recorded))
    return announce(session, recorded)


def record_all(session: Session, events: Sequence[tuple[E, Subject]], *, actor: str) -> None:
    """The same with many at once: one journey to the database."""
    at = clock.now()
    recorded = [Recorded(event, subject, actor, at) for event, subject in events]
    if recorded:
        session.execute(_INSERT, [_row(one) for one in recorded])
    for one in recorded:
        announce(session, one)


def _row(recorded: Recorded[E]) -> dict[str, Any]:  # Any: column values
    event = recorded.event
    row = {"at": recorded.at, "name": event.name, "actor": recorded.actor, "data": dataclasses.asdict(event)}
    return {**row, **dataclasses.asdict(recorded.subject)}


def blank_words(session: Session, about: ColumnElement[bool]) -> None:
    """Empty what people said or are in the log `about` somebody. Only the owner of the database may."""
    for kind in _kinds(Event):
        if kind.personal:
            with_words = update(EventRow).where(about, EventRow.name == kind.name)
            session.execute(with_words.values(data=EventRow.data.concat(_emptied(kind))))


def _kinds(kind: type[Event]) -> Iterator[type[Event]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


def _emptied(kind: type[Event]) -> dict[str, Any]:  # Any: JSON
    types = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    empty: dict[str, Any] = {"list": [], "dict": {}}
    return {name: empty.get(types[name].split("[")[0], "") for name in kind.personal}


def announce(session: Session, recorded: Recorded[E]) -> Recorded[E]:
    """Call the subscribers of an event whose row a hot path has already written in its own statement."""
    for handler in _handlers[type(recorded.event)]:
        handler(session, recorded)
    watchers = _watchers[type(recorded.event)]
    if watchers:
        after_commit(session, lambda: _tell(watchers, recorded))
    if recorded.subject.ticket_id is not None:
        _tell_once(session, _ticket_watchers[type(recorded.event)], recorded.subject.ticket_id)
    return recorded


@dataclass(frozen=True, slots=True)
class _Look:
    """Two are equal if they would do the same: one is enough."""

    watcher: TicketWatcher
    ticket_id: int

    def __call__(self) -> None:
        self.watcher(self.ticket_id)


def _tell_once(session: Session, watchers: list[TicketWatcher], ticket_id: int) -> None:
    for watcher in watchers:
        after_commit(session, _Look(watcher, ticket_id))


def _tell(watchers: list[Watcher[E]], recorded: Recorded[E]) -> None:
    for watcher in watchers:
        watcher(recorded)

"""What happens to tickets."""

from dataclasses import dataclass
from typing import Any, ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class TicketOpened(Event):
    name: ClassVar[str] = "ticket.opened"
    ticket_id: int
    kind: str
    queue_id: int
    brand_id: int


@dataclass(frozen=True, slots=True)
class TicketChanged(Event):
    """Fields edited by a person or rule: field → [before, after]."""

    name: ClassVar[str] = "ticket.changed"
    personal: ClassVar[tuple[str, ...]] = ("changes",)
    ticket_id: int
    changes: dict[str, list[Any]]  # Any: JSON


@dataclass(frozen=True, slots=True)
class TicketStatusChanged(Event):
    name: ClassVar[str] = "ticket.status_changed"
    ticket_id: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TicketOwnerChanged(Event):
    name: ClassVar[str] = "ticket.owner_changed"
    ticket_id: int
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class TicketQueueChanged(Event):
    name: ClassVar[str] = "ticket.queue_changed"
    ticket_id: int
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class TicketSnoozed(Event):
    name: ClassVar[str] = "ticket.snoozed"
    ticket_id: int
    until: str | None


@dataclass(frozen=True, slots=True)
class ComplaintProposed(Event):
    """It may be a complaint, says the model or (`likelihood` None) the customer; a person decides."""

    name: ClassVar[str] = "ticket.complaint_proposed"
    personal: ClassVar[tuple[str, ...]] = ("words",)
    ticket_id: int
    likelihood: float | None
    words: list[str]


@dataclass(frozen=True, slots=True)
class ComplaintAnswered(Event):
    """A person answered C-01: complaint, yes or no, and why."""

    name: ClassVar[str] = "ticket.complaint_answered"
    personal: ClassVar[tuple[str, ...]] = ("why",)
    ticket_id: int
    yes: bool
    why: str


@dataclass(frozen=True, slots=True)
class MoodChanged(Event):
    """`was` is None before the first reading."""

    name: ClassVar[str] = "ticket.mood_changed"
    ticket_id: int
    mood: float
    was: float | None


@dataclass(frozen=True, slots=True)
class SlaBreached(Event):
    name: ClassVar[str] = "ticket.sla_breached"
    ticket_id: int
    sla: str
    due_at: str

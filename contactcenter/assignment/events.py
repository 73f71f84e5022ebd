"""What happens around who gets what, in the past tense. Instants are ISO 8601 in UTC, durations in seconds."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class ConversationOffered(Event):
    """Held out to one agent; `deadline_at` is None where the queue sets no ring time."""

    name: ClassVar[str] = "conversation.offered"

    conversation_id: int
    offer_id: int
    user_id: int
    deadline_at: str | None


@dataclass(frozen=True, slots=True)
class OfferAccepted(Event):
    """`waited_s` counts from the customer's first entry into a queue; `taken` ones were never offered."""

    name: ClassVar[str] = "offer.accepted"

    conversation_id: int
    offer_id: int
    user_id: int
    waited_s: float
    taken: bool = False


@dataclass(frozen=True, slots=True)
class OfferDeclined(Event):
    name: ClassVar[str] = "offer.declined"

    conversation_id: int
    offer_id: int
    user_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class OfferMissed(Event):
    """The ring time ran out; the same transaction makes the agent away."""

    name: ClassVar[str] = "offer.missed"

    conversation_id: int
    offer_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class OfferWithdrawn(Event):
    """`reason`: customer_left, agent_unavailable, taken or moved. `user_id` need no longer answer it."""

    name: ClassVar[str] = "offer.withdrawn"

    conversation_id: int
    offer_id: int
    user_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationRequeued(Event):
    """Waits again at its old place; `reason`: declined, missed, agent_unavailable, transferred or connection_lost."""

    name: ClassVar[str] = "conversation.requeued"

    conversation_id: int
    queue_id: int
    target_user_id: int | None
    from_user_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationSilent(Event):
    """Its customer let an answer stand for so long that it takes none of `user_id`'s slots until he writes again."""

    name: ClassVar[str] = "conversation.silent"

    conversation_id: int
    ticket_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class ConversationAbandoned(Event):
    """The customer left before anybody answered."""

    name: ClassVar[str] = "conversation.abandoned"

    conversation_id: int
    queue_id: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    """`by` is the actor; `then_break` is the reason of a break that begins when the agent's work is done."""

    name: ClassVar[str] = "presence.changed"

    user_id: int
    state: str
    reason: str
    by: str
    then_break: str | None = None


@dataclass(frozen=True, slots=True)
class WrapUpStarted(Event):
    name: ClassVar[str] = "wrap_up.started"

    conversation_id: int
    user_id: int
    until: str


@dataclass(frozen=True, slots=True)
class WrapUpEnded(Event):
    """`early`: the agent said he was done before the time ran out."""

    name: ClassVar[str] = "wrap_up.ended"

    conversation_id: int
    user_id: int
    early: bool


@dataclass(frozen=True, slots=True)
class WrapUpCodeChosen(Event):
    """Somebody said what it was about; `was` is what had been said before."""

    name: ClassVar[str] = "wrap_up.code_chosen"

    conversation_id: int
    ticket_id: int
    user_id: int
    code: str
    was: str | None


@dataclass(frozen=True, slots=True)
class CapacityChanged(Event):
    name: ClassVar[str] = "capacity.changed"

    user_id: int
    channel: str
    cap: int
    by: str


@dataclass(frozen=True, slots=True)
class WebProcessGone(Event):
    """A web process died, or was stopped, with whatever sockets it held; it was last heard of at `last_heard_at`."""

    name: ClassVar[str] = "web_process.gone"

    process: str
    last_heard_at: str

"""What happens to calls; durations in seconds."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class CallQueued(Event):
    name: ClassVar[str] = "call.queued"

    call: str
    conversation_id: int


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    name: ClassVar[str] = "call.answered"

    call: str
    conversation_id: int
    user_id: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """`outcome` is answered or abandoned; `talk_s` is 0 if nobody answered."""

    name: ClassVar[str] = "call.ended"

    call: str
    conversation_id: int
    outcome: str
    talk_s: float

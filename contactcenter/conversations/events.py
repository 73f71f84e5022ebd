"""What happens to conversations."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    """A work item came in; the router takes it from here."""

    name: ClassVar[str] = "conversation.opened"
    conversation_id: int
    ticket_id: int
    channel: str
    queue_id: int


@dataclass(frozen=True, slots=True)
class ConversationEnded(Event):
    """`by` is agent, customer or system; `reason` a word of the channel (left, solved, hung_up …)."""

    name: ClassVar[str] = "conversation.ended"
    conversation_id: int
    ticket_id: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationResumed(Event):
    """The customer wrote into an ended conversation: it waits again."""

    name: ClassVar[str] = "conversation.resumed"
    conversation_id: int
    ticket_id: int


@dataclass(frozen=True, slots=True)
class SilenceBroken(Event):
    """The customer wrote again into a chat that took no slot for his silence."""

    name: ClassVar[str] = "conversation.silence_broken"
    conversation_id: int
    ticket_id: int


@dataclass(frozen=True, slots=True)
class MessageAdded(Event):
    """`seq` is None for notes. `complaint`: its ticket has one. The text is not in the log: it is personal, and lies in its message."""

    name: ClassVar[str] = "message.added"
    message_id: int
    conversation_id: int
    ticket_id: int
    seq: int | None
    rev: int
    author: str
    internal: bool
    channel: str
    complaint: bool


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """Its delivery moved on, it was taken back, or its analysis arrived."""

    name: ClassVar[str] = "message.changed"
    message_id: int
    conversation_id: int
    ticket_id: int
    what: str


@dataclass(frozen=True, slots=True)
class MessageAnalysed(Event):
    name: ClassVar[str] = "message.analysed"
    message_id: int
    ticket_id: int
    sentiment: str
    complaint: float
    model: str


@dataclass(frozen=True, slots=True)
class SentimentCorrected(Event):
    name: ClassVar[str] = "message.sentiment_corrected"
    message_id: int
    ticket_id: int
    was: str
    now: str
    model: str


@dataclass(frozen=True, slots=True)
class ConversationRated(Event):
    name: ClassVar[str] = "conversation.rated"
    conversation_id: int
    ticket_id: int
    rating: int

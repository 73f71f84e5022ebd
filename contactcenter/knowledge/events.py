"""What happens to canned replies."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class ReplyCreated(Event):
    name: ClassVar[str] = "canned_reply.created"
    reply_id: int
    shortcut: str


@dataclass(frozen=True, slots=True)
class ReplyChanged(Event):
    name: ClassVar[str] = "canned_reply.changed"
    reply_id: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ReplyDeleted(Event):
    name: ClassVar[str] = "canned_reply.deleted"
    reply_id: int
    shortcut: str

"""What a channel is to conversations: what comes in, what goes out, and how."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from contactcenter.conversations.models import Conversation, Message
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way in or out: content as it came, name as it was given."""

    filename: str
    content: bytes
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, by an address: kind email, phone or visitor."""

    kind: str
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a customer, understood by its channel.

    `ticket_id` is the ticket the channel's threading chose (None: a new one in `queue_id`); `conversation_id` narrows it.
    `client_id` makes receiving it twice receiving it once. `received_at` is when it reached us (paper: the stamp).
    """

    channel: str
    queue_id: int
    sender: Sender
    body: str
    subject: str = ""
    html: str | None = None
    quoted: str | None = None
    language: str = ""
    kind: str = "question"
    client_id: str | None = None
    ticket_id: int | None = None
    conversation_id: int | None = None
    related_id: int | None = None
    received_at: datetime | None = None
    files: tuple[File, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)  # Any: JSON of the channel


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it. `seq` in its conversation; `duplicate` if its client_id was known already.

    `asleep`: its conversation was over, or its ticket rested, when it came.
    """

    ticket_id: int
    conversation_id: int
    message_id: int
    seq: int | None
    rev: int
    created: bool = False
    duplicate: bool = False
    asleep: bool = False


class Channel(Protocol):
    """A way to reach customers. `live`: both sides are there now, so replies show at once and cannot be undone.

    `written`: customers read what is answered; where they do not, `send` says so.
    """

    name: str
    live: bool
    written: bool

    def send(self, session: Session, conversation: Conversation, message: Message, /) -> None:
        """Let a stored reply leave: by a push after commit (live) or an outbox row (everything else)."""


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Make a channel known; `compose` calls this, nobody else."""
    _channels[channel.name] = channel


def channel_of(name: str) -> Channel:
    """The channel called `name`. Raises Invalid if there is none."""
    if name not in _channels:
        raise Invalid(_("There is no channel called %(name)s.", name=name), field="channel")
    return _channels[name]

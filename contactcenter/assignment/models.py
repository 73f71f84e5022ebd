"""Tables of assignment."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Conversation
from contactcenter.core.db import Base, Created, Id


class PresenceState(StrEnum):
    """`busy` means full or talking, as derived; people choose ready, break and away."""

    READY = "ready"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    AWAY = "away"


class Presence(Base):
    """What an agent is doing and since when. `then_break` is the reason of "finish, then break".

    `idle_since` is the routing rule R5's instant; `wrap_until` ends a wrap-up by itself; `sockets_gone_at` is when the
    last console socket left (None: connected). `busy` is never stored: `queries.presence_of` derives it from the load.
    """

    __tablename__ = "presence"
    __table_args__ = (CheckConstraint("state IN ('ready','busy','wrap_up','break','away')", name="state"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    state: Mapped[str] = mapped_column(server_default="away")
    reason: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime]
    idle_since: Mapped[datetime | None]
    wrap_until: Mapped[datetime | None]
    then_break: Mapped[str | None]
    sockets_gone_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class AgentCapacity(Base):
    """How many conversations of a channel an agent takes at once; a missing row means the default (1, 3, 5)."""

    __tablename__ = "agent_capacity"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    cap: Mapped[int]


class Offer(Base):
    """A conversation held out to one agent until `deadline_at`, or held by him (`accepted`).

    The partial unique index makes two owners impossible, whatever a stale router believes.
    """

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_live",
            "conversation_id",
            unique=True,
            postgresql_where=text("state IN ('offered','accepted')"),
        ),
        Index("ix_offer_conversation_id", "conversation_id", text("id DESC")),
        Index("ix_offer_user_live", "user_id", postgresql_where=text("state IN ('offered','accepted')")),
        CheckConstraint(
            "state IN ('offered','accepted','declined','missed','withdrawn','ended')", name="state"
        ),
    )

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[str] = mapped_column(server_default="offered")
    reasons: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    offered_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship()
    user: Mapped[User] = relationship()


class ConsoleConnection(Base):
    """A web process that holds at least one console socket of this agent; if the process dies, so do its rows."""

    __tablename__ = "console_connection"

    process: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)


class RouterInbox(Base):
    """What changed, for the router to read again: `conversation`, `agent`, `queue` (with its id) or `definitions`.

    Written in the transaction of the change, so neither can exist without the other.
    """

    __tablename__ = "router_inbox"
    __table_args__ = (Index("ix_router_inbox_todo", "id", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[Id]
    command: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    created_at: Mapped[Created]
    done_at: Mapped[datetime | None]


class QueueLoad(Base):
    """What the leading router holds of a queue: how many wait, how many ring, and since when the oldest waits."""

    __tablename__ = "queue_load"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    waiting: Mapped[int]
    offered: Mapped[int]
    oldest_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class RouterLease(Base):
    """Which router process leads a shard. `fence` grows with each change of leader; a stale writer fails on it."""

    __tablename__ = "router_lease"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    fence: Mapped[int]
    until: Mapped[datetime]

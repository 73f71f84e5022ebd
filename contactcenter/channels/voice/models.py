"""Tables of the voice channel."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.conversations.models import Conversation
from contactcenter.core.db import Base, Id


class Call(Base):
    """One call, the face of one voice conversation. `public_id` is what browsers name it by.

    `state` is queued, talking or ended; `outcome`, set once, is answered or abandoned.
    `visitor_gone_at`: since when no socket of the caller lives; after a short grace the call ends with that instant.
    """

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("state IN ('queued','talking','ended')", name="state"),
        Index("uq_call_running", "visitor", unique=True, postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), unique=True)
    visitor: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    outcome: Mapped[str | None]
    queued_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    visitor_gone_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship()


class VoiceSocket(Base):
    """One open socket of a line (a caller's or an agent's), in the web process that holds it; it dies with either."""

    __tablename__ = "voice_socket"
    __table_args__ = (Index("ix_voice_socket_line", "line"), Index("ix_voice_socket_process", "process"))

    sid: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    line: Mapped[str]
    opened_at: Mapped[datetime]

"""Tables of conversations."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.accounts.models import User
from contactcenter.core.db import Base, Created, Id
from contactcenter.core.resealing import sealed_at
from contactcenter.customers.models import Customer
from contactcenter.tickets.models import Ticket


class State(StrEnum):
    """Of a conversation as a work item."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"
    ENDED = "ended"


OVER = (State.WRAP_UP, State.ENDED)
"""Over for the customer; in wrap-up its agent still finishes his notes."""


class Author(StrEnum):
    """Who wrote a message; `system` lines (joined, left, rated) have no text of a person."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


SEALED_LINK = "link"
"""Where a message's meta keeps the customer's own link."""

LAYOUT = ("<table", "<img", "<ul", "<ol", "<h1", "<h2", "<h3", "<a ")


class Conversation(Base):
    """Messages on one channel, and the work item of routing.

    `last_seq` counts what its customer may see. `enqueued_at` and `priority` make the routing key and survive transfers,
    missed offers and restarts; `epoch` grows with every change of hands, so a late writer can be told apart.
    `target_user_id` is a transfer to one person, for him alone until `target_until`; `address` is where answers go (mail
    address, number, visitor). `wrap_until` is when its wrap-up ends or, once `ended`, when it did;
    `wrap_up_code` says what it was about, in a word of its queue's list. `silent_at`: since then an active chat takes none
    of its agent's slots, because its customer is silent; `silent_for_s` counts how long that was before.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','offered','active','wrap_up','ended')", name="state"),
        Index("ix_conversation_ticket_id", "ticket_id"),
        Index("ix_conversation_customer", "customer_id", "channel", text("id DESC")),
        Index("ix_conversation_arrived", "queue_id", "created_at"),
        Index("ix_conversation_open", "queue_id", "state", postgresql_where=text("state <> 'ended'")),
        Index("ix_conversation_agent", "agent_id", "state", postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    target_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    target_until: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int] = mapped_column(server_default="0")
    epoch: Mapped[int] = mapped_column(server_default="0")
    last_seq: Mapped[int] = mapped_column(server_default="0")
    customer_read_seq: Mapped[int] = mapped_column(server_default="0")
    customer_got_seq: Mapped[int] = mapped_column(server_default="0")
    agent_read_seq: Mapped[int] = mapped_column(server_default="0")
    enqueued_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    wrap_until: Mapped[datetime | None]
    wrap_up_code: Mapped[str | None]
    silent_at: Mapped[datetime | None]
    silent_for_s: Mapped[int] = mapped_column(server_default="0")
    rating: Mapped[int | None]
    created_at: Mapped[Created]

    ticket: Mapped[Ticket] = relationship()
    agent: Mapped[User | None] = relationship(foreign_keys=[agent_id])
    customer: Mapped[Customer] = relationship()


class Message(Base):
    """One message or note. Customer-visible ones have a `seq` in their conversation; all have a `rev` in their ticket.

    `delivery` is queued, sent, delivered, read, failed (with `failure`) or taken_back; `client_id` is the sender's
    idempotency key. `meta` holds what a channel keeps with it (mail headers, a call's times).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("ticket_id", "rev"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int | None]
    rev: Mapped[int]
    author: Mapped[str]
    internal: Mapped[bool] = mapped_column(server_default="false")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    body: Mapped[str]
    html: Mapped[str | None]
    quoted: Mapped[str | None]
    client_id: Mapped[str | None]
    delivery: Mapped[str] = mapped_column(server_default="sent")
    failure: Mapped[str | None]
    meta: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", info=sealed_at(SEALED_LINK))
    created_at: Mapped[datetime]

    conversation: Mapped[Conversation] = relationship()
    user: Mapped[User | None] = relationship()
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")
    analysis: Mapped["Analysis | None"] = relationship(back_populates="message")

    @property
    def has_layout(self) -> bool:
        """Whether its HTML says more than its text does."""
        return self.html is not None and any(tag in self.html for tag in LAYOUT)

    @property
    def has_remote_images(self) -> bool:
        """Whether pictures wait elsewhere: fetching them tells their sender that, when and where it is read."""
        return self.html is not None and "data-remote-src=" in self.html


class Attachment(Base):
    """A file that came or went with a message; its content lies in core.storage under `sha256`."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_message_id", "message_id"),)

    id: Mapped[Id]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    inline: Mapped[bool] = mapped_column(server_default="false")
    content_id: Mapped[str | None]
    uploaded_by: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]


class Analysis(Base):
    """What the NLP worker read in one message, by which model; `corrected` is what a person said instead."""

    __tablename__ = "analysis"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    model: Mapped[str]
    language: Mapped[str]
    sentiment: Mapped[str]
    score: Mapped[float]
    confidence: Mapped[float]
    complaint: Mapped[float]
    topic: Mapped[str]
    urgency: Mapped[int]
    reasons: Mapped[dict[str, Any]]
    corrected: Mapped[str | None]
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]

    message: Mapped[Message] = relationship(back_populates="analysis")

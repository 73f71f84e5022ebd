"""Tables of tickets."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from contactcenter.accounts.models import Brand, User
from contactcenter.core.db import Base, Created, Id
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue


class Kind(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    FAULT = "fault"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    LEAD = "lead"


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


UNHAPPY = -0.25


def is_unhappy(mood: float | None) -> bool:
    """Whether lists point at it."""
    return mood is not None and mood <= UNHAPPY


class Ticket(Base):
    """One matter. `rev` counts what staff can see change (messages and notes); `version` guards edits of fields.

    `mood` is the exponentially weighted sentiment (-1..1) of the customer's messages, `mood_min` its lowest message.
    `complaint_likely` is what the model proposed (0..1), `complaint_declared_at` when the customer himself called it a
    complaint; `complaint_answer` is what a person answered (C-01).
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("status IN ('new','open','pending','on_hold','solved','closed')", name="status"),
        Index("ix_ticket_owner", "owner_id", "status", text("updated_at DESC"), text("id DESC")),
        Index("ix_ticket_queue", "queue_id", "status", text("updated_at DESC"), text("id DESC")),
        Index("ix_ticket_updated", text("updated_at DESC"), text("id DESC")),
        Index("ix_ticket_customer", "customer_id", text("id DESC")),
        Index("ix_ticket_search", "search", postgresql_using="gin"),
        Index(
            "ix_ticket_complaint",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=text("complaint_ref IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    subject: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="question")
    status: Mapped[str] = mapped_column(server_default="new")
    priority: Mapped[int] = mapped_column(server_default="0")
    language: Mapped[str] = mapped_column(server_default="en")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    related_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    complaint_ref: Mapped[str | None]
    complaint_likely: Mapped[float | None]
    complaint_declared_at: Mapped[datetime | None]
    complaint_answer: Mapped[dict[str, Any] | None]
    mood: Mapped[float | None]
    mood_min: Mapped[float | None]
    snoozed_until: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rev: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    search: Mapped[Any] = deferred(mapped_column(TSVECTOR, nullable=True))  # Any: never read, only matched

    brand: Mapped[Brand] = relationship()
    queue: Mapped[Queue] = relationship()
    owner: Mapped[User | None] = relationship()
    customer: Mapped[Customer] = relationship()
    slas: Mapped[list["TicketSla"]] = relationship(order_by="TicketSla.due_at")

    @property
    def is_unhappy(self) -> bool:
        """Its customer is, by what he wrote last."""
        return is_unhappy(self.mood)

    @property
    def sounds_like_complaint(self) -> bool:
        """To the model or to the customer; whether it is one, a person answers."""
        return self.complaint_likely is not None or self.complaint_declared_at is not None


class TicketSla(Base):
    """One promise on a ticket (`first_reply`, `resolve`): due in business time; state running, met or breached."""

    __tablename__ = "ticket_sla"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="running")
    stopped_at: Mapped[datetime | None]


class Draft(Base):
    """What somebody has typed on a ticket and not sent: one per person, ticket and mode (reply or note)."""

    __tablename__ = "draft"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    internal: Mapped[bool] = mapped_column(primary_key=True)
    body: Mapped[str]
    updated_at: Mapped[datetime]

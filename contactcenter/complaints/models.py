"""Tables of complaints: the projection, the chain, its sealed values, letters, refusals, links."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from contactcenter.accounts.models import Brand
from contactcenter.core.db import Base, Created, Id, Json
from contactcenter.core.resealing import SEALED
from contactcenter.customers.models import Customer
from contactcenter.tickets.models import Ticket

NEVER = "'9000-01-01 00:00:00+00'::timestamp with time zone"
"""In SQL, and written out: with a parameter in its place no index of this expression would be used."""

PROTECT_SQL = """
CREATE FUNCTION complaint_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'complaint_event is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER complaint_event_is_final BEFORE UPDATE OR DELETE ON complaint_event
  FOR EACH ROW EXECUTE FUNCTION complaint_event_is_final();
"""
"""Run once after the table is made: by `create_all` below, and by the migration that creates it."""


class ComplaintCase(Base):
    """A complaint as desks show it. Everything from `state` on is a projection of its events, written by `apply` only.

    Pinned at receipt: pack (and those beside it), calendar, zone, whether the customer is vulnerable, the draw, who is complained about
    (`subjects`) and who handled the matter before (`prior_handlers`), as `user:5`. `case_key` is sealed with the
    installation's key and opens the personal values; erasing a case is destroying it (crypto-shredding).
    `fact_vector` is what the facts mean, sealed; `fact_method` says which model found it (empty: none yet).
    """

    __tablename__ = "complaint_case"
    __table_args__ = (
        Index("ix_complaint_case_due", text(f"coalesce(next_due_at, {NEVER})"), "id"),
        Index("ix_complaint_case_customer_id", "customer_id"),
        Index("ix_complaint_case_remedy_undone", "id", postgresql_where=text("remedy_undone")),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    pack: Mapped[str]
    further_packs: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    calendar: Mapped[str]
    zone: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    vulnerable: Mapped[bool]
    sampled: Mapped[bool]
    subjects: Mapped[list[str]] = mapped_column(JSONB)
    prior_handlers: Mapped[list[str]] = mapped_column(JSONB)
    options: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    agent_limit: Mapped[int] = mapped_column(BigInteger)
    case_key: Mapped[str | None] = mapped_column(info=SEALED)
    received_at: Mapped[datetime]
    created_at: Mapped[Created]

    state: Mapped[str]
    holder: Mapped[str]
    handlers: Mapped[Json]
    category: Mapped[str] = mapped_column(server_default="")
    severity: Mapped[int] = mapped_column(server_default="0")
    harm: Mapped[int | None]
    fact_words: Mapped[Json] = mapped_column(JSONB, server_default="{}")
    fact_vector: Mapped[str | None] = mapped_column(deferred=True, info=SEALED)
    fact_method: Mapped[str] = mapped_column(server_default="")
    next_due_at: Mapped[datetime | None] = mapped_column()
    next_clock: Mapped[str | None]
    next_act_at: Mapped[datetime | None]
    breached: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    remedy_undone: Mapped[bool] = mapped_column(server_default="false")
    events_n: Mapped[int] = mapped_column(server_default="0")
    head: Mapped[str]
    updated_at: Mapped[datetime]

    due_or_never: Mapped[datetime] = column_property(
        func.coalesce(next_due_at, literal_column(NEVER, DateTime(timezone=True)))
    )
    """What lists are sorted by: a case without a date comes last."""

    ticket: Mapped[Ticket] = relationship()
    customer: Mapped[Customer] = relationship()
    brand: Mapped[Brand] = relationship()


class ComplaintEvent(Base):
    """One link of a case's chain: never changed, never deleted (trigger); `data` holds commitments to personal values."""

    __tablename__ = "complaint_event"

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    name: Mapped[str]
    by: Mapped[str]
    data: Mapped[Json]
    digest: Mapped[str]


class ComplaintValue(Base):
    """The plain data of one event, encrypted with the key of its case."""

    __tablename__ = "complaint_value"

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str]


class ComplaintLetter(Base):
    """One letter as it was written, encrypted with the case's key; `sha256` proves its words. `message_id` is what left.

    `delivery` is page (shown on the status page only) or sent (it left on a channel too).
    """

    __tablename__ = "complaint_letter"
    __table_args__ = (
        UniqueConstraint("case_id", "seq", "kind"),
        CheckConstraint("delivery IN ('page','sent')", name="delivery"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    language: Mapped[str]
    sealed: Mapped[str]
    sha256: Mapped[str]
    delivery: Mapped[str] = mapped_column(server_default="page")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    at: Mapped[datetime]


class ComplaintRefusal(Base):
    """Something that a rule did not allow: who tried what, and which rules spoke (management information)."""

    __tablename__ = "complaint_refusal"
    __table_args__ = (Index("ix_complaint_refusal_case_id", "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    rules: Mapped[list[str]] = mapped_column(JSONB)


class ComplaintLink(Base):
    """A tracking link of one case; we keep only the digest of its token. Reading slides `expires_at`."""

    __tablename__ = "complaint_link"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ComplaintPrecedent(Base):
    """One decision as later cases are compared with it; goodwill in minor units. Nothing personal.

    `method` is how it was itself compared with those before it.
    """

    __tablename__ = "complaint_precedent"
    __table_args__ = (Index("ix_complaint_precedent_category_decided_at", "category", "decided_at"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    category: Mapped[str]
    severity: Mapped[int]
    harm: Mapped[int | None]
    upheld: Mapped[bool]
    goodwill: Mapped[int] = mapped_column(BigInteger)
    deviation: Mapped[bool]
    decided_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(server_default="")


class ReportSource(Base):
    """Another system that may tell us what became of remedies; `name` is the `system` of its proofs. Ended for good."""

    __tablename__ = "report_source"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]

    secrets: Mapped[list["ReportSecret"]] = relationship(order_by="ReportSecret.id")


class ReportSecret(Base):
    """What a source proves itself with, several at once while they are changed. It may be sent, or sign what is sent.

    `digest` finds the one that is sent; `sealed` is needed to check a signature.
    """

    __tablename__ = "report_secret"
    __table_args__ = (Index("ix_report_secret_source_id", "source_id"),)

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("report_source.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[str] = mapped_column(info=SEALED)
    created_at: Mapped[Created]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RemedyReport(Base):
    """What a source said of a remedy, once for each thing of its own (`external_id`) and status.

    `case_id` is None where there is no complaint of that reference; `sealed` is the report as it came. `before` and `after`
    are the SHA-256 of a record that was corrected.
    """

    __tablename__ = "remedy_report"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id", "status"),
        Index("ix_remedy_report_case_id", "case_id"),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("report_source.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_case.id"))
    reference: Mapped[str]
    external_id: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    before: Mapped[str | None]
    after: Mapped[str | None]
    occurred_at: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(info=SEALED)
    created_at: Mapped[Created]

    source: Mapped[ReportSource] = relationship(lazy="joined")


@event.listens_for(ComplaintEvent.__table__, "after_create")
def _protect_events(_table: object, connection: Connection, **_options: object) -> None:
    connection.execute(text(PROTECT_SQL))

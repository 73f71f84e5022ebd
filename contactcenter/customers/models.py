"""Tables of customers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.core.db import Base, Created, Id

AT_ONCE: dict[str, Any] = {
    "postgresql_using": "gin",
    "postgresql_with": {"fastupdate": "off"},
}  # Any: SQLAlchemy's
"""An index without a list of what is to be put in order later, which every search would have to read."""


class Organisation(Base):
    """A company with contacts; `domain` (lower case) joins new mail addresses to it."""

    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str]
    domain: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[Created]


class Customer(Base):
    """A person, or the nameless visitor behind an address. `adjustments` are hard constraints (no_calls …).

    One who turned out to be another person is joined to him by `merged_into_id`, and keeps his rows. Of one who was erased
    the number alone is left.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_joined", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index("ix_customer_name_part", "name", postgresql_ops={"name": "gin_trgm_ops"}, **AT_ONCE),
        Index("ix_customer_name_letters", text("string_to_array(lower(name), NULL)"), **AT_ONCE),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(server_default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    language: Mapped[str] = mapped_column(server_default="en")
    zone: Mapped[str | None]
    segment: Mapped[str] = mapped_column(server_default="")
    vulnerable: Mapped[bool] = mapped_column(server_default="false")
    adjustments: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    erased_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    identities: Mapped[list["Identity"]] = relationship(back_populates="customer", order_by="Identity.id")

    @property
    def actor(self) -> str:
        """How the event log names this customer."""
        return f"customer:{self.id}"


@event.listens_for(Customer.__table__, "before_create")
def _make_trigrams(_table: object, connection: Connection, **_options: object) -> None:
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))


class Identity(Base):
    """One address of a customer: `kind` is email, phone or visitor; `value` is in its canonical form.

    `verified`: he has shown that it is his. What somebody merely typed is no identity but an AddressClaim.
    """

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("kind", "value"), Index("ix_identity_customer_id", "customer_id"))

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str]
    value: Mapped[str]
    verified: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Created]

    customer: Mapped[Customer] = relationship(back_populates="identities")


class Outcome(StrEnum):
    """What became of a claim. PROVED is not the end: the address answers, but somebody else has it already."""

    PROVED = "proved"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AddressClaim(Base):
    """An address that a customer typed as his own. `outcome` is null while nobody knows whether it is."""

    __tablename__ = "address_claim"
    __table_args__ = (UniqueConstraint("customer_id", "kind", "value"),)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str]
    value: Mapped[str]
    outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    @property
    def is_proved(self) -> bool:
        """Whether a mail we sent to the address was answered, while staff have yet to say who that was."""
        return self.outcome == Outcome.PROVED

"""Tables of the e-mail channel."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from contactcenter.accounts.models import Brand
from contactcenter.core.db import Base, Created, Id
from contactcenter.core.resealing import SEALED
from contactcenter.queues.models import Queue


class Mailbox(Base):
    """One address of a brand: where its mail is fetched (IMAP), how it leaves (SMTP), which queue gets it.

    `security` is tls (from the first byte), starttls or plain; `auth` is password or xoauth2 (the sealed secret is then
    an access token). `trusted_server` names the server whose Authentication-Results are believed. Mail is fetched from
    `last_uid` on, as long as the folder's UIDVALIDITY stays.
    """

    __tablename__ = "mailbox"
    __table_args__ = (
        CheckConstraint("address = lower(address)", name="address_lower"),
        CheckConstraint("imap_security IN ('tls','starttls','plain')", name="imap_security"),
        CheckConstraint("smtp_security IN ('tls','starttls','plain')", name="smtp_security"),
        CheckConstraint("auth IN ('password','xoauth2')", name="auth"),
    )

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(unique=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    from_name: Mapped[str] = mapped_column(server_default="")
    signature: Mapped[str] = mapped_column(server_default="")
    plus_addresses: Mapped[bool] = mapped_column(server_default="true")
    trusted_server: Mapped[str] = mapped_column(server_default="")
    active: Mapped[bool] = mapped_column(server_default="true")
    auth: Mapped[str] = mapped_column(server_default="password")
    imap_host: Mapped[str] = mapped_column(server_default="")
    imap_port: Mapped[int] = mapped_column(server_default="993")
    imap_security: Mapped[str] = mapped_column(server_default="tls")
    imap_user: Mapped[str] = mapped_column(server_default="")
    imap_secret: Mapped[str] = mapped_column(server_default="", info=SEALED)
    imap_folder: Mapped[str] = mapped_column(server_default="INBOX")
    smtp_host: Mapped[str] = mapped_column(server_default="")
    smtp_port: Mapped[int] = mapped_column(server_default="587")
    smtp_security: Mapped[str] = mapped_column(server_default="starttls")
    smtp_user: Mapped[str] = mapped_column(server_default="")
    smtp_secret: Mapped[str] = mapped_column(server_default="", info=SEALED)
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    brand: Mapped[Brand] = relationship(lazy="joined")
    queue: Mapped[Queue] = relationship(lazy="joined")


class RawState(StrEnum):
    """What became of stored bytes."""

    STORED = "stored"
    RECEIVED = "received"
    DUPLICATE = "duplicate"
    ROBOT = "robot"
    UNREADABLE = "unreadable"


class RawMessage(Base):
    """A mail as it came, kept before anything looks at it. `mailbox_id` is None for mail given by a command."""

    __tablename__ = "raw_message"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
        Index("ix_raw_message_sha256", "sha256"),
        Index("ix_raw_message_stored", "id", postgresql_where=text("state = 'stored'")),
    )

    id: Mapped[Id]
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    uid: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=RawState.STORED.value)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    created: Mapped[bool] = mapped_column(server_default="false")
    error: Mapped[str | None]
    processed_at: Mapped[datetime | None]


class Mail(Base):
    """What threading knows of one mail, come or gone: its Message-ID, what it answers, who takes part.

    `people` are all addresses in its headers except our own, in lower case. Outgoing mails have their Message-ID from the
    moment they are queued; `sendings` counts how often they were queued.
    """

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_header_id", "header_id"),
        Index("ix_mail_ticket_id", "ticket_id"),
        Index("ix_mail_message_id", "message_id"),
        Index("ix_mail_ancestors", "ancestors", postgresql_using="gin"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw_message.id"))
    outgoing: Mapped[bool] = mapped_column(server_default="false")
    header_id: Mapped[str | None]
    ancestors: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    sender: Mapped[str] = mapped_column(server_default="")
    people: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    sendings: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Created]

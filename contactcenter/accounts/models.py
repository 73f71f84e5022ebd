"""Tables of accounts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.core.db import Base, Created, Id


class Role(StrEnum):
    """What a person may do; several per person. `sales` exists only to be refused complaint data (F-17)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    INVESTIGATOR = "investigator"
    APPROVER = "approver"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"
    SALES = "sales"


class Brand(Base):
    """A company we answer for: its own mailboxes, widget, letters, language, zone."""

    __tablename__ = "brand"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    zone: Mapped[str] = mapped_column(server_default="Europe/London")
    privacy_notice: Mapped[str] = mapped_column(server_default="")
    complaint_pack: Mapped[str] = mapped_column(server_default="iso10002-default")
    further_packs: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    complaint_calendar: Mapped[str] = mapped_column(server_default="GB-ENG")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]


class Team(Base):
    """People who work together under one manager: the reporting line that keeps complaints independent."""

    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", use_alter=True, name="fk_team_manager_id_user_account")
    )
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]


class User(Base):
    """Somebody who can sign in. `version` guards edits; e-mail is kept in lower case.

    A `service` user is a program: it has API tokens and no password, and without a team it works for all of them.
    `language` is what he reads, `speaks` what he can answer customers in.
    """

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    language: Mapped[str] = mapped_column(server_default="en")
    speaks: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    zone: Mapped[str] = mapped_column(server_default="Europe/London")
    theme: Mapped[str] = mapped_column(server_default="auto")
    single_keys: Mapped[bool] = mapped_column(server_default="true")
    undo_chat: Mapped[bool] = mapped_column(server_default="false")
    active: Mapped[bool] = mapped_column(server_default="true")
    service: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])

    def has(self, *roles: Role) -> bool:
        """Whether the user holds any of `roles` (and is active)."""
        return self.active and any(role in self.roles for role in roles)

    @property
    def actor(self) -> str:
        """How the event log names this user."""
        return f"user:{self.id}"


class UserSession(Base):
    """One signed-in browser; the cookie carries a random token, we keep only its digest."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user_id", "user_id"),)

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(server_default="")

    user: Mapped[User] = relationship(lazy="joined")


class ApiToken(Base):
    """A key for programs, kept as a digest: whoever holds it acts as its user, with that user's roles and team.

    One that is `read_only` changes nothing, whatever the role may do.
    """

    __tablename__ = "api_token"

    id: Mapped[Id]
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    read_only: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Created]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


class OneTimeCode(Base):
    """A code that works once for one purpose (`first_administrator`)."""

    __tablename__ = "one_time_code"

    id: Mapped[Id]
    purpose: Mapped[str]
    digest: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

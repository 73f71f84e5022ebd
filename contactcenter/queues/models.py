"""Tables of queues."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.accounts.models import Brand, Team
from contactcenter.core.db import Base, Created, Id


class BusinessHours(Base):
    """A week of opening times in a zone. `week` has seven lists (Monday first) of ["09:00", "17:30"] pairs."""

    __tablename__ = "business_hours"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str] = mapped_column(server_default="Europe/London")
    week: Mapped[list[Any]] = mapped_column(JSONB)  # Any: JSON pairs, validated by queues.hours
    version: Mapped[int] = mapped_column(server_default="1")

    holidays: Mapped[list["Holiday"]] = relationship(order_by="Holiday.day", cascade="all, delete-orphan")


class Holiday(Base):
    """A day on which these hours are closed whatever the week says."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("hours_id", "day"),)

    id: Mapped[Id]
    hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id"))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(server_default="")


class Skill(Base):
    """Something an agent can do, at level 1–5: `english`, `mandarin`, `billing`."""

    __tablename__ = "skill"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(server_default="")


class AgentSkill(Base):
    """How well a person can do it."""

    __tablename__ = "agent_skill"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    level: Mapped[int] = mapped_column(server_default="3")

    skill: Mapped[Skill] = relationship(lazy="joined")


class Queue(Base):
    """Where work waits: its team, required skills, hours and targets (all `_s` in seconds).

    `steps` relaxes the requirement with time: [[seconds after enqueue, [["skill>=2"], …]], …] (ROUTING R9).
    Served in target = `service_level_pct` of live contacts within `service_level_s`.
    `sticky_s`: so long a customer waits for who helped him last; `language_s`: so long for somebody who speaks his
    language; 0 = neither is asked. `may_pick`: agents of the team may take what waits, past the router.
    `wrap_up_codes`: what its contacts can have been about; when one is over, its agent chooses.
    `silent_s`: a chat whose customer lets an answer stand for so long takes no slot until he writes again; 0 = it always does.
    """

    __tablename__ = "queue"
    __table_args__ = (UniqueConstraint("brand_id", "name"),)

    id: Mapped[Id]
    name: Mapped[str]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    open: Mapped[bool] = mapped_column(server_default="true")
    priority: Mapped[int] = mapped_column(server_default="0")
    ring_s: Mapped[int] = mapped_column(server_default="20")
    wrap_up_s: Mapped[int] = mapped_column(server_default="15")
    target_s: Mapped[int] = mapped_column(server_default="0")
    service_level_pct: Mapped[int] = mapped_column(server_default="80")
    service_level_s: Mapped[int] = mapped_column(server_default="60")
    first_reply_s: Mapped[int] = mapped_column(server_default="14400")
    resolve_s: Mapped[int] = mapped_column(server_default="172800")
    steps: Mapped[list[Any]] = mapped_column(
        JSONB, server_default="[]"
    )  # Any: JSON, validated by queues.service
    sticky_s: Mapped[int] = mapped_column(server_default="0")
    language_s: Mapped[int] = mapped_column(server_default="0")
    may_pick: Mapped[bool] = mapped_column(server_default="false")
    wrap_up_codes: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    silent_s: Mapped[int] = mapped_column(server_default="600")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    brand: Mapped[Brand] = relationship(lazy="joined")
    team: Mapped[Team] = relationship(lazy="joined")
    hours: Mapped[BusinessHours | None] = relationship()
    skills: Mapped[list["QueueSkill"]] = relationship(
        cascade="all, delete-orphan", order_by="QueueSkill.skill_id"
    )


class QueueSkill(Base):
    """A skill that work of this queue needs, at this level or better."""

    __tablename__ = "queue_skill"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    min_level: Mapped[int] = mapped_column(server_default="1")

    skill: Mapped[Skill] = relationship(lazy="joined")


class RoutingPolicy(Base):
    """What holds for all queues: one row, numbered 1; where there is none, the defaults hold.

    `handicap_s`: so far an agent goes behind for each skill beyond his first (ROUTING R5). `cooldown_s`: so long declined
    work does not come back to who declined it. `vip`: customer segment in lower case → points of priority.
    """

    __tablename__ = "routing_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    handicap_s: Mapped[int] = mapped_column(server_default="10")
    cooldown_s: Mapped[int] = mapped_column(server_default="30")
    vip: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")

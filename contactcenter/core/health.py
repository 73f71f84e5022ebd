"""How the parts that nobody sees are doing: the worker that reads messages, mailboxes, the router."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from contactcenter.core import clock
from contactcenter.core.db import Base


class ComponentHealth(Base):
    """The last word of one part; `since` is when its state last changed, `at` when it last spoke."""

    __tablename__ = "component_health"

    name: Mapped[str] = mapped_column(primary_key=True)
    ok: Mapped[bool]
    reason: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Health:
    """What to show: `ok`, else the reason (a sentence in English for logs and administrators) and since when."""

    name: str
    ok: bool
    reason: str
    since: datetime
    at: datetime


def report(session: Session, name: str, *, ok: bool, reason: str = "") -> None:
    """Say how `name` is doing; `since` moves only when the state does."""
    now = clock.now()
    row = {"name": name, "ok": ok, "reason": reason[:500], "since": now, "at": now}
    insertion = insert(ComponentHealth).values(row)
    table, new = ComponentHealth, insertion.excluded
    since = case((table.ok == new.ok, table.since), else_=new.since)
    changed = {"ok": new.ok, "reason": new.reason, "since": since, "at": new.at}
    session.execute(insertion.on_conflict_do_update(index_elements=["name"], set_=changed))


def forget(session: Session, name: str) -> None:
    """This part is no more, or not as it was: nothing is known of it until it speaks again."""
    session.execute(delete(ComponentHealth).where(ComponentHealth.name == name))


def health_of(session: Session, name: str) -> Health | None:
    """The last word of one part; None if it never spoke."""
    row = session.get(ComponentHealth, name, populate_existing=True)
    return Health(row.name, row.ok, row.reason, row.since, row.at) if row else None


def all_health(session: Session) -> list[Health]:
    """Every part that has spoken, the troubled first."""
    rows = session.scalars(select(ComponentHealth).order_by(ComponentHealth.ok, ComponentHealth.name))
    return [Health(row.name, row.ok, row.reason, row.since, row.at) for row in rows]

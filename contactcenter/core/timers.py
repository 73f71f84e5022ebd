"""Things that happen at an instant: due-at rows, found with SKIP LOCKED by any clock process."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from contactcenter.core import clock
from contactcenter.core.db import Base, Id, Json, notify

CHANNEL = "timer"
LOOKED_AT_EVERY = timedelta(seconds=1)
RETRY_AFTER = timedelta(seconds=60)


class TimerRow(Base):
    """One due-at row. (kind, key) is unique while it waits: setting it again moves it."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("uq_timer_waiting", "kind", "key", unique=True, postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    key: Mapped[str]
    args: Mapped[Json]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


Handler = Callable[[Session, dict[str, Any]], None]  # Any: JSON
_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Name the function that acts when a `kind` falls due; `compose` calls this, nobody else."""
    _handlers[kind] = handler


def set_timer(
    session: Session, kind: str, key: str, due_at: datetime, args: dict[str, Any] | None = None
) -> None:
    """Let `kind` fall due at `due_at`; a waiting timer of the same key is moved, not doubled."""
    session.execute(_SET, {"kind": kind, "key": key, "due_at": due_at, "args": args or {}})
    if due_at < clock.now() + LOOKED_AT_EVERY:  # the clocks look by themselves before any other
        notify(session, CHANNEL)


_insertion = insert(TimerRow.__table__)  # type: ignore[arg-type]  # a mapped class's table
_SET = _insertion.on_conflict_do_update(  # made once: making it costs more than running it
    index_elements=["kind", "key"],
    index_where=text("done_at IS NULL"),
    set_={"due_at": _insertion.excluded.due_at, "args": _insertion.excluded.args},
)


def cancel_timer(session: Session, kind: str, key: str) -> None:
    """Forget a waiting timer; nothing happens if there is none."""
    waiting = update(TimerRow).where(TimerRow.kind == kind, TimerRow.key == key, TimerRow.done_at.is_(None))
    session.execute(waiting.values(done_at=clock.now()))


def is_waiting(session: Session, kind: str) -> bool:
    """Whether a timer of that kind waits, due or not."""
    waiting = select(TimerRow.id).where(TimerRow.kind == kind, TimerRow.done_at.is_(None))
    return session.scalar(waiting.limit(1)) is not None


def claim_due(session: Session) -> TimerRow | None:
    """The first due timer, locked for this transaction; other clocks take the next."""
    due = select(TimerRow).where(TimerRow.done_at.is_(None), TimerRow.due_at <= clock.now())
    first = due.order_by(TimerRow.due_at, TimerRow.id).limit(1)
    return session.scalars(first.with_for_update(skip_locked=True)).first()


def fire(session: Session, row: TimerRow) -> None:
    """Run the handler of a claimed timer; it and the timer's end are one transaction."""
    row.done_at = clock.now()
    session.flush()  # the handler may set the same timer again
    _handlers[row.kind](session, row.args)


def postpone(session: Session, row_id: int, wait: timedelta = RETRY_AFTER) -> None:
    """Put off a timer whose handler failed, so that others get their turn; nothing if it was done or moved meanwhile."""
    due = select(TimerRow).where(
        TimerRow.id == row_id, TimerRow.done_at.is_(None), TimerRow.due_at <= clock.now()
    )
    row = session.scalar(due.with_for_update(skip_locked=True))
    if row is not None:
        row.due_at = clock.now() + wait


def next_due_at(session: Session) -> datetime | None:
    """The instant of the earliest waiting timer, for whoever sleeps until then."""
    return session.scalar(select(func.min(TimerRow.due_at)).where(TimerRow.done_at.is_(None)))

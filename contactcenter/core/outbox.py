"""Side effects as rows: written with the change that wants them, done by a worker, once.

The row is the truth. A relay hands due rows to the job queue and stamps `sent_at`; the handler runs in a transaction
that also sets `done_at`; a row sent long ago and not done is sent again. So a handler must bear being run twice:
it is called only while `done_at` is null and under the row's lock.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Index, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from contactcenter.core import clock
from contactcenter.core.db import Base, Id, Json, notify
from contactcenter.core.health import forget, report
from contactcenter.core.text import storable

CHANNEL = "outbox"
RESEND_AFTER = timedelta(seconds=60)
BATCH = 200
NAMED_FROM = 4
"""So many failures of one row, some ten minutes of them, are told on the wallboard."""

BACKOFF_S = (5, 30, 120, 600, 3600, 14400)


class OutboxRow(Base):
    """One side effect. `key` makes asking twice asking once; `queue` names the worker (`default` or `nlp`)."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "id", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[Id]
    task: Mapped[str]
    queue: Mapped[str] = mapped_column(Text, server_default="default")
    args: Mapped[Json]
    key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]


Args = dict[str, Any]  # Any: JSON
Handler = Callable[[Session, Args], None]


QUEUES = ("default", "nlp")

_handlers: dict[str, Handler] = {}


def register(task: str, handler: Handler) -> None:
    """Name the function that does `task` in this process; `compose` and the workers' entries call this."""
    _handlers[task] = handler


def enqueue(
    session: Session, task: str, args: Args, *, key: str | None = None, not_before: datetime | None = None
) -> None:
    """Add a side effect to this transaction; a `key` used before adds nothing."""
    row = {"task": task, "args": args, "key": key, "queue": queue_of(task), "created_at": clock.now()}
    session.execute(insert(OutboxRow).values(**row, not_before=not_before).on_conflict_do_nothing())
    notify(session, CHANNEL)


def queue_of(task: str) -> str:
    """The worker queue of a task: those called `nlp.…` need the models, everybody can do the others."""
    return "nlp" if task.startswith("nlp.") else "default"


# As text: a relay asks with every change. `due` is materialized, or the planner might run it again for each row and claim
# more than the batch.
_CLAIM = text("""
WITH due AS MATERIALIZED (
  SELECT id, sent_at IS NULL AND attempts = 0 AS fresh FROM outbox
   WHERE done_at IS NULL AND (sent_at IS NULL OR sent_at < :lost) AND (not_before IS NULL OR not_before <= :now)
   ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED
)
UPDATE outbox SET sent_at = :now FROM due WHERE outbox.id = due.id RETURNING outbox.id, queue, task, due.fresh
""")


class Due(NamedTuple):
    """A row to be sent. `fresh`: nobody has tried it, nor was it ever sent before."""

    id: int
    queue: str
    task: str
    fresh: bool


def claim_due(session: Session, *, limit: int = BATCH) -> list[Due]:
    """Lock and stamp rows that may be sent now; other relays skip them."""
    now = clock.now()
    rows = session.execute(_CLAIM, {"now": now, "lost": now - RESEND_AFTER, "batch": limit})
    return sorted(Due(*row) for row in rows)


def give_back(session: Session, row_ids: Sequence[int]) -> None:
    """These were claimed and could not be sent: they are due again at once."""
    claimed = update(OutboxRow).where(OutboxRow.id.in_(row_ids), OutboxRow.done_at.is_(None))
    session.execute(claimed.values(sent_at=None))


def send_apart(session: Session, row_ids: Sequence[int]) -> None:
    """These could not be done together: each is due at once, like one that was lost, and so goes by itself."""
    failed = update(OutboxRow).where(OutboxRow.id.in_(row_ids), OutboxRow.done_at.is_(None))
    session.execute(failed.values(sent_at=clock.now() - 2 * RESEND_AFTER))
    notify(session, CHANNEL)


def perform(session: Session, *row_ids: int) -> bool:
    """Run a row's handler under its lock and mark it done; False if it was done (or is being done) already.

    Several rows are of one task whose arguments are lists: the handler is called once, with all that they ask for.
    """
    wanted = select(OutboxRow).where(OutboxRow.id.in_(row_ids), OutboxRow.done_at.is_(None))
    rows = session.scalars(wanted.order_by(OutboxRow.id).with_for_update(skip_locked=True)).all()
    if not rows:
        return False
    _handlers[rows[0].task](session, _joined([row.args for row in rows]))
    for row in rows:
        row.done_at, row.error = clock.now(), None
        if row.attempts >= NAMED_FROM:
            forget(session, part_of(row.task))
    return True


def _joined(args: Sequence[Args]) -> Args:
    if len(args) == 1:
        return args[0]
    return {name: [each for one in args for each in one[name]] for name in args[0]}


def postpone(session: Session, row_id: int, error: str) -> None:
    """After a failed attempt: count it, keep the reason, try again later by the back-off table.

    A row may be gone: whom it was about has been erased.
    """
    row = session.get(OutboxRow, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    wait = BACKOFF_S[min(row.attempts, len(BACKOFF_S) - 1)]
    row.attempts += 1
    row.error = storable(error)[:2000]
    row.sent_at = None
    row.not_before = clock.after(wait)
    if row.attempts >= NAMED_FROM:
        kind = row.error.partition(":")[0]  # what follows may be somebody's words
        report(session, part_of(row.task), ok=False, reason=kind)


def part_of(task: str) -> str:
    """What a kind of side effect is called where parts say how they are doing."""
    return f"task {task}"


def next_due_at(session: Session) -> datetime | None:
    """When the earliest postponed row may be tried; None when nothing waits for its time."""
    waiting = select(func.min(OutboxRow.not_before)).where(
        OutboxRow.done_at.is_(None), OutboxRow.sent_at.is_(None)
    )
    return session.scalar(waiting)


def backlog(session: Session) -> tuple[int, float]:
    """How many rows are not done, and the age of the oldest in seconds."""
    query = select(func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.done_at.is_(None))
    count, oldest = session.execute(query).one()
    return count, (clock.now() - oldest).total_seconds() if count else 0.0

"""Forget what has served its purpose: every night, in batches small enough that nobody waits for them.

Only rows that are over and that nothing points to: what people said and did is not among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.db import rows_changed
from contactcenter.core.timers import set_timer

SWEEP = "retention.sweep"
NIGHT_HOUR = 3
BATCH = 1000
Column = InstrumentedAttribute[Any]  # Any: each column's own type


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows go `kept_for` after the instant in `over_at` (null: not over); None: KEEP_DONE_DAYS after it.

    `only`: of those alone for which it holds.
    """

    row_id: Column
    over_at: Column
    kept_for: timedelta | None = None
    only: ColumnElement[bool] = field(default_factory=true)


_rules: list[Rule] = []


def register(rule: Rule) -> None:
    """Let the rows of a table be forgotten; `compose` calls this, nobody else."""
    _rules.append(rule)


def plan_nightly(session: Session) -> None:
    """Let the sweep run at the next NIGHT_HOUR (UTC); a clock process asks for it when it starts."""
    now = clock.now()
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    set_timer(session, SWEEP, "all", tonight if tonight > now else tonight + timedelta(days=1))


def on_sweep(session: Session, _args: Mapping[str, Any]) -> None:  # Any: JSON of the timer
    """Timer: one batch of each table; while one was full, again at once, in a transaction of its own."""
    forgotten = [_forget(session, rule) for rule in _rules]
    if max(forgotten, default=0) < BATCH:
        plan_nightly(session)
    else:
        set_timer(session, SWEEP, "all", clock.now())


def _forget(session: Session, rule: Rule) -> int:
    """The oldest rows stand first in the table, so the walk by number ends with the batch; what is in use waits."""
    kept_for = timedelta(days=get_settings().keep_done_days) if rule.kept_for is None else rule.kept_for
    over = select(rule.row_id).where(rule.only, rule.over_at <= clock.now() - kept_for)
    batch = over.order_by(rule.row_id).limit(BATCH).with_for_update(skip_locked=True)
    numbers = session.scalars(
        batch
    ).all()  # named one by one they are found by the key, whatever the planner guesses
    return rows_changed(session, delete(rule.row_id.class_).where(rule.row_id.in_(numbers)))

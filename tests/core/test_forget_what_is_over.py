"""Retention: what is over goes after its time, in batches; what is open, young or in use stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import ApiToken, OneTimeCode, UserSession
from contactcenter.core import retention
from contactcenter.core.clock import frozen
from contactcenter.core.config import get_settings
from contactcenter.core.db import Base
from contactcenter.core.outbox import OutboxRow
from contactcenter.core.timers import TimerRow, set_timer
from tests.due import fire_next
from tests.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TONIGHT = datetime(2026, 11, 24, retention.NIGHT_HOUR, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def side_effects(session: Session, number: int, done_at: datetime | None) -> None:
    rows: list[dict[str, object]] = [
        {"task": "mail", "args": {}, "created_at": ago(99), "done_at": done_at} for _ in range(number)
    ]
    session.execute(insert(OutboxRow), rows)


def number_of(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    """Three rows at a time."""
    monkeypatch.setattr(retention, "BATCH", 3)
    return 3


def night(session: Session) -> int:
    """Let the night come; how often the sweep ran."""
    turns = 0
    with frozen(TONIGHT):
        while fire_next(session):
            turns += 1
    return turns


def test_done_side_effects_go_after_their_days_and_open_ones_stay(db_session: Session) -> None:
    days = get_settings().keep_done_days
    side_effects(db_session, 2, ago(days + 1))
    side_effects(db_session, 1, ago(days - 1))
    side_effects(db_session, 1, None)
    with frozen(NOON):
        retention.plan_nightly(db_session)
    assert night(db_session) == 1
    assert number_of(db_session, OutboxRow) == 2


def test_a_row_goes_at_its_very_instant_and_not_a_microsecond_before(db_session: Session) -> None:
    over_at = TONIGHT - timedelta(days=get_settings().keep_done_days)
    side_effects(db_session, 1, over_at)
    side_effects(db_session, 1, over_at + timedelta(microseconds=1))
    with frozen(NOON):
        retention.plan_nightly(db_session)
    night(db_session)
    assert db_session.scalars(select(OutboxRow.done_at)).all() == [over_at + timedelta(microseconds=1)]


def test_many_rows_go_in_batches_each_a_turn_of_its_own(db_session: Session, small_batches: int) -> None:
    side_effects(db_session, 2 * small_batches + 1, ago(99))
    with frozen(NOON):
        retention.plan_nightly(db_session)
    assert night(db_session) == 3
    assert number_of(db_session, OutboxRow) == 0


def test_sweep_comes_again_the_next_night(db_session: Session) -> None:
    with frozen(NOON):
        retention.plan_nightly(db_session)
    night(db_session)
    waiting = select(TimerRow.due_at).where(TimerRow.kind == retention.SWEEP, TimerRow.done_at.is_(None))
    assert db_session.scalars(waiting).all() == [TONIGHT + timedelta(days=1)]


def test_fired_timers_dead_sign_ins_codes_and_tokens_go(db_session: Session, world: World) -> None:
    alice = world.alice.id
    for over_at in (ago(99), NOON + timedelta(days=99)):
        name = str(over_at)
        seen = {"user_id": alice, "created_at": ago(100), "seen_at": ago(100)}
        db_session.add(UserSession(digest=name, expires_at=over_at, **seen))
        db_session.add(OneTimeCode(purpose="test", digest=name, expires_at=over_at))
        db_session.add(ApiToken(name=name, digest=name, user_id=alice, revoked_at=over_at))
    db_session.add(TimerRow(kind="test", key="old", args={}, due_at=ago(99), done_at=ago(99)))
    set_timer(db_session, "test", "waiting", NOON + timedelta(days=9))
    db_session.flush()
    with frozen(NOON):
        retention.plan_nightly(db_session)
    night(db_session)
    for model in (UserSession, OneTimeCode, ApiToken):
        assert number_of(db_session, model) == 1, model
    keys = set(db_session.scalars(select(TimerRow.key).where(TimerRow.kind == "test")))
    assert keys == {"waiting"}


def test_row_in_use_does_not_stop_the_sweep(clean_database: Engine) -> None:
    with Session(clean_database) as setup, setup.begin():
        side_effects(setup, 2, ago(99))
    with Session(clean_database) as busy, busy.begin():
        first = select(OutboxRow).order_by(OutboxRow.id).limit(1).with_for_update()
        busy.scalars(first).one()
        with frozen(NOON), Session(clean_database) as sweep, sweep.begin():
            retention.on_sweep(sweep, {})
    with Session(clean_database) as look:
        assert number_of(look, OutboxRow) == 1

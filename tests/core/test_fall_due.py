"""Timers: moved, cancelled, fired once and in order; a failing one steps aside for the others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.core import timers
from contactcenter.core.clock import frozen
from contactcenter.core.timers import TimerRow, cancel_timer, next_due_at, set_timer
from tests.due import fire_next
from workers.clock import fire_one
from workers.listen import Listener

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KIND = "test.bell"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def rung() -> Iterator[list[str]]:
    """Which bells have rung; "poison" fails, "again" sets itself once more."""
    heard: list[str] = []

    def ring(session: Session, args: dict[str, Any]) -> None:
        heard.append(args["bell"])
        if args["bell"] == "poison":
            raise ValueError("cracked")
        if args["bell"] == "again":
            set_timer(session, KIND, "again", after(60), {"bell": "once more"})

    timers.register(KIND, ring)
    yield heard
    timers._handlers.pop(KIND)


def bell(session: Session, name: str, seconds: float) -> None:
    set_timer(session, KIND, name, after(seconds), {"bell": name})


def fire_all(session: Session, seconds: float) -> None:
    with frozen(after(seconds)):
        while fire_next(session):
            pass


def test_timers_fire_once_in_the_order_of_their_instants(db_session: Session, rung: list[str]) -> None:
    bell(db_session, "second", 20)
    bell(db_session, "first", 10)
    bell(db_session, "later", 31)
    fire_all(db_session, 9.9)
    assert rung == []
    fire_all(db_session, 30)
    fire_all(db_session, 30)
    assert rung == ["first", "second"]
    assert next_due_at(db_session) == after(31)


def test_timer_set_again_is_moved_with_its_words(db_session: Session, rung: list[str]) -> None:
    bell(db_session, "one", 10)
    set_timer(db_session, KIND, "one", after(50), {"bell": "moved"})
    fire_all(db_session, 49)
    assert rung == []
    fire_all(db_session, 50)
    assert rung == ["moved"]


def test_cancelled_timer_never_fires_and_can_be_set_again(db_session: Session, rung: list[str]) -> None:
    bell(db_session, "one", 10)
    cancel_timer(db_session, KIND, "one")
    cancel_timer(db_session, KIND, "never set")
    fire_all(db_session, 60)
    assert rung == []
    assert next_due_at(db_session) is None
    bell(db_session, "one", 70)
    fire_all(db_session, 70)
    assert rung == ["one"]


def test_handler_may_set_its_own_timer_again(db_session: Session, rung: list[str]) -> None:
    bell(db_session, "again", 10)
    fire_all(db_session, 10)
    fire_all(db_session, 60)
    assert rung == ["again", "once more"]


def test_failing_timer_is_put_off_and_the_others_ring(db_session: Session, rung: list[str]) -> None:
    bell(db_session, "poison", 10)
    bell(db_session, "sound", 11)
    db_session.commit()
    with frozen(after(20)):
        while fire_one():
            pass
    assert rung == ["poison", "sound"]
    with frozen(after(81)):
        while fire_one():
            pass
    assert rung == ["poison", "sound", "poison"]


def test_only_the_failed_timer_is_put_off_while_another_clock_holds_it(
    clean_database: Engine, rung: list[str]
) -> None:
    with Session(clean_database) as setup, setup.begin():
        bell(setup, "poison", 0)
        bell(setup, "sound", 1)
        poison = setup.scalars(select(TimerRow.id).order_by(TimerRow.due_at)).first() or 0
    with frozen(after(10)), Session(clean_database) as mine, mine.begin():
        timers.postpone(mine, poison)
    with Session(clean_database) as look:
        waits = {row.key: row.due_at for row in look.execute(select(TimerRow.key, TimerRow.due_at))}
    assert waits == {"poison": after(70), "sound": after(1)}


def test_two_clocks_never_fire_the_same_timer(clean_database: Engine, rung: list[str]) -> None:
    with Session(clean_database) as setup, setup.begin():
        bell(setup, "one", 0)
        bell(setup, "two", 0)
    with frozen(after(5)), Session(clean_database) as first, Session(clean_database) as second:
        assert fire_next(first)
        assert fire_next(second)
        assert not fire_next(second)
        first.commit()
        second.commit()
        waiting = second.scalar(select(func.count()).where(TimerRow.done_at.is_(None)))
    assert sorted(rung) == ["one", "two"]
    assert waiting == 0


@pytest.mark.parametrize(
    ("seconds", "is_woken"), [(-5, True), (0, True), (0.9, True), (1, False), (3600, False)]
)
def test_only_what_is_due_before_a_clock_looks_anyway_wakes_it(
    clean_database: Engine, seconds: float, *, is_woken: bool
) -> None:
    with Listener(clean_database.url.render_as_string(hide_password=False), timers.CHANNEL) as listener:
        assert not listener.wait(0)
        with frozen(NOON), Session(clean_database) as session, session.begin():
            bell(session, "soon", seconds)
        assert listener.wait(0.5) is is_woken

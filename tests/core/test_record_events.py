"""Events: subscribers act in the same transaction, watchers hear after the commit and never of what did not happen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.core import db, events
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import (
    Event,
    EventRow,
    Recorded,
    Subject,
    record,
    subscribe,
    watch,
    watch_ticket,
)
from contactcenter.core.timers import TimerRow, set_timer
from tests.telling import strictly


@dataclass(frozen=True, slots=True)
class DoorOpened(Event):
    name: ClassVar[str] = "door.opened"
    door: int


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What watchers heard; door 13 breaks a subscriber, door 14 a watcher."""
    told: list[str] = []

    def act(session: Session, recorded: Recorded[DoorOpened]) -> None:
        assert isinstance(recorded.event, DoorOpened)
        set_timer(session, "door", str(recorded.event.door), recorded.at)
        if recorded.event.door == 13:
            raise ValueError("stuck")

    def listen(recorded: Recorded[DoorOpened]) -> None:
        assert isinstance(recorded.event, DoorOpened)
        told.append(f"{recorded.event.door} by {recorded.actor}")
        if recorded.event.door == 14:
            raise ValueError("deaf")

    for _ in range(2):
        subscribe(DoorOpened, act)
        watch(DoorOpened, listen)
    yield told
    events._handlers.pop(DoorOpened)
    events._watchers.pop(DoorOpened)


def open_door(session: Session, door: int) -> None:
    record(session, DoorOpened(door), actor="user:1", subject=Subject(ticket_id=7))


def open_doors(*doors: int) -> None:
    with unit_of_work() as session:
        for door in doors:
            open_door(session, door)


def written(session: Session) -> tuple[int, int]:
    """How many events and how many timers there are."""
    return (
        session.scalar(select(func.count()).where(EventRow.name == DoorOpened.name)) or 0,
        session.scalar(select(func.count()).where(TimerRow.kind == "door")) or 0,
    )


def test_event_its_consequences_and_the_change_are_one_transaction(
    db_session: Session, heard: list[str]
) -> None:
    with unit_of_work() as session:
        open_door(session, 1)
        assert heard == []
    assert heard == ["1 by user:1"]
    assert written(db_session) == (1, 1)
    row = db_session.scalars(select(EventRow).where(EventRow.name == DoorOpened.name)).one()
    assert (row.ticket_id, row.data) == (7, {"door": 1})


def test_failing_subscriber_undoes_the_change_and_nobody_hears_of_it(
    db_session: Session, heard: list[str]
) -> None:
    with pytest.raises(ValueError, match="stuck"):
        open_doors(1, 13)
    assert heard == []
    assert written(db_session) == (0, 0)


def test_failing_watcher_neither_undoes_the_work_nor_silences_the_next(
    db_session: Session, heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    db.run_hooks_with(db.tell)
    try:
        with unit_of_work() as session:
            open_door(session, 14)
            open_door(session, 2)
    finally:
        db.run_hooks_with(strictly)
    assert heard == ["14 by user:1", "2 by user:1"]
    assert written(db_session) == (2, 2)
    assert "telling_failed" in "".join(capsys.readouterr())


def test_watchers_see_what_was_committed(db_session: Session) -> None:
    seen: list[int] = []

    def look(_recorded: Recorded[DoorOpened]) -> None:
        with unit_of_work() as session:
            seen.append(written(session)[0])

    watch(DoorOpened, look)
    try:
        with unit_of_work() as session:
            open_door(session, 1)
    finally:
        events._watchers.pop(DoorOpened)
    assert seen == [1]


def test_ticket_is_looked_at_once_for_all_that_one_commit_did_to_it(db_session: Session) -> None:
    seen: list[tuple[int, int]] = []

    def look(ticket_id: int) -> None:
        seen.append((ticket_id, written(db_session)[0]))

    for _ in range(2):
        watch_ticket(DoorOpened, look)
    try:
        with unit_of_work() as session:
            for ticket_id in (7, 8, 7, None):
                record(session, DoorOpened(1), actor="user:1", subject=Subject(ticket_id=ticket_id))
        open_doors(2)
    finally:
        events._ticket_watchers.pop(DoorOpened)
    assert seen == [(7, 4), (8, 4), (7, 5)]

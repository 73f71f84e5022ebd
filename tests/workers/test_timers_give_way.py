"""A timer whose handler would have to wait for people gives way to them, and comes again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Team
from contactcenter.core import clock, timers
from contactcenter.core.timers import TimerRow
from workers.clock import fire_one

KIND = "test.wants_a_team"


@pytest.fixture
def team(clean_database: Engine) -> Iterator[int]:
    """A timer is due that wants this team's row."""

    def handle(session: Session, args: dict[str, Any]) -> None:  # Any: JSON
        session.get_one(Team, args["team"], with_for_update=True).name = "done"

    timers.register(KIND, handle)
    with Session(clean_database) as session, session.begin():
        team = Team(name="Support")
        session.add(team)
        session.flush()
        timers.set_timer(session, KIND, "one", clock.now(), {"team": team.id})
        number = team.id
    yield number
    timers._handlers.pop(KIND)


def test_timer_lets_go_when_people_hold_what_it_wants(clean_database: Engine, team: int) -> None:
    with Session(clean_database) as people:
        people.get_one(Team, team, with_for_update=True)
        assert fire_one()
        timers.set_timer(
            people, KIND, "one", clock.now(), {"team": team}
        )  # would wait for ever if it were held
        people.commit()
    assert fire_one()
    with Session(clean_database) as later:
        assert later.scalar(select(Team.name)) == "done"


def test_timer_that_gives_way_lets_the_next_one_fire(clean_database: Engine, team: int) -> None:
    with Session(clean_database) as people:
        other = Team(name="Other")
        people.add(other)
        people.flush()
        timers.set_timer(people, KIND, "two", clock.now(), {"team": other.id})
        people.commit()
        people.get_one(Team, team, with_for_update=True)
        assert fire_one()
        assert fire_one()
        assert people.scalar(select(Team.name).where(Team.id == other.id)) == "done"
        assert not fire_one()
    with clock.frozen(clock.now() + timedelta(seconds=2)):
        assert fire_one()


def test_timer_that_people_moved_meanwhile_stays_where_they_put_it(clean_database: Engine, team: int) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    with Session(clean_database) as people:
        row_id = people.scalars(select(TimerRow.id)).one()
        timers.set_timer(people, KIND, "one", tomorrow, {"team": team})
        people.commit()
    with Session(clean_database) as late, late.begin():
        timers.postpone(late, row_id)
    with Session(clean_database) as later:
        assert later.scalar(select(TimerRow.due_at)) == tomorrow

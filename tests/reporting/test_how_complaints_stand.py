"""What supervisors see of complaints: which dates press, how old, what was refused, how often a second look changes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from contactcenter.complaints.service import act_for_time, apply
from contactcenter.core.clock import frozen
from contactcenter.reporting.binomial import at_least, exact_interval
from contactcenter.reporting.complaints import ComplaintsReport, read_complaints
from tests.complaints.staff import MONDAY, Desk, admitted, decided, in_follow_up, opened
from tests.web.complaints.cases import Walk, stages
from tests.world import World

HOUR = timedelta(hours=1)


def report(session: Session, world: World, after: timedelta, period: str = "this_month") -> ComplaintsReport:
    with frozen(MONDAY + after):
        return read_complaints(session, world.admin, period)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)],
)  # the table of Clopper and Pearson, as every handbook prints it
def test_interval_is_the_exact_one(hits: int, n: int, low: float, high: float) -> None:
    assert list(exact_interval(hits, n)) == pytest.approx([low, high], abs=5e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_leaves_its_tails(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = exact_interval(hits, n)
    assert low <= hits / n <= high
    if hits:
        assert at_least(hits, n, low) == pytest.approx(0.025)
    if hits < n:
        assert 1 - at_least(hits + 1, n, high) == pytest.approx(0.025)


def test_dates_press_more_as_they_come_nearer_and_stand_late_at_last(
    db_session: Session, world: World
) -> None:
    case = opened(db_session, world).case
    assert case.next_due_at is not None
    assert case.next_clock == "assess"
    left = case.next_due_at - MONDAY
    for before, nearness in (
        (timedelta(days=2), "two_days"),
        (HOUR, "day"),
        (timedelta(), "late"),
        (-HOUR, "late"),
    ):
        [row] = report(db_session, world, left - before).pressing
        assert (row.clock, [name for name, n in row.by_nearness.items() if n]) == ("assess", [nearness])


def test_open_cases_are_counted_by_their_age(db_session: Session, world: World) -> None:
    opened(db_session, world)
    seen = report(db_session, world, timedelta(days=20))
    assert (seen.open_n, seen.median_days, seen.oldest_tenth_days) == (1, 20, 20)
    assert [name for name, n in seen.ages.items() if n] == ["four_weeks"]


def test_what_is_closed_counts_no_more_and_again_once_it_is_opened_again(
    db_session: Session, world: World
) -> None:
    desk, end = in_follow_up(db_session, world), MONDAY.replace(day=28)
    desk.do("root_cause", world.ivan.actor, end, level1="people", level2="tired", factor="long shift")
    desk.do("survey", desk.customer, end, perceived=9, expected=5, resolved=True)
    act_for_time(db_session, desk.case, end)
    assert desk.case.state == "closed"
    assert report(db_session, world, end - MONDAY).open_n == 0
    desk.do("reopen", desk.customer, end + HOUR, reason="new_evidence")
    seen = report(db_session, world, end - MONDAY + 2 * HOUR)
    assert (seen.open_n, seen.median_days, len(seen.pressing)) == (1, 26, 1)


def test_nothing_open_has_no_age(db_session: Session, world: World) -> None:
    seen = report(db_session, world, HOUR)
    assert (seen.open_n, seen.median_days, seen.pressing, seen.refused) == (0, None, [], [])


def test_each_rule_is_told_how_often_and_how_many_it_refused(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    with frozen(MONDAY + timedelta(hours=4)):
        for actor in (world.alice.actor, world.alice.actor, world.bob.actor):
            assert not apply(db_session, desk.case, "start", actor, {"declaration": "none"}).accepted
        assert not apply(db_session, desk.case, "start", world.ivan.actor, {"declaration": ""}).accepted
    found = report(db_session, world, timedelta(days=1)).refused
    assert [(one.rule, one.times, one.people) for one in found] == [("ACTOR", 3, 2), ("F-03", 1, 1)]
    assert report(db_session, world, timedelta(days=40)).refused == [], "another month"


def test_decisions_are_counted_with_those_that_deviate(db_session: Session, world: World) -> None:
    decided(db_session, world)
    seen = report(db_session, world, timedelta(days=7))
    assert (seen.decided_n, seen.upheld_n, seen.deviations_n) == (1, 1, 0)


@pytest.mark.parametrize("changes", [True, False])
def test_a_second_look_counts_against_who_decided_first(
    db_session: Session, world: World, *, changes: bool
) -> None:
    walk = Walk(db_session, world)
    for _stage in stages(walk, upheld=False, late=False):
        pass
    finding = {
        "point": 1,
        "finding": "upheld" if changes else "not upheld",
        "reason": "录音可以证明。",
        "evidence": ["录音一"],
    }
    walk.do("reviewer", world.petra.actor, reviewer=walk.ruth.actor)
    walk.do(
        "review_decide",
        walk.ruth.actor,
        findings=[finding],
        loss=0,
        goodwill=5000 if changes else 0,
        reviewer=walk.ruth.actor,
    )
    seen = report(db_session, world, walk.at - MONDAY + HOUR)
    assert (seen.overturn.looked_at, seen.overturn.changed) == (1, int(changes))
    [row] = seen.by_decider
    assert (row.decider, seen.names[row.decider or ""]) == (world.ivan.actor, world.ivan.name)
    assert (row.low, row.high) == exact_interval(int(changes), 1)


def test_who_is_complained_about_counts_nothing_of_it(db_session: Session, world: World) -> None:
    Desk(db_session, world, opened(db_session, world, subjects=(world.admin.actor,)).case)
    assert report(db_session, world, HOUR).open_n == 0

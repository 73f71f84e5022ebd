"""Satisfaction Σb/Σa of a period, and one follow-up per case, noted once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.core.clock import frozen
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import EventRow
from contactcenter.customers.service import identify
from contactcenter.surveys.models import FollowUp, SurveyAnswer
from contactcenter.surveys.service import (
    RANGES,
    About,
    SatisfactionIndex,
    answer,
    finish_follow_up,
    plan_follow_up,
    satisfaction_index,
)
from tests.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CASE = About("complaint", "CMP-1")
SCORE = st.integers(1, 10)
patient = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def give(session: Session, about: About = CASE, /, **values: int) -> None:
    for question, value in values.items():
        answer(session, about, question, value, customer_id=None)


def index_of_the_day(session: Session) -> SatisfactionIndex:
    return satisfaction_index(session, "complaint", NOON, NOON + timedelta(days=1))


def test_satisfaction_is_what_was_got_by_what_was_expected(db_session: Session) -> None:
    with frozen(NOON):
        give(db_session, expectation=8)
        assert index_of_the_day(db_session).c is None
        give(db_session, perception=6)
    assert index_of_the_day(db_session).c == 0.75


@patient
@given(SCORE, SCORE)
def test_who_says_not_resolved_is_never_satisfied(db_session: Session, a: int, b: int) -> None:
    with frozen(NOON):
        give(db_session, expectation=a, perception=b, resolved=1)
        assert index_of_the_day(db_session).below_n == (b < a)
        give(db_session, resolved=0)
    found = index_of_the_day(db_session)
    assert (found.below_n, found.equal_n, found.above_n) == (1, 0, 0)


def test_answering_again_replaces_and_counts_once(db_session: Session, world: World) -> None:
    for value in (2, 9):
        answer(db_session, CASE, "nps", value, customer_id=world.wang_li.id, comment="x" * 5000)
    rows = db_session.scalars(select(SurveyAnswer)).all()
    assert [(row.value, len(row.comment)) for row in rows] == [(9, 2000)]
    told = select(func.count()).where(EventRow.name == "survey.answered")
    assert db_session.scalar(told) == 2


@pytest.mark.parametrize("question", RANGES)
def test_answer_outside_its_range_is_refused(db_session: Session, question: str) -> None:
    low, high = RANGES[question]
    for value in (low, high):
        answer(db_session, CASE, question, value, customer_id=None)
    for value in (low - 1, high + 1):
        with pytest.raises(Invalid, match=f"from {low} to {high}"):
            answer(db_session, CASE, question, value, customer_id=None)


def test_unknown_question_is_refused(db_session: Session) -> None:
    with pytest.raises(Invalid, match="no such question"):
        give(db_session, happiness=5)


@patient
@given(st.lists(st.tuples(SCORE, SCORE), max_size=6))
def test_index_of_a_period_is_a_ratio_of_sums(db_session: Session, pairs: list[tuple[int, int]]) -> None:
    with db_session.begin_nested() as savepoint, frozen(NOON):
        for n, (a, b) in enumerate(pairs):
            give(db_session, About("complaint", f"R-{n}"), expectation=a, perception=b)
        give(db_session, About("complaint", "half"), expectation=10)
        give(db_session, About("conversation", "R-0"), expectation=10, perception=1)
        found = satisfaction_index(db_session, "complaint", NOON, NOON + timedelta(days=1))
        savepoint.rollback()
    if pairs:
        expected, perceived = (sum(column) for column in zip(*pairs, strict=True))
        below, above = sum(b < a for a, b in pairs), sum(b > a for a, b in pairs)
        counts = len(pairs), below, len(pairs) - below - above, above
        assert found == SatisfactionIndex(perceived / expected, *counts)
    else:
        assert found == SatisfactionIndex(None, 0, 0, 0, 0)


def test_period_counts_by_the_instant_of_the_second_answer(db_session: Session) -> None:
    day = timedelta(days=1)
    with frozen(NOON - day):
        give(db_session, expectation=4)
    with frozen(NOON):
        give(db_session, perception=8)
    assert satisfaction_index(db_session, "complaint", NOON, NOON + day).c == 2.0
    assert satisfaction_index(db_session, "complaint", NOON - day, NOON).answered_n == 0


def test_planning_again_moves_the_one_open_task(db_session: Session, world: World) -> None:
    tasks = [
        plan_follow_up(
            db_session,
            CASE,
            world.wang_li.id,
            NOON + timedelta(days=n),
            user_id=world.alice.id,
            actor="system",
        )
        for n in (1, 3)
    ]
    assert tasks[0] is tasks[1]
    assert tasks[0].due_at == NOON + timedelta(days=3)
    finish_follow_up(db_session, tasks[0], "done", "All well", actor=world.alice.actor)
    later = plan_follow_up(db_session, CASE, world.wang_li.id, NOON, actor="system")
    assert later.id != tasks[0].id
    assert db_session.scalar(select(func.count()).select_from(FollowUp)) == 2


def test_follow_up_is_noted_once(db_session: Session, world: World) -> None:
    task = plan_follow_up(db_session, CASE, world.wang_li.id, NOON, actor="system")
    finish_follow_up(db_session, task, "no_answer", "", actor=world.alice.actor)
    with pytest.raises(Conflict, match="noted already"):
        finish_follow_up(db_session, task, "done", "Me too", actor=world.bob.actor)
    db_session.refresh(task)
    assert (task.state, task.result) == ("done", "no_answer")


def test_follow_up_has_one_of_three_results(db_session: Session, world: World) -> None:
    task = plan_follow_up(db_session, CASE, world.wang_li.id, NOON, actor="system")
    with pytest.raises(Invalid):
        finish_follow_up(db_session, task, "maybe", "", actor=world.alice.actor)
    assert task.state == "due"


def test_two_planners_at_once_make_one_task(clean_database: Engine) -> None:
    with Session(clean_database, expire_on_commit=False) as session:
        customer_id = identify(session, "email", "wang.li@example.cn", name="王丽", language="zh").id
        session.commit()
    both_here = Barrier(2)

    def plan(n: int) -> int:
        with Session(clean_database) as session:
            both_here.wait(timeout=10)
            due_at = NOON + timedelta(days=n)
            task = plan_follow_up(session, CASE, customer_id, due_at, actor="system")
            session.commit()
            return task.id

    with ThreadPoolExecutor(2) as people:
        assert len(set(people.map(plan, (1, 2)))) == 1
    with Session(clean_database) as session:
        assert session.scalar(select(func.count()).select_from(FollowUp)) == 1

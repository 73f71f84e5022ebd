"""The outbox: asked once, claimed by one relay, done once, tried again by the table, sent again when lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.core import outbox
from contactcenter.core.clock import frozen
from contactcenter.core.outbox import BACKOFF_S, OutboxRow, backlog, claim_due, enqueue, next_due_at, perform

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TASK = "test.task"


@pytest.fixture
def done() -> Iterator[list[str]]:
    """What the handler of TASK was asked to do; it refuses "poison" after it has written something down."""
    did: list[str] = []

    def handle(session: Session, args: outbox.Args) -> None:
        did.append(args["what"])
        if args["what"] == "poison":
            enqueue(session, TASK, {"what": "by the failed one"})
            raise ValueError("no\0way")

    outbox.register(TASK, handle)
    yield did
    outbox._handlers.pop(TASK)


def rows(session: Session) -> list[OutboxRow]:
    return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_key_used_before_adds_nothing(db_session: Session, done: list[str]) -> None:
    for _ in range(2):
        enqueue(db_session, TASK, {"what": "mail"}, key="send:1")
    enqueue(db_session, TASK, {"what": "mail"})
    enqueue(db_session, TASK, {"what": "mail"})
    assert [row.key for row in rows(db_session)] == ["send:1", None, None]


def test_key_stays_used_after_the_work_is_done(db_session: Session, done: list[str]) -> None:
    enqueue(db_session, TASK, {"what": "mail"}, key="send:1")
    perform(db_session, rows(db_session)[0].id)
    enqueue(db_session, TASK, {"what": "mail"}, key="send:1")
    assert len(rows(db_session)) == 1


def test_row_is_done_once(db_session: Session, done: list[str]) -> None:
    enqueue(db_session, TASK, {"what": "mail"})
    row_id = rows(db_session)[0].id
    assert perform(db_session, row_id)
    assert not perform(db_session, row_id)
    assert not perform(db_session, row_id + 1000)
    assert done == ["mail"]
    assert backlog(db_session) == (0, 0.0)


def test_tasks_of_models_go_to_their_own_worker(db_session: Session) -> None:
    enqueue(db_session, "nlp.analyse", {})
    enqueue(db_session, TASK, {})
    assert [row.queue for row in claim_due(db_session)] == ["nlp", "default"]


def test_sent_row_is_sent_again_only_when_it_seems_lost(db_session: Session) -> None:
    with frozen(NOON):
        enqueue(db_session, TASK, {})
        assert len(claim_due(db_session)) == 1
        assert claim_due(db_session) == []
    with frozen(NOON + timedelta(seconds=60)):
        assert claim_due(db_session) == []
    with frozen(NOON + timedelta(seconds=61)):
        assert len(claim_due(db_session)) == 1


def test_row_waits_for_its_time(db_session: Session) -> None:
    later = NOON + timedelta(minutes=5)
    with frozen(NOON):
        enqueue(db_session, TASK, {}, not_before=later)
        assert claim_due(db_session) == []
        assert next_due_at(db_session) == later
        assert backlog(db_session) == (1, 0.0)
    with frozen(later):
        assert len(claim_due(db_session)) == 1
        assert backlog(db_session) == (1, 300.0)


def test_failures_are_tried_again_later_and_later(db_session: Session, done: list[str]) -> None:
    with frozen(NOON):
        enqueue(db_session, TASK, {"what": "poison"})
    row_id, at = rows(db_session)[0].id, NOON
    for attempt, wait in enumerate((*BACKOFF_S, BACKOFF_S[-1]), start=1):
        with frozen(at):
            assert [row.id for row in claim_due(db_session)] == [row_id]
            with pytest.raises(ValueError, match="no"), db_session.begin_nested():
                perform(db_session, row_id)
            outbox.postpone(db_session, row_id, "ValueError: no\0way")
            db_session.flush()
            assert claim_due(db_session) == []
        row = db_session.get_one(OutboxRow, row_id)
        assert (row.attempts, row.error) == (attempt, "ValueError: noway")
        at += timedelta(seconds=wait)
        assert row.not_before == at
    assert len(rows(db_session)) == 1  # what the failed attempts had written went with them


def test_claim_takes_no_more_than_its_limit(db_session: Session) -> None:
    for _ in range(7):
        enqueue(db_session, TASK, {})
    assert [len(claim_due(db_session, limit=3)) for _ in range(4)] == [3, 3, 1, 0]


def test_two_relays_never_claim_the_same_row(clean_database: Engine) -> None:
    with Session(clean_database) as setup, setup.begin():
        for _ in range(5):
            enqueue(setup, TASK, {})
    with Session(clean_database) as one, Session(clean_database) as other:
        first, second = claim_due(one, limit=3), claim_due(other)
        assert len(first) == 3
        assert len(second) == 2
        assert not {row.id for row in first} & {row.id for row in second}
        one.rollback()
        other.commit()
    with Session(clean_database) as later:
        assert [row.id for row in claim_due(later)] == [
            row.id for row in first
        ]  # the first relay died before it could send


def test_row_under_work_is_not_done_by_a_second_worker(clean_database: Engine, done: list[str]) -> None:
    with Session(clean_database) as setup, setup.begin():
        enqueue(setup, TASK, {"what": "mail"})
    with Session(clean_database) as one, Session(clean_database) as other:
        row_id = rows(one)[0].id
        assert perform(one, row_id)
        assert not perform(other, row_id)
        one.commit()
    assert done == ["mail"]

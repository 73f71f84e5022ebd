"""Browsers are told after the commit, on a thread that nothing can stop."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from contactcenter.core import db
from tests.telling import strictly
from workers.teller import Teller


@pytest.fixture
def teller() -> Iterator[Teller]:
    teller = Teller()
    db.run_hooks_with(teller)
    yield teller
    db.run_hooks_with(strictly)


def test_hooks_run_in_order_and_a_failing_one_stops_nobody(db_session: Session, teller: Teller) -> None:
    told: list[str] = []

    def fail() -> None:
        told.append("failing")
        raise LookupError("no such template")

    with teller:
        with db.unit_of_work() as session:
            db.after_commit(session, lambda: told.append("first"))
            db.after_commit(session, fail)
        with db.unit_of_work() as session:
            db.after_commit(session, lambda: told.append("last"))
    assert told == ["first", "failing", "last"]


def test_nobody_is_told_of_what_rolled_back(db_session: Session, teller: Teller) -> None:
    told: list[str] = []

    def fail_halfway() -> None:
        with db.unit_of_work() as session:
            db.after_commit(session, lambda: told.append("never"))
            session.execute(text("SELECT 1 / 0"))

    with teller, pytest.raises(DataError, match="division by zero"):
        fail_halfway()
    assert told == []

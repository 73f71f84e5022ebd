"""Who is told of a commit looks at the database without a transaction, together with others who are told of it."""

from collections.abc import Collection

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Team
from contactcenter.core import db, push
from contactcenter.core.db import as_of, look, one_look, reading, unit_of_work


def test_who_is_told_together_looks_once(clean_database: Engine) -> None:
    with unit_of_work() as session:
        session.add(Team(name="Tides"))
    with one_look():
        with look() as first:
            seen = first.query(Team).one()
            began = as_of(first)
        with look() as second:
            assert second is first
            assert second.get(Team, seen.id) is seen
            assert as_of(second) == began
    with look() as alone:
        assert alone is not first
        assert as_of(alone) > began


def test_what_was_read_is_not_forgotten_though_nobody_holds_it(clean_database: Engine) -> None:
    with unit_of_work() as session:
        session.add(Team(name="Tides"))
    with one_look():
        with look() as session:
            name = session.query(Team).one().name
        with look() as session:
            assert [name] == [one.name for one in session.identity_map.values() if isinstance(one, Team)]


def test_look_sees_what_is_committed_meanwhile(clean_database: Engine) -> None:
    with reading() as session:
        assert session.scalar(text("SELECT count(*) FROM team")) == 0
        with unit_of_work() as other:
            other.add(Team(name="Tides"))
        assert session.scalar(text("SELECT count(*) FROM team")) == 1


def test_look_that_fails_spoils_nothing_for_the_next(clean_database: Engine) -> None:
    with one_look():
        with pytest.raises(ProgrammingError), look() as session:
            session.execute(text("SELECT no_such_column FROM team"))
        with look() as session:
            assert session.scalar(text("SELECT 1")) == 1


@pytest.mark.usefixtures("clean_database")
def test_connection_that_the_server_ended_is_not_given_out(owner: Engine) -> None:
    """After a restart of the database the first who asks is served like all others."""
    with unit_of_work() as session:
        ended = session.scalar(text("SELECT pg_backend_pid()"))
    with owner.connect() as other:
        assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})
    with unit_of_work() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != ended
    with reading() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_who_is_told_of_one_commit_asks_once_who_listens() -> None:
    asked: list[tuple[str, ...]] = []

    def audience(rooms: Collection[str], namespace: str) -> Collection[str]:
        assert namespace == "/console"
        asked.append(tuple(rooms))
        return [room for room in rooms if room == "ticket:1:en"]

    push.use(lambda *_args, **_kwargs: None, audience)
    try:
        with one_look():
            assert push.heard("ticket:1:en", "ticket:1:zh") == {"ticket:1:en"}
            assert push.heard("ticket:1:en", "queue:1:en") == {"ticket:1:en"}
        assert list(push.heard("queue:1:en")) == []
    finally:
        push.use(lambda *_args, **_kwargs: None)
    assert asked == [("ticket:1:en", "ticket:1:zh"), ("queue:1:en",), ("queue:1:en",)]


def test_runner_gets_all_that_waited_for_one_commit(db_session: Session) -> None:
    batches: list[int] = []
    db.run_hooks_with(lambda hooks: batches.append(len(list(hooks))))
    try:
        with unit_of_work() as session:
            db.after_commit(session, lambda: None)
            db.after_commit(session, lambda: None, first=True)
    finally:
        db.run_hooks_with(db.tell)
    assert batches == [2]

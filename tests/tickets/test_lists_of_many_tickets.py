"""Lists of a large database: the database itself says how it finds them."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text, update
from sqlalchemy.orm import Session

from benchmarks.large import fill
from contactcenter.accounts.models import User
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.queries import TicketFilter, count_tickets, list_tickets
from tests.world import build_world

MANY = 3000
PAGE = 5

Plan = dict[str, Any]  # Any: JSON of EXPLAIN


@pytest.fixture
def crowded(clean_database: Engine, owner: Engine) -> Iterator[Session]:
    """Many tickets, two of them with a complaint."""
    with Session(owner) as session, session.begin():
        build_world(session)
    with owner.connect() as connection:
        fill(connection, MANY)
        two = update(Ticket).where(Ticket.id % 1000 == 7, Ticket.status == "open").values(complaint_ref="C")
        connection.execute(two)
        connection.execute(text("ANALYZE ticket"))
        connection.commit()
    with Session(owner) as session:
        yield session


def test_the_few_complaints_are_not_looked_for_among_all_tickets(crowded: Session) -> None:
    wanted = TicketFilter(complaints=True, live_only=True)
    bob = supervisor(crowded)
    for ask in (count_tickets, list_tickets):
        plan = plan_of(crowded, partial(ask, crowded, bob, wanted))
        assert read_from(plan, "ticket") < 100


def test_a_search_that_finds_many_completes_only_the_rows_of_its_page(crowded: Session) -> None:
    wanted = TicketFilter(words="海港街")
    assert count_tickets(crowded, supervisor(crowded), wanted) > 10 * PAGE
    plan = plan_of(crowded, lambda: list_tickets(crowded, supervisor(crowded), wanted, limit=PAGE))
    joined = [one["Actual Rows"] for one in nodes(plan) if "Left" in one.get("Join Type", "")]
    assert joined
    assert max(joined) <= PAGE + 1


def supervisor(session: Session) -> User:
    return session.query(User).filter(User.name.startswith("Bob")).one()


def plan_of(session: Session, ask: Callable[[], object]) -> Plan:
    """Of the first statement about tickets that `ask` makes."""
    said: list[tuple[str, Any]] = []

    def note(_c: Connection, _cursor: object, statement: str, given: Any, *_rest: object) -> None:
        said.append((statement, given))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    statement, given = next(one for one in said if "FROM ticket" in one[0])
    explained = session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", given)
    found = explained.scalar_one()
    plan: Plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def read_from(plan: Plan, table: str) -> int:
    """Rows of a table that were looked at, taken or not."""
    here = [one for one in nodes(plan) if one.get("Relation Name") == table]
    return sum(
        (one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in here
    )

"""Whoever searches for a customer waits no longer because there are many: what few have is found without looking at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text, true
from sqlalchemy.orm import Session

from contactcenter.customers.queries import search_customers

MANY = 20_000
FEW = 400
"""Rows that a search may look at to fill a page of fifty."""
FILL = (
    f"""
    INSERT INTO customer (name, created_at)
    SELECT CASE WHEN k % 4 = 0 THEN '王' || k ELSE 'Person ' || k END, now() FROM generate_series(1, {MANY}) k
    """,
    "INSERT INTO customer (name, created_at) VALUES ('赵丽丽', now()), ('Mirzoyan', now()), ('100%_sure', now())",
    "INSERT INTO customer (name, created_at) VALUES ('maria@example.com', now())",
    """
    INSERT INTO identity (customer_id, kind, value, created_at)
    SELECT id, 'email', CASE WHEN name LIKE '%@%' THEN name ELSE 'person' || id || '@example.com' END, now() FROM customer
    """,
    "INSERT INTO identity (customer_id, kind, value, created_at) SELECT id, 'phone', '+442079460018', now() FROM customer WHERE name = 'Mirzoyan'",
    "ANALYZE customer, identity",
)
Plan = dict[str, Any]  # Any: PostgreSQL's JSON


@pytest.fixture(scope="module")
def many(owner: Engine) -> Iterator[Session]:
    """So many customers, known to the planner; gone afterwards."""
    with owner.connect() as connection, connection.begin() as everything:
        for statement in FILL:
            connection.execute(text(statement))
        yield Session(connection)
        everything.rollback()


@contextmanager
def looked_at(session: Session) -> Iterator[list[float]]:
    """How many rows of customers and addresses each statement inside the block reads, as the database itself counts."""
    found: list[float] = []
    connection = session.connection()

    def note(_line: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        plain = cursor.connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        found.append(rows_read(plain.fetchone()[0][0]["Plan"]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", note)


def rows_read(plan: Plan) -> float:
    here = 0.0
    if plan.get("Relation Name") in ("customer", "identity"):
        dropped = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        here = (plan["Actual Rows"] + dropped) * plan["Actual Loops"]
    return here + sum(rows_read(inner) for inner in plan.get("Plans", ()))


def names(session: Session, words: str) -> list[str]:
    return [one.name for one in search_customers(session, words, seen=true()).items]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("mirzoy", ["Mirzoyan"]),
        ("赵丽丽", ["赵丽丽"]),
        ("丽丽", ["赵丽丽"]),
        ("赵", ["赵丽丽"]),
        ("%_s", ["100%_sure"]),
        ("Person 1999", ["Person 19999", "Person 19998", "Person 19997", "Person 19995", "Person 19994"]),
        ("020 7946 0018", ["Mirzoyan"]),
        ("nobody", []),
        ("丽赵", []),
        ("xq", []),
    ],
)
def test_what_few_have_is_found_without_looking_at_all(many: Session, words: str, found: list[str]) -> None:
    with looked_at(many) as rows:
        assert names(many, words)[: len(found) or 1] == found
    assert max(rows) <= FEW


@pytest.mark.parametrize("words", ["王", "Person", "", "on"])
def test_what_many_have_stops_at_a_full_page(many: Session, words: str) -> None:
    with looked_at(many) as rows:
        assert len(names(many, words)) == 50
    assert max(rows) <= FEW


def test_a_later_page_costs_what_the_first_costs(many: Session) -> None:
    page = search_customers(many, "Person 12", seen=true(), limit=20)
    with looked_at(many) as rows:
        further = search_customers(many, "Person 12", seen=true(), limit=20, after=page.next)
    assert max(one.id for one in further.items) < min(one.id for one in page.items)
    assert max(rows) <= 4 * FEW  # all 1,111 of that name are put in order


def test_name_and_address_of_one_customer_find_him_once(many: Session) -> None:
    assert names(many, "Maria@example.com") == ["maria@example.com"]

"""Whoever searches for a customer waits no longer because there are many: what few have is found without looking at all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text, true
from sqlalchemy.orm import Session

from contactcenter.customers.queries import search_customers
from tests.plans import rows_read

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


@pytest.fixture(scope="module")
def many(owner: Engine) -> Iterator[Session]:
    """So many customers, known to the planner; gone afterwards."""
    with owner.connect() as connection, connection.begin() as everything:
        for statement in FILL:
            connection.execute(text(statement))
        yield Session(connection)
        everything.rollback()


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
    with rows_read(many, "customer", "identity") as rows:
        assert names(many, words)[: len(found) or 1] == found
    assert max(rows) <= FEW


@pytest.mark.parametrize("words", ["王", "Person", "", "on"])
def test_what_many_have_stops_at_a_full_page(many: Session, words: str) -> None:
    with rows_read(many, "customer", "identity") as rows:
        assert len(names(many, words)) == 50
    assert max(rows) <= FEW


def test_a_word_is_planned_for_however_often_others_were_asked(many: Session) -> None:
    """After ten times PostgreSQL would keep one plan for all words: the one for what few have, also where half have it."""
    for _time in range(15):
        assert names(many, "xq") == []
    statement = text("SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%strpos%'")
    assert many.scalar(statement) == 0


def test_a_later_page_costs_what_the_first_costs(many: Session) -> None:
    page = search_customers(many, "Person 12", seen=true(), limit=20)
    with rows_read(many, "customer", "identity") as rows:
        further = search_customers(many, "Person 12", seen=true(), limit=20, after=page.next)
    assert max(one.id for one in further.items) < min(one.id for one in page.items)
    assert max(rows) <= 8 * FEW  # all 1,111 of that name are put in order


def test_name_and_address_of_one_customer_find_him_once(many: Session) -> None:
    assert names(many, "Maria@example.com") == ["maria@example.com"]


JOIN = text(
    "UPDATE customer SET merged_into_id = (SELECT id FROM customer WHERE name = :into) WHERE name = :name"
)


@pytest.mark.parametrize("words", ["Mirzoyan", "020 7946 0018", "赵丽丽", "丽丽"])
def test_who_turned_out_to_be_somebody_is_found_by_what_he_was(many: Session, words: str) -> None:
    """He is shown as who he is now known as, and once, also where that took two steps."""
    with many.begin_nested() as joined:
        for name, into in (("Mirzoyan", "赵丽丽"), ("赵丽丽", "maria@example.com")):
            many.execute(JOIN, {"name": name, "into": into})
        with rows_read(many, "customer", "identity") as rows:
            assert names(many, words) == ["maria@example.com"]
        assert max(rows) <= FEW
        joined.rollback()

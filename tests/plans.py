"""How much of a table the database reads to answer, as it counts itself."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

Plan = dict[str, Any]  # Any: PostgreSQL's JSON


@contextmanager
def questions(session: Session) -> Iterator[list[str]]:
    """What is asked on the session's connection inside the block."""
    asked: list[str] = []
    connection = session.connection()

    def note(_line: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


@contextmanager
def rows_read(session: Session, *tables: str) -> Iterator[list[float]]:
    """For each question that is asked inside the block, the rows of `tables` that it looks at, and the entries of indexes."""
    found: list[float] = []
    connection = session.connection()

    def note(_line: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            plan = cursor.connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            found.append(_read(plan.fetchone()[0][0]["Plan"], tables))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _read(plan: Plan, tables: Collection[str]) -> float:
    here = plan["Actual Rows"] if plan["Node Type"] == "Bitmap Index Scan" else 0.0
    if plan.get("Relation Name") in tables:
        dropped = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        here = (plan["Actual Rows"] + dropped) * plan["Actual Loops"]
    return here + sum(_read(inner, tables) for inner in plan.get("Plans", ()))

"""One clock: what is stored tells the injected time, whoever stores it."""

from datetime import UTC, datetime

from sqlalchemy import Column
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Team
from contactcenter.compose import metadata
from contactcenter.core import clock


def asks_the_database(column: Column[object]) -> bool:
    default = str(getattr(column.server_default, "arg", "")).lower()
    return any(word in default for word in ("now(", "current_", "clock_timestamp", "localtime"))


def test_no_column_asks_the_database_for_the_time() -> None:
    columns = [column for table in metadata.sorted_tables for column in table.columns]
    assert [str(column) for column in columns if asks_the_database(column)] == []


def test_what_is_created_bears_the_injected_instant(db_session: Session) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    with clock.frozen(at):
        team = Team(name="Parcels")
        db_session.add(team)
        db_session.flush()
    db_session.refresh(team)
    assert team.created_at == at

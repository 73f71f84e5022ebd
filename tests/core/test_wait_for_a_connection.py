"""All connections of a process are taken: as if the database were away, so that whoever asks comes again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from contactcenter.core import db
from contactcenter.core.db import unit_of_work


@pytest.fixture
def narrow(clean_database: Engine) -> Iterator[Engine]:
    """One connection for all units of work, and little patience."""
    engine = create_engine(clean_database.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    db.bind(engine)
    yield engine
    db.bind(clean_database)
    engine.dispose()


def test_no_free_connection_is_no_database(narrow: Engine) -> None:
    with narrow.connect(), pytest.raises(OperationalError, match="QueuePool"), unit_of_work() as session:
        session.execute(text("SELECT 1"))
    with unit_of_work() as session:
        assert session.scalar(text("SELECT 1")) == 1

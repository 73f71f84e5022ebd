"""State directories and processes for tests of the engines themselves."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from contactcenter.embedded.engines import Engines


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder under /tmp that every user may pass through, so that root's engines live inside it."""
    folder = Path(tempfile.mkdtemp(prefix="candor-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


Ask = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def ask() -> Ask:
    """Run one statement as the role of an address and return its rows."""

    def run(engines: Engines, statement: str, *, as_owner: bool = False) -> list[tuple[object, ...]]:
        url = engines.migration_url if as_owner else engines.database_url
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return run

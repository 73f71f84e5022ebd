"""What every test may use: one embedded PostgreSQL, a database rolled back after each test, and the world."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Playwright, sync_playwright
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from contactcenter.accounts.models import User
from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import get_settings
from contactcenter.edge.limits import limiter
from contactcenter.embedded.engines import Engines, start_engines
from contactcenter.factory import create_app
from tests.browser import Browser
from tests.schema import create_schema, empty_tables
from tests.telling import strictly
from tests.world import World, build_world

WHOLE = "tests/e2e/"
settings.register_profile("firm", deadline=None)  # how long an example takes is the machine's matter
settings.load_profile("firm")
LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # a library without types
    """One process has all tests of the running system, so that it starts only once; the others go one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return WHOLE if nodeid.startswith(WHOLE) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How `-n 2` shares the tests out."""
    return Sharing(config, log)


@pytest.fixture(autouse=True, scope="session")
def _no_sockets_beyond_loopback() -> Iterator[None]:
    """A test that reaches for the network fails."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # Any: socket's own
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _settings_as_before() -> Iterator[None]:
    """A command run in this process makes its settings the process's own; the next test has the run's again."""
    before = {**os.environ}
    yield
    for name in {*before, *os.environ} - {"PYTEST_CURRENT_TEST"}:
        if name in before:
            os.environ[name] = before[name]
        else:
            del os.environ[name]
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def _over_no_limit() -> None:
    """Whoever asked often in the test before is nobody in this one; numbers of people and addresses repeat."""
    with suppress(AssertionError, RedisError):  # no application was made yet, or its broker was a test's own
        limiter.reset()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver for the whole run: it bears no second one beside it."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def state_dir() -> Iterator[Path]:
    """A short-named throw-away state directory."""
    with tempfile.TemporaryDirectory(prefix="candor-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def engines(state_dir: Path) -> Iterator[Engines]:
    """Embedded PostgreSQL and Valkey for the whole run."""
    with start_engines(state_dir, throwaway=True) as running:
        yield running


@pytest.fixture(scope="session")
def _settings_environment(engines: Engines, state_dir: Path) -> Iterator[None]:
    values = {**engines.addresses.environment(), "STATE_DIR": str(state_dir), "SECRET_KEY": "test-" * 8}
    patch = pytest.MonkeyPatch()
    for name, value in values.items():
        patch.setenv(name, value)
    patch.delenv("PUBLIC_URL", raising=False)
    get_settings.cache_clear()
    compose()
    db.run_hooks_with(strictly)
    yield
    patch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def owner(_settings_environment: None) -> Iterator[Engine]:
    """The schema in place, once; for what the application itself may not do."""
    engine = create_engine(os.environ["MIGRATION_URL"], pool_pre_ping=True)
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def engine(owner: Engine) -> Iterator[Engine]:
    """The database as the application sees it."""
    engine = db.connect(os.environ["DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def db_session(engine: Engine) -> Iterator[Session]:
    """A session whose work, and that of every unit of work meanwhile, is rolled back at the end.

    `unit_of_work()` in the code under test joins the same connection; its commits are savepoints.
    """
    with engine.connect() as connection:
        outer = connection.begin()
        db.bind(connection, join_transaction_mode="create_savepoint")
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()
        db.bind(engine, join_transaction_mode="conditional_savepoint")


@pytest.fixture
def world(db_session: Session) -> World:
    """Alice, Bob, Mallory, Wang Li and where they work; committed (to the savepoint)."""
    world = build_world(db_session)
    db_session.commit()
    return world


@pytest.fixture(scope="session")
def app(engine: Engine) -> Flask:
    """The web application, composed once."""
    return create_app(get_settings(), engine=engine)


@pytest.fixture
def browse(app: Flask, world: World) -> Callable[[User | None], Browser]:
    """`browse(world.alice)` is her browser, signed in; `browse(None)` a stranger's."""
    return lambda user: Browser(app, user)


@pytest.fixture
def clean_database(engine: Engine, owner: Engine) -> Iterator[Engine]:
    """For tests with several connections or processes: really committed, emptied afterwards."""
    yield engine
    empty_tables(owner)


@pytest.fixture
def pushed() -> Iterator[list[tuple[str, str, dict[str, Any]]]]:
    """Everything pushed to browsers during the test, as (room, event, payload)."""
    sent: list[tuple[str, str, dict[str, Any]]] = []

    def collect(event: str, payload: dict[str, Any], *, room: str, namespace: str) -> None:
        sent.append((room, event, payload))

    push.use(collect)
    yield sent
    push.use(lambda *_args, **_kwargs: None)

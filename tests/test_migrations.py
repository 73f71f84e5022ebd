"""Migrations make exactly what the models say, go down and up again, and keep the chain out of the application's reach."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from contactcenter.compose import metadata
from contactcenter.core import migrate
from contactcenter.core.migrate import ExtensionMissing, TableBusy, config_for, is_current, upgrade

CHAINED = ("complaint_event", "event")


@pytest.fixture(scope="module")
def empty(engine: Engine) -> Iterator[str]:
    """The owner's URL of a new database."""
    owner = make_url(os.environ["MIGRATION_URL"])
    server = create_engine(owner, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    url = owner.set(database="migrated").render_as_string(hide_password=False)
    _give_the_application_its_rights(url)
    yield url
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE migrated WITH (FORCE)"))
    server.dispose()


def _give_the_application_its_rights(url: str) -> None:
    """What whoever makes the database does for the role of the processes."""
    engine = create_engine(url)
    with engine.begin() as connection:
        grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO candor_app"
        connection.execute(text(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public {grant}"))
    engine.dispose()


@pytest.fixture
def migrated(empty: str) -> Iterator[Engine]:
    """It with every migration, as its owner."""
    upgrade(empty)
    engine = create_engine(empty)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_what_the_models_say(empty: str, migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        assert compare_metadata(context, metadata) == []
    assert is_current(empty)
    managers = inspect(migrated).get_foreign_keys("team")
    assert ("user_account", ["manager_id"]) in [
        (key["referred_table"], key["constrained_columns"]) for key in managers
    ]


def test_down_to_nothing_and_up_again(empty: str, migrated: Engine) -> None:
    everything = tables(migrated)
    command.downgrade(config_for(empty), "base")
    assert tables(migrated) == set()
    assert not is_current(empty)
    with migrated.connect() as connection:
        ours = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        assert connection.scalar(text(ours)) == 0
    upgrade(empty)
    upgrade(empty)
    assert tables(migrated) == everything == set(metadata.tables)


def test_a_migration_that_would_have_to_wait_keeps_nobody_waiting(
    empty: str, migrated: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long report reads the table: the migration gives way, says so, and is done when the report has ended."""
    monkeypatch.setattr(migrate, "LOCK_WAIT_MS", 50)
    monkeypatch.setattr(migrate, "TRIES", 2)
    monkeypatch.setattr(migrate, "TRY_AGAIN_S", 0.0)
    command.downgrade(config_for(empty), "0024")
    with migrated.connect() as report:
        report.execute(text("SELECT count(*) FROM customer"))
        with pytest.raises(TableBusy, match="in use by a long transaction"):
            upgrade(empty)
        with migrated.connect() as somebody:
            somebody.execute(text("SET lock_timeout = '1s'"))
            somebody.execute(text("SELECT count(*) FROM customer"))
    assert not is_current(empty)
    upgrade(empty)
    assert is_current(empty)


def test_two_at_once_do_it_once_also_where_an_index_is_made_beside_the_work(
    empty: str, migrated: Engine
) -> None:
    command.downgrade(config_for(empty), "0027")
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(upgrade, empty) for _ in range(2)]
        assert [one.result(timeout=60) for one in both] == [None, None]
    assert is_current(empty)


def test_application_may_add_to_what_is_chained_and_nothing_else(migrated: Engine) -> None:
    wanted = "SELECT has_table_privilege('candor_app', :table, :right)"
    with migrated.connect() as connection:
        for table in CHAINED:
            may = {
                right
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
                if connection.scalar(text(wanted), {"table": table, "right": right})
            }
            assert may == {"SELECT", "INSERT"}, table
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            assert connection.scalar(text(wanted), {"table": "ticket", "right": right})


@pytest.mark.parametrize(
    "change", ["UPDATE complaint_event SET seq = seq + 1", "DELETE FROM complaint_event"]
)
def test_not_even_the_owner_changes_a_complaints_chain(migrated: Engine, change: str) -> None:
    with migrated.connect() as connection:
        connection.execute(
            text("ALTER TABLE complaint_event DROP CONSTRAINT fk_complaint_event_case_id_complaint_case")
        )
        line = (
            "(case_id, seq, at, name, by, data, digest) VALUES (1, 1, now(), 'received', 'system', '{}', '')"
        )
        connection.execute(text(f"INSERT INTO complaint_event {line}"))
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
        connection.rollback()


def test_whoever_may_not_make_the_extension_reads_what_to_do(empty: str, migrated: Engine) -> None:
    """The tables' owner is not the database's, as some who host databases have it; then it is there, and is not his."""
    command.downgrade(config_for(empty), "0029")
    with migrated.begin() as connection:
        connection.execute(text("CREATE ROLE tenant LOGIN"))
        connection.execute(text("GRANT tenant TO CURRENT_USER"))
        connection.execute(text("ALTER TABLE customer OWNER TO tenant"))
        connection.execute(text("ALTER TABLE alembic_version OWNER TO tenant"))
        connection.execute(text("GRANT CREATE ON SCHEMA public TO tenant"))
    tenant = make_url(empty).set(username="tenant").render_as_string(hide_password=False)
    with pytest.raises(ExtensionMissing, match=r"permission denied .* CREATE EXTENSION pg_trgm in this"):
        upgrade(tenant)
    with migrated.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
    upgrade(tenant)
    command.downgrade(config_for(tenant), "0029")
    upgrade(tenant)
    assert is_current(empty)
    with migrated.begin() as connection:
        connection.execute(text("REASSIGN OWNED BY tenant TO CURRENT_USER"))
        connection.execute(text("DROP OWNED BY tenant"))
        connection.execute(text("DROP ROLE tenant"))

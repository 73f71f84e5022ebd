import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psycopg
import pytest

from contactcenter.core.config import Settings, get_settings
from contactcenter.embedded.attach import attach_or_start
from contactcenter.embedded.engines import start_engines
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.secret import secret_key

ROOT = Path(__file__).resolve().parents[2]
VISITOR = """
import time
import psycopg
from contactcenter.core.config import get_settings
from contactcenter.embedded.attach import attach_or_start
with attach_or_start(get_settings()) as settings:
    print("attached", flush=True)
    time.sleep(0.5)
    psycopg.connect(settings.database_url.replace("+psycopg", "")).close()
    print("still there", flush=True)
"""
NAMES = ("DATABASE_URL", "MIGRATION_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands write their engines' addresses into the environment; give each test its own."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def is_reachable(database_url: str) -> bool:
    try:
        psycopg.connect(database_url.replace("+psycopg", "")).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_command_starts_engines_on_the_newest_schema_for_its_own_duration(open_dir: Path) -> None:
    with attach_or_start(Settings(state_dir=open_dir)) as settings:
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
            connection.execute("SELECT version_num FROM alembic_version")
        assert get_settings() == settings
    assert not is_reachable(settings.database_url)


def test_a_command_uses_the_engines_of_the_system_that_runs(open_dir: Path) -> None:
    with start_engines(open_dir, throwaway=True) as engines:
        engines.publish(url="http://127.0.0.1:4711")
        with attach_or_start(Settings(state_dir=open_dir)) as settings:
            assert settings.database_url == engines.database_url
            assert settings.base_url == "http://127.0.0.1:4711"
        assert is_reachable(engines.database_url)


def test_a_command_waits_for_a_system_that_is_starting(open_dir: Path) -> None:
    with start_engines(open_dir, throwaway=True) as engines:
        later = threading.Timer(0.5, engines.publish)
        later.start()
        with attach_or_start(Settings(state_dir=open_dir)) as settings:
            assert settings.redis_url == engines.redis_url
        later.join()


def test_engines_of_a_command_outlast_another_command_that_uses_them(open_dir: Path) -> None:
    with attach_or_start(Settings(state_dir=open_dir)):
        environment = {name: value for name, value in os.environ.items() if name not in NAMES}
        visitor = subprocess.Popen(
            [sys.executable, "-c", VISITOR],
            cwd=ROOT,
            env=environment | {"STATE_DIR": str(open_dir)},
            stdout=PIPE,
        )
        assert visitor.stdout is not None
        assert visitor.stdout.readline() == b"attached\n"
    with visitor:
        assert visitor.stdout.read() == b"still there\n"


def test_given_addresses_are_used_as_they_are() -> None:
    given = Settings(database_url="postgresql+psycopg://db/c", redis_url="redis://r", secret_key="s" * 32)
    with attach_or_start(given) as settings:
        assert (settings.database_url, settings.redis_url) == (given.database_url, given.redis_url)


def test_the_secret_key_is_made_once_and_for_the_owner_alone(open_dir: Path) -> None:
    settings = Settings(state_dir=open_dir)
    key = secret_key(settings)
    assert len(key) >= 32
    assert secret_key(settings) == key
    assert stat.S_IMODE((open_dir / "secret_key").stat().st_mode) == 0o600


def test_a_given_database_wants_a_given_secret_key() -> None:
    with pytest.raises(EngineError, match=r"^Set SECRET_KEY"):
        secret_key(Settings(database_url="postgresql+psycopg://db/c"))

import os
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from contactcenter.embedded import places
from contactcenter.embedded.account import engine_account
from contactcenter.embedded.binaries import postgres_bin
from contactcenter.embedded.engines import Addresses, start_engines
from contactcenter.embedded.errors import EngineError, StateDirBusyError
from tests.embedded.conftest import Ask

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives up its rights")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_rows_and_keys_outlive_a_stop(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir) as engines:
        ask(engines, "CREATE TABLE letter (body text)", as_owner=True)
        ask(engines, "INSERT INTO letter VALUES ('亲爱的王丽')")
        with redis.Redis.from_url(engines.redis_url) as broker:
            broker.set("job", "1")
    with start_engines(open_dir) as engines:
        assert ask(engines, "SELECT body FROM letter") == [("亲爱的王丽",)]
        with redis.Redis.from_url(engines.redis_url) as broker:
            assert broker.get("job") == b"1"


def test_processes_may_not_change_the_schema(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir, throwaway=True) as engines:
        assert ask(engines, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(engines, "CREATE TABLE mine (id int)")


def test_chinese_words_have_trigrams_and_lower_case_works(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir, throwaway=True) as engines:
        ask(engines, "CREATE EXTENSION pg_trgm", as_owner=True)
        assert ask(engines, "SELECT cardinality(show_trgm('投诉处理')) > 0, lower('É')") == [(True, "é")]


def test_no_engine_listens_on_the_network(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir, throwaway=True) as engines:
        assert ask(engines, "SHOW listen_addresses") == [("",)]
        with redis.Redis.from_url(engines.redis_url) as broker:
            assert broker.config_get("port") == {"port": "0"}
        assert mode(open_dir / "engines" / "run") == 0o700


def test_second_start_on_one_state_directory_is_refused_in_one_line(open_dir: Path) -> None:
    with (
        start_engines(open_dir, throwaway=True),
        pytest.raises(StateDirBusyError, match=f"^Another Candor already works on {open_dir}\\.$"),
    ):
        start_engines(open_dir, throwaway=True)


def test_given_addresses_start_nothing(open_dir: Path) -> None:
    given = Addresses("postgresql+psycopg://elsewhere/candor", "", "redis://elsewhere")
    with start_engines(open_dir, given=given) as engines:
        assert engines.supervisor.children == {}
        assert engines.migration_url == given.database_url


def test_a_given_broker_starts_postgresql_alone(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir, given=Addresses(redis_url="redis://elsewhere"), throwaway=True) as engines:
        assert list(engines.supervisor.children) == ["postgres"]
        assert ask(engines, "SELECT 1") == [(1,)]


def test_sockets_move_to_a_short_folder_when_the_state_directory_is_deep(open_dir: Path, ask: Ask) -> None:
    deep = open_dir / ("d" * 60) / ("e" * 60)
    with start_engines(deep, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == [(1,)]
        sockets = Path(engines.database_url.partition("host=")[2])
        assert len(os.fsencode(sockets / places.LONGEST_SOCKET)) <= places.SOCKET_PATH_MAX
        assert mode(sockets) == 0o700
    assert not sockets.exists()


@as_root
def test_root_leaves_closed_parents_closed(tmp_path: Path, ask: Ask) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = [mode(parent) for parent in closed.parents]
    assert not engine_account().can_enter(closed / "var")
    said: list[str] = []
    with start_engines(closed / "var", throwaway=True, say=said.append) as engines:
        assert ask(engines, "SELECT 1") == [(1,)]
        home = Path((closed / "var" / "engines-live-in").read_text().strip())
        assert mode(home) == 0o700
        assert str(home) in said[0]
    assert [mode(parent) for parent in closed.parents] == before
    assert mode(closed) == 0o700
    assert not home.exists()


@as_root
def test_root_lends_the_programs_when_their_folder_is_closed(
    tmp_path: Path, open_dir: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.delenv("CC_PG_BIN", raising=False)
    package = copied_wheel(closed)
    monkeypatch.setenv("CC_PG_BIN", str(package / "pginstall" / "bin"))
    with start_engines(open_dir, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == [(1,)]
        program = engines.supervisor.children["postgres"].program.command[0]
        assert program.startswith(str(open_dir / "engines" / "programs"))


def copied_wheel(folder: Path) -> Path:
    """The PostgreSQL of the wheel, with its libraries beside it, where nobody else may look."""
    package = postgres_bin().parents[1]
    for source in (package / "pginstall", package.with_name(package.name + ".libs")):
        target = folder / source.relative_to(package.parent)
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    return folder / package.name


def test_an_unwritable_state_directory_is_one_sentence() -> None:
    with pytest.raises(EngineError, match=r"^Cannot make the state directory /proc/candor"):
        start_engines(Path("/proc/candor"))

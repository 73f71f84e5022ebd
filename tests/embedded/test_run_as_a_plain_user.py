import os
import pwd
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from contactcenter.embedded.account import Account, engine_account
from contactcenter.embedded.binaries import (
    postgres_bin,
    reachable_postgres,
    reachable_valkey,
    valkey_server,
)
from contactcenter.embedded.engines import start_engines
from contactcenter.embedded.errors import EngineError
from tests.embedded.conftest import Ask

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="already a plain user: every other test shows it")
UNKNOWN_UID = 54321


def do_as(uid: int, gid: int, work: Callable[[], None]) -> None:
    """Run `work` in a forked child with the rights of a user; the modules it needs are loaded already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the other threads of this process hold no locks
        pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001  the parent sees only the status, so say here what went wrong
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert status == 0


def test_a_plain_user_runs_the_engines_under_the_same_account(
    open_dir: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = pwd.getpwnam("nobody")
    programs = open_dir / "lent"
    programs.mkdir()
    account = Account(nobody.pw_uid, nobody.pw_gid)
    monkeypatch.setenv("CC_PG_BIN", str(reachable_postgres(postgres_bin(), account, programs)))
    monkeypatch.setenv("CC_VALKEY_BIN", str(reachable_valkey(valkey_server(), account, programs)))
    own = open_dir / "own"
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    os.chown(programs, nobody.pw_uid, nobody.pw_gid)

    def work() -> None:
        assert engine_account() == Account()
        with start_engines(own / "var", throwaway=True) as engines:
            assert ask(engines, "SELECT 1") == [(1,)]
            postgres = engines.supervisor.children["postgres"].process.pid
            assert Path(f"/proc/{postgres}").stat().st_uid == nobody.pw_uid

    do_as(nobody.pw_uid, nobody.pw_gid, work)


def test_a_user_that_the_system_does_not_know_is_told_what_to_do() -> None:
    def work() -> None:
        with pytest.raises(EngineError, match=rf"^User id {UNKNOWN_UID} has no entry in /etc/passwd"):
            engine_account()

    do_as(UNKNOWN_UID, UNKNOWN_UID, work)

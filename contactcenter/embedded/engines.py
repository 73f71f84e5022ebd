"""PostgreSQL and Valkey of a state directory, started as children of this process."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from contactcenter.core.config import Settings
from contactcenter.embedded import lock, postgres, running, valkey
from contactcenter.embedded.account import engine_account
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import Places, open_state_dir, settle
from contactcenter.embedded.running import Recorded, Running
from contactcenter.embedded.supervisor import Supervisor

READY_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where PostgreSQL and Valkey listen; an empty one is ours to provide."""

    database_url: str = ""
    """For processes; the embedded one's role has lesser rights than the owner."""
    migration_url: str = ""
    """For migrations; the owner."""
    redis_url: str = ""

    @classmethod
    def given_by(cls, settings: Settings) -> Self:
        return cls(settings.database_url, settings.migration_url, settings.redis_url)

    def environment(self) -> dict[str, str]:
        """The same for child processes."""
        return {
            "DATABASE_URL": self.database_url,
            "MIGRATION_URL": self.migration_url,
            "REDIS_URL": self.redis_url,
        }


class Engines:
    """Running engines of one state directory; `stop()` or leaving the `with` block ends them."""

    def __init__(self, state_dir: Path, say: Callable[[str], None]) -> None:
        self.state_dir = state_dir
        self.supervisor = Supervisor(say=say, changed=self._record)
        self.addresses = Addresses()
        self._say = say
        self._running = Running(os.getpid())
        self._at_end = contextlib.ExitStack()
        self._at_last = contextlib.ExitStack()

    @property
    def database_url(self) -> str:
        return self.addresses.database_url

    @property
    def migration_url(self) -> str:
        return self.addresses.migration_url

    @property
    def redis_url(self) -> str:
        return self.addresses.redis_url

    def start(self, given: Addresses, *, throwaway: bool) -> None:
        """Take the state directory, end what a killed predecessor left, start what `given` does not name."""
        self._at_end.enter_context(lock.hold(self.state_dir))
        for name in running.end_leftovers(self.state_dir):
            self._say(f"stopped {name}, which a killed system had left running")
        self._at_end.callback(running.forget, self.state_dir)
        if given.database_url and given.redis_url:
            self._at_end.callback(self.supervisor.stop)
            self.addresses = replace(given, migration_url=given.migration_url or given.database_url)
            return
        account = engine_account()
        places = settle(self.state_dir, account, throwaway=throwaway)
        if places.home.parent != self.state_dir:
            self._say(f"data lies in {places.home}: the engines' user may not enter {self.state_dir}")
        self._running = replace(self._running, sockets=str(places.sockets))
        self._at_end.callback(places.leave)
        self._at_end.callback(self.supervisor.stop)
        if not given.database_url:
            self.supervisor.start(postgres.prepare(places, account))
        if not given.redis_url:
            self.supervisor.start(valkey.prepare(places, account))
        self.addresses = self._wait_for_missing(given, places)

    def _wait_for_missing(self, given: Addresses, places: Places) -> Addresses:
        """The addresses once all started engines answer; they start side by side."""
        addresses = replace(given, migration_url=given.migration_url or given.database_url)
        wait_until = self.supervisor.wait_until
        if not given.redis_url:
            wait_until(valkey.NAME, lambda: valkey.answers(places), within_s=READY_WITHIN_S)
            addresses = replace(addresses, redis_url=valkey.url(places))
        if not given.database_url:
            wait_until(postgres.NAME, lambda: postgres.accepts_connections(places), within_s=READY_WITHIN_S)
            postgres.ensure_roles_and_database(places)
            database_url = postgres.url(places, postgres.APPLICATION)
            migration_url = postgres.url(places, postgres.OWNER)
            addresses = replace(addresses, database_url=database_url, migration_url=migration_url)
        return addresses

    def publish(self, *, url: str = "") -> None:
        """Let commands attach from now on; `url` is where the web answers, if it runs."""
        self._running = replace(
            self._running,
            database_url=self.database_url,
            migration_url=self.migration_url,
            redis_url=self.redis_url,
            url=url,
        )
        self._record()

    def _record(self) -> None:
        """Write down what runs, at each change."""
        processes = {
            name: Recorded(child.process.pid, child.birth, int(child.program.stop_signal))
            for name, child in self.supervisor.children.items()
        }
        self._running = replace(self._running, processes=processes)
        running.write(self.state_dir, self._running)

    def at_end(self, callback: Callable[[], object]) -> None:
        """Have `callback` called when this stops."""
        self._at_end.callback(callback)

    def at_last(self, callback: Callable[[], object]) -> None:
        """Have `callback` called when all has stopped."""
        self._at_last.callback(callback)

    def stop(self) -> None:
        self._at_end.close()
        self._at_last.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_engines(
    state_dir: Path,
    *,
    throwaway: bool = False,
    given: Addresses | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Engines:
    """Start the engines that `given` does not name; migrating is the caller's matter.

    Raises StateDirBusyError when `state_dir` is in use, another EngineError when something does not start.
    `throwaway`: for tests; nothing is synced to disk, and what had to lie elsewhere is removed at the end.
    """
    engines = Engines(open_state_dir(state_dir), say)
    try:
        engines.start(given or Addresses(), throwaway=throwaway)
    except OSError as error:
        engines.stop()
        raise EngineError(f"Cannot use {error.filename or state_dir}: {error.strerror}.") from error
    except BaseException:
        engines.stop()
        raise
    return engines

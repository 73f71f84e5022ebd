"""For commands: the settings with everything in place, from the running system or from engines of our own."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from contactcenter.core.away import said_plainly
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.migrate import is_current, upgrade
from contactcenter.embedded import lock, running
from contactcenter.embedded.engines import Addresses, start_engines
from contactcenter.embedded.errors import EngineError, StateDirBusyError
from contactcenter.embedded.places import open_state_dir
from contactcenter.embedded.running import Running
from contactcenter.embedded.secret import key_environment

STARTED_WITHIN_S = 60.0
VISITORS_FINISH_WITHIN_S = 60.0


@contextlib.contextmanager
def attach_or_start(settings: Settings) -> Iterator[Settings]:
    """Complete settings for the block: of the system that runs on STATE_DIR, else of engines of its own.

    They also become the process's own (`get_settings()`), for services ask there for the secret key.
    """
    with said_plainly():
        yield from _complete(settings)


def _complete(settings: Settings) -> Iterator[Settings]:
    given = Addresses.given_by(settings)
    if given.database_url and given.redis_url:
        yield adopt(given.environment() | key_environment(settings))
        return
    state_dir = open_state_dir(settings.state_dir)
    while True:
        with contextlib.ExitStack() as stack:
            try:
                environment = stack.enter_context(own_engines(state_dir, given))
            except StateDirBusyError:
                environment = stack.enter_context(running_engines(state_dir))
            if environment is not None:
                yield adopt({**environment, **key_environment(settings)})
                return


@contextlib.contextmanager
def own_engines(state_dir: Path, given: Addresses) -> Iterator[Mapping[str, str] | None]:
    """Engines for as long as this command and those that attach to it run, on the newest schema."""
    engines = start_engines(state_dir, given=given)
    try:
        if not is_current(engines.migration_url):
            upgrade(engines.migration_url)
        engines.publish()
        yield engines.addresses.environment()
    finally:
        with lock.closed_to_visitors(state_dir, at_most_s=VISITORS_FINISH_WITHIN_S):
            engines.stop()


@contextlib.contextmanager
def running_engines(state_dir: Path) -> Iterator[Mapping[str, str] | None]:
    """The engines of the system that holds `state_dir`, once they are ready; None when it ended meanwhile."""
    with lock.visit(state_dir):
        yield wait_for_environment(state_dir)


def wait_for_environment(state_dir: Path) -> Mapping[str, str] | None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline:
        system = running.read(state_dir)
        if system is not None and system.database_url:
            return environment_of(system)
        if not lock.is_held(state_dir):
            return None
        time.sleep(0.05)
    raise EngineError(f"Another Candor holds {state_dir} but did not become ready in {STARTED_WITHIN_S:g} s.")


def environment_of(system: Running) -> dict[str, str]:
    addresses = Addresses(system.database_url, system.migration_url, system.redis_url)
    public = {"PUBLIC_URL": system.url} if system.url and "PUBLIC_URL" not in os.environ else {}
    return addresses.environment() | public


def adopt(environment: Mapping[str, str]) -> Settings:
    os.environ.update(environment)
    get_settings.cache_clear()
    return get_settings()

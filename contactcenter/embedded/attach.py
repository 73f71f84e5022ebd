"""For commands: the settings with everything in place, from the running system or from engines of our own."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from contactcenter.core.config import Settings, get_settings
from contactcenter.core.migrate import is_current, upgrade
from contactcenter.embedded import lock, running
from contactcenter.embedded.engines import Addresses, Engines, start_engines
from contactcenter.embedded.errors import EngineError, StateDirBusyError
from contactcenter.embedded.places import open_state_dir
from contactcenter.embedded.running import Running

STARTED_WITHIN_S = 60.0
VISITORS_FINISH_WITHIN_S = 60.0


@contextlib.contextmanager
def attach_or_start(settings: Settings) -> Iterator[Settings]:
    """Complete settings for the block: of the system that runs on STATE_DIR, else of engines of its own.

    They also become the process's own (`get_settings()`), for services ask there for the secret key.
    """
    given = given_by(settings)
    if given.database_url and given.redis_url:
        yield adopt(given.environment() | {"SECRET_KEY": secret_key(settings)})
        return
    state_dir = open_state_dir(settings.state_dir)
    while True:
        with contextlib.ExitStack() as stack:
            try:
                engines = stack.enter_context(start_engines(state_dir, given=given))
            except StateDirBusyError:
                stack.enter_context(lock.visit(state_dir))
                environment = running_environment(state_dir)
            else:
                environment = own_environment(engines)
                stack.callback(engines.wait_for_visitors, at_most_s=VISITORS_FINISH_WITHIN_S)
            if environment is not None:
                yield adopt(environment | {"SECRET_KEY": secret_key(settings)})
                return


def given_by(settings: Settings) -> Addresses:
    """What the environment names; the rest is embedded."""
    return Addresses(settings.database_url, settings.migration_url, settings.redis_url)


def own_environment(engines: Engines) -> dict[str, str]:
    """Bring a new or older database up to date, as `serve` would have."""
    if not is_current(engines.migration_url):
        upgrade(engines.migration_url)
    engines.publish()
    return engines.addresses.environment()


def running_environment(state_dir: Path) -> dict[str, str] | None:
    """Where the running system's engines are; waits while it starts. None when it ended meanwhile."""
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


def secret_key(settings: Settings) -> str:
    """The given one; with the embedded database one made at the first start and kept 0600."""
    if settings.secret_key:
        return settings.secret_key
    if settings.database_url:
        raise EngineError(
            "Set SECRET_KEY (at least 32 random characters): DATABASE_URL is set, so others run too."
        )
    path = open_state_dir(settings.state_dir) / "secret_key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

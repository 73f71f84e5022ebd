"""Races on purpose: hold one transaction open until another waits for it."""

import time

from sqlalchemy import Engine


def until_somebody_waits(engine: Engine) -> None:
    """Return once some transaction waits for another's lock; the race is then where the test wants it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with engine.connect() as look:
            if look.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waited")

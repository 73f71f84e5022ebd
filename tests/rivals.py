"""Races on purpose: hold one transaction open until another waits for it."""

import time

from sqlalchemy import Engine


def until_somebody_waits(engine: Engine, n: int = 1) -> None:
    """Return once `n` transactions wait for another's lock; the race is then where the test wants it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with engine.connect() as look:
            waiting = look.exec_driver_sql(
                "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
            ).scalar_one()
            if waiting >= n:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waited")

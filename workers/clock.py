"""`python app.py clock`: relays the outbox, fires due-at timers, reaps killed workers' jobs, fetches mail.

Two may run: rows are claimed with SKIP LOCKED, mailboxes by an advisory lock.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from contactcenter.complaints import verify
from contactcenter.conversations import unused_files
from contactcenter.core import retention, timers
from contactcenter.core.clock import now
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger
from workers import imap, relay
from workers.listen import Listener
from workers.start import begin, once_there, redis_of, stop_on_signals

log = get_logger(__name__)
PATIENCE_MS = 300
"""A timer holds its row and then wants others; people hold those and then move the timer. The timer gives way, long
before PostgreSQL would look for a circle and break it at somebody's expense, and comes again GIVE_WAY later."""
GIVE_WAY = timedelta(seconds=1)


def main(_argv: Sequence[str] = ()) -> int:
    """Run every loop in a thread of its own until told to stop; a loop that fails starts again."""
    settings = begin(pool_n=6)
    stop = stop_on_signals()
    if not once_there(stop, plan_nights):
        return 0
    redis = redis_of(settings)
    loops: dict[str, Callable[[], None]] = {
        "relay": lambda: relay.relay(stop, settings.database_url, redis),
        "reaper": lambda: relay.reap(stop, redis),
        "timers": lambda: fire_timers(stop, settings.database_url),
        "mailboxes": lambda: imap.run_mailboxes(stop),
    }
    threads = [threading.Thread(target=keep_running, args=(name, loop, stop)) for name, loop in loops.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(timeout=10)
    return 0


def plan_nights() -> None:
    """What comes every night is planned if it is not: what fell due while nothing ran is done now, not tomorrow."""
    with unit_of_work() as session:
        if not timers.is_waiting(session, verify.NIGHTLY):
            verify.plan_nightly(session)
        if not timers.is_waiting(session, retention.SWEEP):
            retention.plan_nightly(session)
        if not timers.is_waiting(session, unused_files.SWEEP):
            unused_files.plan_nightly(session)


def keep_running(name: str, loop: Callable[[], None], stop: threading.Event) -> None:
    """Run `loop` again after any failure, with a pause, until `stop`."""
    while not stop.is_set():
        try:
            loop()
        except Exception:  # a loop must outlive every fault of one turn
            log.exception("loop_failed", loop=name)
            stop.wait(2)


def fire_timers(stop: threading.Event, database_url: str) -> None:
    """Fire what is due, sleep until the next is (or a new one is set)."""
    with Listener(database_url, timers.CHANNEL) as listener:
        while not stop.is_set():
            try:
                while fire_one():
                    pass
                listener.wait(_sleep_s())
            except OperationalError as error:
                log.warning("database_away", reason=type(error.orig).__name__)
                stop.wait(1)


def fire_one() -> bool:
    """Fire one due timer in its own transaction; one that waits for people or fails is put off: others are due, too."""
    row_id, kind = 0, ""
    try:
        with unit_of_work() as session:
            session.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
            timer = timers.claim_due(session)
            if timer is None:
                return False
            row_id, kind = timer.id, timer.kind
            timers.fire(session, timer)
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        with unit_of_work() as session:
            timers.postpone(session, row_id, GIVE_WAY)
    except Exception:  # the loop outlives every handler
        log.exception("timer_failed", kind=kind, timer_id=row_id)
        with unit_of_work() as session:
            timers.postpone(session, row_id)
    return True


def _sleep_s() -> float:
    with unit_of_work() as session:
        due_at = timers.next_due_at(session)
    longest_s = timers.LOOKED_AT_EVERY.total_seconds()
    wait_s = (due_at - now()).total_seconds() if due_at else longest_s
    return min(max(wait_s, 0.0), longest_s)

"""`python app.py router`: offers waiting conversations to agents. Two may run; one leads, the other waits to take over."""

import gc
import os
import socket
import threading
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import OperationalError

from contactcenter.assignment.inbox import CHANNEL
from contactcenter.assignment.lease import TTL_S, Lease, LeaseLostError, leave_lease, take_lease
from contactcenter.assignment.router import Router
from contactcenter.core import clock
from contactcenter.core.db import run_hooks_with, unit_of_work
from contactcenter.core.ids import new_token
from contactcenter.core.logs import get_logger
from workers.listen import Listener
from workers.start import begin, stop_on_signals
from workers.teller import Teller

log = get_logger(__name__)
SHARD = 0
LONGEST_SLEEP_S = 1.0


def main(_argv: Sequence[str] = ()) -> int:
    """Lead when the place is free, wait otherwise, until told to stop."""
    # A leader that dies within a transaction holds the lease's row: it must not do so for longer than the lease itself.
    settings = begin(pool_n=4, idle_in_transaction_s=TTL_S)
    stop = stop_on_signals()
    holder = f"{socket.gethostname()}:{os.getpid()}:{new_token(6)}"
    with Listener(settings.database_url, CHANNEL) as listener, Teller() as teller:
        run_hooks_with(teller)
        while not stop.is_set():
            try:
                lease = wait_to_lead(holder, stop)
                if lease is not None:
                    lead(lease, listener, stop)
            except LeaseLostError:
                log.warning("lease_lost")
            except OperationalError as error:
                log.warning("database_away", reason=type(error.orig).__name__)
                stop.wait(LONGEST_SLEEP_S)
            except Exception:  # the process must outlive every fault of one turn
                log.exception("router_failed")
                stop.wait(LONGEST_SLEEP_S)
    return 0


def wait_to_lead(holder: str, stop: threading.Event) -> Lease | None:
    """Wait until nobody leads; None when told to stop first."""
    said = False
    while not stop.is_set():
        with unit_of_work() as session:
            lease = take_lease(session, SHARD, holder)
        if lease is not None:
            return lease
        if not said:
            log.info("router_waits", shard=SHARD)
            said = True
        stop.wait(LONGEST_SLEEP_S)
    return None


def lead(lease: Lease, listener: Listener, stop: threading.Event) -> None:
    """Decide until told to stop, or until another router leads (LeaseLostError)."""
    log.info("router_leads", shard=lease.shard, fence=lease.fence)
    router = Router(lease)
    listener.wait(0)  # from here on no notification is lost, and the first turn finds what came before
    router.turn()
    gc.freeze()  # the memory just built lives long and has no cycles: spare the collector its 100,000 objects
    while not stop.is_set():
        listener.wait(_sleep_s(router.turn()))
    with unit_of_work() as session:
        leave_lease(session, lease)


def _sleep_s(due: datetime | None) -> float:
    wait = (due - clock.now()).total_seconds() if due is not None else LONGEST_SLEEP_S
    return min(max(wait, 0.0), LONGEST_SLEEP_S)

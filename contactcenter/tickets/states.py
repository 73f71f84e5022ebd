"""Statuses of a ticket as a table: who may follow whom, and who moves it."""

from contactcenter.tickets.models import Status

NEXT: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED}),
    Status.OPEN: frozenset({Status.PENDING, Status.ON_HOLD, Status.SOLVED}),
    Status.PENDING: frozenset({Status.OPEN, Status.ON_HOLD, Status.SOLVED}),
    Status.ON_HOLD: frozenset({Status.OPEN, Status.PENDING, Status.SOLVED}),
    Status.SOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
}
LIVE = frozenset({Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD})
DONE = frozenset({Status.SOLVED, Status.CLOSED})
WAKES_ON_MESSAGE = frozenset({Status.PENDING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED})
REOPEN_DAYS = 30


def may_follow(old: str, new: str) -> bool:
    """Whether a ticket in `old` may become `new`."""
    return Status(new) in NEXT[Status(old)]

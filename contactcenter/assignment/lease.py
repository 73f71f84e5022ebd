"""Which router process leads: a row with a number that grows, so that whoever was replaced cannot write any more."""

from dataclasses import asdict, dataclass

from sqlalchemy import or_, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.assignment.models import RouterLease
from contactcenter.core import clock

TTL_S = 5.0


class LeaseLostError(Exception):
    """Another router leads now; nothing of this transaction may stand."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to decide for a shard, as long as nobody took it with a higher `fence`."""

    shard: int
    holder: str
    fence: int


def take_lease(session: Session, shard: int, holder: str) -> Lease | None:
    """Lead the shard if nobody does, his time ran out, or it was us; None otherwise.

    Two rivals wait for each other's commit, so one of them sees the other's fresh lease.
    """
    first = insert(RouterLease).values(shard=shard, holder=holder, fence=1, until=clock.after(TTL_S))
    fresh = {"holder": holder, "fence": RouterLease.fence + 1, "until": clock.after(TTL_S)}
    taken = first.on_conflict_do_update(
        index_elements=["shard"],
        set_=fresh,
        where=or_(RouterLease.until <= clock.now(), RouterLease.holder == holder),
    )
    fence = session.scalar(taken.returning(RouterLease.fence))
    return Lease(shard, holder, fence) if fence is not None else None


def keep_lease(session: Session, lease: Lease) -> None:
    """Renew it, first thing in every transaction of the leader, and hold its row until the commit.

    A rival that takes over must wait for this commit; a leader that was replaced raises LeaseLostError here.
    """
    if session.scalar(_KEEP, {**asdict(lease), "until": clock.after(TTL_S)}) is None:
        raise LeaseLostError


def leave_lease(session: Session, lease: Lease) -> None:
    """Let somebody else lead at once."""
    session.execute(_KEEP, {**asdict(lease), "until": clock.now()})


# As text: it runs in every turn, and building it anew from the model would cost more than all the database does for it.
_KEEP = text("""
UPDATE router_lease SET until = :until WHERE shard = :shard AND holder = :holder AND fence = :fence RETURNING fence
""")

"""What holds for the routing of all queues: the handicap of many skills, the pause after a "no", important customers."""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.core.db import lock_row
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.events import RoutingPolicyChanged
from contactcenter.queues.models import RoutingPolicy

ONLY = 1
HANDICAPS_S = (0, 10, 30)
COOLDOWN_RANGE_S = (0, 600)
POINTS_RANGE = (0, 60)
"""A point is worth a minute: nobody's importance is worth more than an hour of somebody else's waiting."""

SEGMENT_MAX = 40


def read_policy(session: Session) -> RoutingPolicy:
    """The policy in force; before anybody saved one, that of the first start (which is not in the database)."""
    stored = session.get(RoutingPolicy, ONLY, populate_existing=True)
    return stored or RoutingPolicy(id=ONLY, handicap_s=10, cooldown_s=30, vip={}, version=1)


def edit_policy(
    session: Session, version: int, *, handicap_s: int, cooldown_s: int, vip: Mapping[str, int], actor: str
) -> None:
    """Change all of it. Raises Invalid by field, Conflict if somebody changed it since `version` was shown."""
    wanted = {"handicap_s": handicap_s, "cooldown_s": cooldown_s, "vip": checked_segments(vip)}
    session.execute(insert(RoutingPolicy).values(id=ONLY).on_conflict_do_nothing())
    policy = lock_row(session, RoutingPolicy, ONLY)
    if policy is None or policy.version != version:
        raise Conflict(_("Somebody changed these settings meanwhile. Reload and try again."))
    changed = {name: [getattr(policy, name), new] for name, new in wanted.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    for name, (_old, new) in changed.items():
        setattr(policy, name, new)
    if changed:
        policy.version += 1
        record(session, RoutingPolicyChanged(changed), actor=actor, subject=Subject())


def checked_segments(points: Mapping[str, int]) -> dict[str, int]:
    """Segment in lower case → points of priority; those worth nothing are left out. Raises Invalid."""
    low, high = POINTS_RANGE
    checked = {}
    for segment, worth in points.items():
        name = segment.strip().lower()
        if not name or len(name) > SEGMENT_MAX or not low <= worth <= high:
            message = _(
                "Write a segment and its points from %(low)s to %(high)s on each line.", low=low, high=high
            )
            raise Invalid(message, field="vip")
        if worth:
            checked[name] = worth
    return checked

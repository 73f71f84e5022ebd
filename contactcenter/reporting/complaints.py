"""How complaints stand: which dates press, how old the open ones are, what rules refused, how often a second look changes.

Everything of the cases that whoever looks may see; a person complained about counts nothing of that complaint.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.access import cases_visible_to
from contactcenter.complaints.business_days import local_date
from contactcenter.complaints.lists import OVER
from contactcenter.complaints.models import (
    ComplaintCase,
    ComplaintEvent,
    ComplaintPrecedent,
    ComplaintRefusal,
)
from contactcenter.complaints.people import users_named
from contactcenter.core import clock
from contactcenter.reporting.binomial import exact_interval
from contactcenter.reporting.satisfaction import PERIODS

NEARNESS = ("late", "day", "two_days", "week", "later")
_UNTIL = (timedelta(), timedelta(days=1), timedelta(days=2), timedelta(days=7))
AGES = ("week", "two_weeks", "four_weeks", "eight_weeks", "older")
_AGE_DAYS = (7, 14, 28, 56)
_OPEN = ComplaintCase.state.not_in(OVER)  # one that was opened again keeps the day on which it was closed
_OFFERS = ("propose", "resolve_now", "review_decide")


@dataclass(frozen=True, slots=True)
class Pressing:
    """How many open cases have this clock as their next, by how near it is (NEARNESS)."""

    clock: str
    by_nearness: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """How often this rule refused a step, and how many people it refused."""

    rule: str
    times: int
    people: int


@dataclass(frozen=True, slots=True)
class Overturn:
    """Second looks of one decider's cases (None: of all): how many were decided, how many changed what was decided.

    `low` to `high` is the exact 95 % interval of the share.
    """

    decider: str | None
    looked_at: int
    changed: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ComplaintsReport:
    """All of it as of `at`; refusals, decisions and second looks are those of [since, until)."""

    at: datetime
    since: datetime
    until: datetime
    open_n: int
    breached_n: int
    pressing: Sequence[Pressing]
    ages: Mapping[str, int]
    median_days: int | None
    oldest_tenth_days: int | None
    refused: Sequence[Refused]
    decided_n: int
    upheld_n: int
    deviations_n: int
    overturn: Overturn
    by_decider: Sequence[Overturn]
    names: Mapping[str, str]


def read_complaints(session: Session, user: User, period: str) -> ComplaintsReport:
    """What `user` may see of it; `period` is one of satisfaction.PERIODS, by his own calendar."""
    now, zone = clock.now(), ZoneInfo(user.zone)
    since, until = (datetime.combine(day, time(), zone) for day in PERIODS[period](local_date(now, zone)))
    seen = cases_visible_to(session, user)
    ages = _ages(session, seen, now)
    decided = _decided(session, seen, since, until)
    looks = _second_looks(session, seen, since, until)
    deciders = sorted({decider for decider, _changed in looks})
    return ComplaintsReport(
        at=now,
        since=since,
        until=until,
        open_n=len(ages),
        breached_n=_breached(session, seen),
        pressing=_pressing(session, seen, now),
        ages=_by_age(ages),
        median_days=_rank(ages, 50),
        oldest_tenth_days=_rank(ages, 90),
        refused=_refused(session, seen, since, until),
        decided_n=len(decided),
        upheld_n=sum(upheld for upheld, _deviation in decided),
        deviations_n=sum(deviation for _upheld, deviation in decided),
        overturn=_overturn(None, looks),
        by_decider=[_overturn(one, [look for look in looks if look[0] == one]) for one in deciders],
        names=users_named(session, deciders),
    )


def _pressing(session: Session, seen: ColumnElement[bool], now: datetime) -> list[Pressing]:
    query = select(ComplaintCase.next_clock, ComplaintCase.next_due_at)
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, due_at in session.execute(query.where(seen, _OPEN)):
        if name is not None and due_at is not None:
            counted[name][_nearness(due_at - now)] += 1
    rows = [Pressing(name, {near: n[near] for near in NEARNESS}) for name, n in counted.items()]
    return sorted(rows, key=lambda row: (*(-n for n in row.by_nearness.values()), row.clock))


def _nearness(left: timedelta) -> str:
    return NEARNESS[sum(left > until for until in _UNTIL)]


def _breached(session: Session, seen: ColumnElement[bool]) -> int:
    late = func.jsonb_array_length(ComplaintCase.breached) > 0
    query = select(func.count()).select_from(ComplaintCase)
    return session.scalar(query.where(seen, _OPEN, late)) or 0


def _ages(session: Session, seen: ColumnElement[bool], now: datetime) -> list[int]:
    """Of every open case, in whole days, the youngest first."""
    query = select(ComplaintCase.received_at).where(seen, _OPEN)
    return sorted((now - received_at).days for received_at in session.scalars(query))


def _by_age(ages: Sequence[int]) -> dict[str, int]:
    counted = Counter(AGES[sum(days > limit for limit in _AGE_DAYS)] for days in ages)
    return {name: counted[name] for name in AGES}


def _rank(ages: Sequence[int], percent: int) -> int | None:
    """Nearest rank; None of nothing."""
    return ages[-(-len(ages) * percent // 100) - 1] if ages else None


def _refused(session: Session, seen: ColumnElement[bool], since: datetime, until: datetime) -> list[Refused]:
    each = (
        func.jsonb_array_elements_text(ComplaintRefusal.rules)
        .table_valued("rule", name="each")
        .render_derived()
    )
    query = (
        select(each.c.rule, func.count(), func.count(ComplaintRefusal.by.distinct()))
        .select_from(ComplaintRefusal)
        .join(each, true())
        .join(ComplaintCase, ComplaintCase.id == ComplaintRefusal.case_id)
        .where(seen, ComplaintRefusal.at >= since, ComplaintRefusal.at < until)
        .group_by(each.c.rule)
    )
    rows = [Refused(name, times, people) for name, times, people in session.execute(query)]
    return sorted(rows, key=lambda one: (-one.times, one.rule))


def _decided(
    session: Session, seen: ColumnElement[bool], since: datetime, until: datetime
) -> list[tuple[bool, bool]]:
    """(upheld, deviates from what is usual) of each decision told."""
    query = select(ComplaintPrecedent.upheld, ComplaintPrecedent.deviation).join(
        ComplaintCase, ComplaintCase.id == ComplaintPrecedent.case_id
    )
    told = (ComplaintPrecedent.decided_at >= since, ComplaintPrecedent.decided_at < until)
    return [(upheld, deviation) for upheld, deviation in session.execute(query.where(seen, *told))]


def _second_looks(
    session: Session, seen: ColumnElement[bool], since: datetime, until: datetime
) -> list[tuple[str, bool]]:
    """(who decided first, whether the second look changed it) of each second look decided in the period."""
    in_period = (
        select(ComplaintEvent.case_id)
        .join(ComplaintCase, ComplaintCase.id == ComplaintEvent.case_id)
        .where(seen, ComplaintEvent.name == "review_decide")
        .where(ComplaintEvent.at >= since, ComplaintEvent.at < until)
    )
    query = select(ComplaintEvent).where(
        ComplaintEvent.case_id.in_(in_period), ComplaintEvent.name.in_(_OFFERS)
    )
    before: dict[int, ComplaintEvent] = {}
    looks = []
    for event in session.scalars(query.order_by(ComplaintEvent.case_id, ComplaintEvent.seq)):
        first = before.get(event.case_id)
        if event.name == "review_decide" and first is not None and since <= event.at < until:
            looks.append((first.by, _said(event) != _said(first)))
        before[event.case_id] = event
    return looks


def _said(event: ComplaintEvent) -> tuple[object, ...]:
    """What a decision comes to: the finding on each point, and the money."""
    findings = event.data.get("findings") or [{"point": 1, "finding": event.data.get("finding")}]
    points = sorted((str(one.get("point")), str(one.get("finding"))) for one in findings)
    return (*points, event.data.get("loss") or 0, event.data.get("goodwill") or 0)


def _overturn(decider: str | None, looks: Sequence[tuple[str, bool]]) -> Overturn:
    changed = sum(one for _decider, one in looks)
    return Overturn(decider, len(looks), changed, *exact_interval(changed, len(looks)))

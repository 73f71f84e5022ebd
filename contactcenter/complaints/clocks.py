"""Clocks derived from events (SPEC §1.3): nothing ticks; due dates are computed whenever somebody asks.

1. A rule's start marker finds its start; the latest start counts, except that a corrected receipt never moves a date later.
2. The due date is n units after the local date of the start; pauses of `investigating` are left out where the rule allows.
3. A timely extension moves it; a roll moves a last day that is not a working day.
4. The clock is late from the local midnight after that date (or its cut-off); a stop marker before then has met it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Literal

from contactcenter.complaints.business_days import (
    Pause,
    add_business_days,
    add_period,
    at_wall_time,
    late_from,
    local_date,
    roll_forward,
)
from contactcenter.complaints.facts import Facts, Hold, Mark
from contactcenter.complaints.further import home_of, split_name
from contactcenter.complaints.model import Context
from contactcenter.complaints.packs import ClockRule, Pack, load_markers

State = Literal["met", "running", "paused", "breached"]

HURRIED = ("promise", "internal")
"""Kinds that run faster for a vulnerable customer; what a law gives stays as it is."""

OURS = ("legal", "promise", "internal")
"""Kinds that we can be late with."""

ENDED_BY = frozenset({"withdraw", "refuse_admission", "forward", "merge", "close"})
"""After these nothing more is owed by a clock of ours that still ran."""

DECIDING = frozenset({"decided", "appeal_decided", "final_response", "response", "resolved", "agreed"})
"""Stop markers of clocks that promise an answer: they run anew when a case is reopened, and protect when missed."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case. `due` is None for clocks in minutes; `since` is the event (seq) that started this run."""

    name: str
    rule: ClockRule
    since: int
    started_at: datetime
    start: date
    due: date | None
    late_from: datetime
    state: State
    stopped_at: datetime | None
    provisional: bool

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its stop."""
        return self.stopped_at is None


def clocks_of(facts: Facts, context: Context, now: datetime) -> dict[str, Clock]:
    """Every clock of the case's packs that has started, as it stands at `now`."""
    homes = (context, *context.further)
    found = (_clock(rule, facts, home, now) for home in homes for rule in home.pack.clocks.values())
    return {clock.name: clock for clock in found if clock is not None}


def clocks_named(clocks: Mapping[str, Clock], name: str) -> list[Clock]:
    """The clocks of that plain name, one for each pack that brought one."""
    return [clock for clock in clocks.values() if split_name(clock.name)[1] == name]


def clock_of(pack: Pack, name: str, clocks: Mapping[str, Clock]) -> Clock | None:
    """The clock of that plain name which `pack` brought; None if it has not started."""
    return next((one for one in clocks_named(clocks, name) if one.name in pack.clocks), None)


def period_end(context: Context, clock: str, since: datetime) -> datetime:
    """The first instant after the length of the pack's `clock`, counted from another instant than its own start."""
    rule = context.pack.clocks[clock]
    day = add_period(context.calendar, local_date(since, context.zone), length_of(rule, context), rule.unit)
    return late_from(_rolled(day, rule, context), context.zone)


def pauses_of(clock: Clock, facts: Facts, context: Context, now: datetime) -> list[Pause]:
    """The rests that this run of the clock left out so far."""
    return list(_pauses(clock.rule, facts, home_of(context, clock.name), now, after=clock.start))


def length_of(rule: ClockRule, context: Context) -> int:
    """How many of its units the clock runs in this case, without extensions: for a vulnerable customer half, rounded up."""
    return _hurried(rule, rule.n, home_of(context, rule.name))


def limit_of_extension(
    rule: ClockRule, facts: Facts, context: Context, clock: Clock, now: datetime
) -> date | None:
    """The latest date a further extension may promise; None if the pack allows none (any more).

    The first lengths are `extend_to` (or `extend_by`), each once; `hard_cap` bounds whatever comes after.
    """
    lengths = _extension_lengths(rule)
    used = sum(1 for one in facts.extensions if one.clock == rule.name)
    if used >= len(lengths):
        return None
    utmost = lengths[-1] if rule.hard_cap else lengths[used]
    return _due(rule, clock.start, utmost, facts, home_of(context, rule.name), now)


def _extension_lengths(rule: ClockRule) -> tuple[int, ...]:
    lengths = rule.extend_to or ((rule.n + rule.extend_by,) if rule.extend_by else ())
    return (*lengths, rule.hard_cap) if rule.hard_cap else lengths


def _clock(rule: ClockRule, facts: Facts, context: Context, now: datetime) -> Clock | None:
    if rule.optional and rule.name not in context.options:
        return None
    if rule.needs_marker and not any(_matches(mark, rule.needs_marker) for mark in facts.marks):
        return None
    starts = _starts(rule, facts)
    if not starts:
        return None
    if rule.unit == "MIN":
        return _in_minutes(rule, facts, context, starts[-1], now)
    return _in_days(rule, facts, context, starts, now)


def _starts(rule: ClockRule, facts: Facts) -> list[tuple[int, datetime]]:
    """(event, instant) of each start of the latest run: several only for a receipt that was corrected."""
    if rule.start == "received":
        return _receipts(rule, facts)
    if rule.start == "sent_to_company":
        return [(1, facts.sent_to_company)] if facts.sent_to_company else []
    found = [(mark.seq, mark.at) for mark in facts.marks if _matches(mark, rule.start)]
    if rule.repeats and facts.closed_at is not None:
        found = [one for one in found if one[1] < facts.closed_at or _reopened_after(facts, facts.closed_at)]
    return _first_as_received(found, facts)[-1:]


def _first_as_received(found: list[tuple[int, datetime]], facts: Facts) -> list[tuple[int, datetime]]:
    """What starts at the receipt itself starts at its stamp, not when somebody typed it in."""
    if found and found[0][0] == 1 and facts.received_at is not None:
        return [(1, facts.received_at), *found[1:]]
    return found


def _receipts(rule: ClockRule, facts: Facts) -> list[tuple[int, datetime]]:
    if facts.reopened and DECIDING & set(rule.stop) and "admitted" not in rule.stop and rule.kind in OURS:
        seq = max(mark.seq for mark in facts.marks if "reopen" in mark.names)
        return [(seq, facts.reopened[-1])]
    return list(facts.receipts)


def _reopened_after(facts: Facts, at: datetime) -> bool:
    return any(again >= at for again in facts.reopened)


def _in_minutes(
    rule: ClockRule, facts: Facts, context: Context, start: tuple[int, datetime], now: datetime
) -> Clock:
    since, at = start
    late = at + timedelta(minutes=length_of(rule, context))
    stopped = _stopped_at(rule, facts, since, late, now)
    state = _state(rule, late, stopped, None, now)
    return Clock(
        rule.name,
        rule,
        since,
        at,
        local_date(at, context.zone),
        None,
        late,
        state,
        stopped,
        provisional=False,
    )


def _in_days(
    rule: ClockRule, facts: Facts, context: Context, starts: list[tuple[int, datetime]], now: datetime
) -> Clock:
    since, at = starts[0]
    dues = [_promised(rule, local_date(one, context.zone), facts, context, now, since) for _, one in starts]
    due = min(dues)
    first = at if len(starts) == 1 else min(one for _, one in starts)
    late = late_from(due, context.zone, rule.cutoff)
    stopped = _stopped_at(rule, facts, since, late, now)
    held = _running_hold(rule, facts, context, now)
    state = _state(rule, late, stopped, held, now)
    provisional = context.calendar.is_provisional(due)
    return Clock(
        rule.name, rule, since, first, local_date(first, context.zone), due, late, state, stopped, provisional
    )


def _promised(
    rule: ClockRule, start: date, facts: Facts, context: Context, now: datetime, since: int
) -> date:
    """The due date with the timely extensions of this run."""
    due = _due(rule, start, rule.n, facts, context, now)
    notices = [one for one in facts.extensions if one.clock == rule.name and one.seq > since]
    for notice, length in zip(notices, _extension_lengths(rule), strict=False):
        moved = _due(rule, start, length, facts, context, now)
        due = date.fromisoformat(notice.to) if notice.to else moved
        if notice.to:
            due = _shifted(due, rule, facts, context, now, notice.at)
    return due


def _due(rule: ClockRule, start: date, n: int, facts: Facts, context: Context, now: datetime) -> date:
    pauses = list(_pauses(rule, facts, context, now, after=start))
    day = add_period(context.calendar, start, _hurried(rule, n, context), rule.unit, pauses)
    return _rolled(day, rule, context)


def _shifted(
    due: date, rule: ClockRule, facts: Facts, context: Context, now: datetime, since: datetime
) -> date:
    """A promised date after the pauses that began once it was promised."""
    day = local_date(since, context.zone)
    pauses = [one for one in _pauses(rule, facts, context, now, after=day) if one.since >= day]
    return add_period(
        context.calendar, due, _skipped(pauses, rule, context), "BD" if rule.unit == "BD" else "D"
    )


def _skipped(pauses: Iterable[Pause], rule: ClockRule, context: Context) -> int:
    if rule.unit != "BD":
        return sum((one.until - one.since).days for one in pauses)
    days = (
        one.since + timedelta(days=n) for one in pauses for n in range(1, (one.until - one.since).days + 1)
    )
    return sum(context.calendar.is_business_day(day) for day in days)


def _hurried(rule: ClockRule, n: int, context: Context) -> int:
    return ceil(n * context.pack.vulnerable_factor) if context.vulnerable and rule.kind in HURRIED else n


def _rolled(day: date, rule: ClockRule, context: Context) -> date:
    rolls = context.pack.roll == "next_bd" and rule.unit in ("D", "M")
    return roll_forward(context.calendar, day) if rolls else day


def _pauses(
    rule: ClockRule, facts: Facts, context: Context, now: datetime, *, after: date
) -> Iterable[Pause]:
    """The holds that stop this clock, as dates; one that still runs counts up to today, at most to its cap."""
    for hold in facts.holds:
        if hold.reason not in rule.pausable:
            continue
        since = max(local_date(hold.since, context.zone), after)
        until = local_date(end_of_hold(hold, rule, context, now), context.zone)
        if until > since:
            yield Pause(since, until, hold.reason)


def end_of_hold(hold: Hold, rule: ClockRule, context: Context, now: datetime) -> datetime:
    """When the hold ended: at its cap at the latest, even if nobody was there to end it."""
    return min(hold.until or now, cap_of_hold(hold, rule.pause_cap_bd, context))


def cap_of_hold(hold: Hold, cap_bd: int, context: Context) -> datetime:
    """The instant at which a hold resumes by itself: the start of the last business day it may rest."""
    day = add_business_days(context.calendar, local_date(hold.since, context.zone), cap_bd)
    return at_wall_time(day, context.zone)


def _running_hold(rule: ClockRule, facts: Facts, context: Context, now: datetime) -> Hold | None:
    hold = facts.on_hold
    if hold is None or hold.reason not in rule.pausable:
        return None
    return hold if now < cap_of_hold(hold, rule.pause_cap_bd, context) else None


def _stopped_at(rule: ClockRule, facts: Facts, since: int, late: datetime, now: datetime) -> datetime | None:
    first = since + 1 if rule.repeats else since
    stops = (mark for mark in facts.marks if mark.seq >= first and _stops(mark, rule))
    stop = next(stops, None)
    if stop is not None:
        return stop.at
    return late if _elapses(rule) and now >= late else None


def _stops(mark: Mark, rule: ClockRule) -> bool:
    if any(_matches(mark, marker) for marker in rule.stop):
        return True
    return rule.kind in OURS and bool(ENDED_BY & mark.names)


def _elapses(rule: ClockRule) -> bool:
    """A minimum time is kept by waiting; nobody can be late with it."""
    return "elapsed" in rule.stop or rule.kind == "floor"


def _state(
    rule: ClockRule, late: datetime, stopped: datetime | None, held: Hold | None, now: datetime
) -> State:
    if stopped is not None:
        return "met" if stopped < late or _elapses(rule) else "breached"
    if held is not None:
        return "paused"
    return "breached" if now >= late else "running"


def _matches(mark: Mark, marker: str) -> bool:
    events = load_markers().events.get(marker, ())
    return any(name in mark.names for name in events)


def is_owed(rule: ClockRule) -> bool:
    """Whether we can be late with it at all: settling at once needs the customer's yes, so its date only ends a shorter way."""
    return rule.kind in OURS and not all(marker.endswith("+accepted") for marker in rule.stop)


def nearest(clocks: Sequence[Clock]) -> Clock | None:
    """The open clock of ours that is late first: what drives the queue."""
    waiting = [clock for clock in clocks if clock.is_open and is_owed(clock.rule)]
    return min(waiting, key=lambda clock: clock.late_from, default=None)

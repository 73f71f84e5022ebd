"""What time does by itself: the acts of the system, each with the instant it falls due (SPEC §1.1.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from contactcenter.complaints.business_days import (
    add_months,
    at_wall_time,
    business_days_before,
    late_from,
    local_date,
)
from contactcenter.complaints.clocks import DECIDING, OURS, Clock, cap_of_hold, clock_of, period_end
from contactcenter.complaints.contacts import is_settled
from contactcenter.complaints.facts import Facts, calls_possible
from contactcenter.complaints.further import home_of
from contactcenter.complaints.guards.follow_up import contact_is_due
from contactcenter.complaints.model import Context

ORDER = [
    "receipt",
    "acknowledge",
    "escalate_50",
    "escalate_75",
    "escalate_90",
    "delay_notice",
    "breach",
    "holding_letter",
    "adr_letter",
    "auto_resume",
    "lapse",
    "silence_with_remedy",
    "no_remedy_ok",
    "accept_no_remedy",
    "settle",
    "verify",
    "close",
    "remedy_recheck",
    "erase",
]

ACTS_ONLY = frozenset(
    [
        "receipt",
        "escalate_50",
        "escalate_75",
        "escalate_90",
        "delay_notice",
        "breach",
        "holding_letter",
        "adr_letter",
        "auto_resume",
        "remedy_recheck",
        "erase",
    ]
)
"""Acts that are no transition: only time does them."""

TIMED = frozenset(["lapse", "no_remedy_ok", "silence_with_remedy", "accept_no_remedy", "settle"])
"""Transitions the system may make once their time has come."""

_ESCALATIONS = (50, 75, 90)
_RECHECK_DAYS = 30
_OVER = ("closed", "merged")


@dataclass(frozen=True, slots=True)
class Act:
    """One act and its instant; `data` is what its event will hold."""

    name: str
    at: datetime
    clock: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON

    @property
    def key(self) -> tuple[str, str, str]:
        """The same act for the same run of a clock is done once."""
        return (self.name, self.clock, f"{self.data.get('run')}:{self.data.get('due')}")


def due_acts(facts: Facts, clocks: Mapping[str, Clock], context: Context, now: datetime) -> list[Act]:
    """Everything undone whose instant has come, in order of instant."""
    return [act for act in pending_acts(facts, clocks, context, now) if act.at <= now]


def next_act_at(
    facts: Facts, clocks: Mapping[str, Clock], context: Context, now: datetime
) -> datetime | None:
    """When time will act next, if nobody does anything."""
    return min((act.at for act in pending_acts(facts, clocks, context, now)), default=None)


def pending_acts(facts: Facts, clocks: Mapping[str, Clock], context: Context, now: datetime) -> list[Act]:
    """Every act that is still to come or overdue, in order of instant."""
    found = [
        *_intake(facts),
        *_of_clocks(facts, clocks, context, now),
        *_hold(facts, clocks, context),
        *_silence(facts, clocks, context),
        *_remedy(facts, clocks, context),
        *_ending(facts, clocks, context),
    ]
    undone = [act for act in found if act.key not in facts.acts]
    return sorted(undone, key=lambda act: (act.at, ORDER.index(act.name), act.clock))


def _intake(facts: Facts) -> Iterator[Act]:
    if facts.state != "received":
        return
    if not facts.has("letter:receipt"):
        yield Act("receipt", facts.marks[0].at)
    yield Act("acknowledge", facts.marks[0].at)


def _of_clocks(facts: Facts, clocks: Mapping[str, Clock], context: Context, now: datetime) -> Iterator[Act]:
    if facts.state in _OVER:
        return
    for clock in clocks.values():
        if clock.rule.kind not in OURS:
            continue
        if clock.state == "breached":
            yield from _lateness(clock)
        elif clock.state == "running":
            yield _of_clock("breach", clock.late_from, clock)
            yield from _warnings(clock, context, now)


def _lateness(clock: Clock) -> Iterator[Act]:
    yield _of_clock("breach", clock.late_from, clock)
    if clock.is_open and clock.rule.kind == "legal":
        yield from _protection(clock)


def _protection(clock: Clock) -> Iterator[Act]:
    """The letter that tells the customer whom to turn to, without anybody's help."""
    if "adr_letter" in clock.rule.stop:
        yield _of_clock("adr_letter", clock.late_from, clock)
    elif DECIDING & set(clock.rule.stop):
        yield _of_clock("holding_letter", clock.late_from, clock)


def _warnings(clock: Clock, context: Context, now: datetime) -> Iterator[Act]:
    """Escalations inside the house, and the honest notice to the customer; dropped once it is too late for them."""
    if clock.rule.repeats or clock.rule.kind == "internal" or clock.due is None or now >= clock.late_from:
        return
    for percent in _ESCALATIONS:
        yield _of_clock(f"escalate_{percent}", _part_of(clock, percent), clock)
    home = home_of(context, clock.name)
    noticed_at = at_wall_time(business_days_before(home.calendar, clock.due, home.pack.lead_bd), home.zone)
    if noticed_at > clock.started_at:
        yield _of_clock("delay_notice", noticed_at, clock)


def _part_of(clock: Clock, percent: int) -> datetime:
    """The instant at which that share of the clock's time has gone, to the second."""
    whole = (clock.late_from - clock.started_at).total_seconds()
    return clock.started_at + timedelta(seconds=int(whole * percent / 100))


def _of_clock(name: str, at: datetime, clock: Clock) -> Act:
    data = {"clock": clock.name, "due": str(clock.due or clock.late_from.isoformat()), "run": clock.since}
    return Act(name, at, clock.name, data)


def _hold(facts: Facts, clocks: Mapping[str, Clock], context: Context) -> Iterator[Act]:
    hold = facts.on_hold
    if hold is None or facts.state != "investigating":
        return
    caps = [one.rule.pause_cap_bd for one in clocks.values() if hold.reason in one.rule.pausable]
    yield Act("auto_resume", cap_of_hold(hold, min(caps, default=0), context))


def _silence(facts: Facts, clocks: Mapping[str, Clock], context: Context) -> Iterator[Act]:
    """What follows when the customer says nothing; late never removes a right."""
    owed = facts.offer is not None and facts.offer.grants
    if facts.entered_at is None:
        return
    if facts.state == "decided" and (window := clocks.get("response_window")):
        yield Act("silence_with_remedy" if owed else "no_remedy_ok", window.late_from)
    elif facts.state == "not_admitted":
        yield Act("lapse", period_end(context, "response_window", facts.entered_at))
    elif facts.state == "appeal_decided" and not owed:
        yield Act("accept_no_remedy", period_end(context, "response_window", facts.entered_at))
    elif facts.state == "withdrawn":
        yield Act("settle", facts.entered_at)


def _remedy(facts: Facts, clocks: Mapping[str, Clock], context: Context) -> Iterator[Act]:
    window = clocks.get("verify_silence")
    if facts.state == "remedy_done" and window is not None:
        yield Act("verify", window.late_from, data={"proof": dict(facts.delivery), "customer": "silence"})
    if facts.verified_at is not None and not _happened_since(facts, "remedy_recheck", facts.verified_at):
        day = local_date(facts.verified_at, context.zone) + timedelta(days=_RECHECK_DAYS)
        yield Act("remedy_recheck", at_wall_time(day, context.zone))


def _ending(facts: Facts, clocks: Mapping[str, Clock], context: Context) -> Iterator[Act]:
    ready_at = _ready_to_close(facts, clocks, context)
    if facts.state == "follow_up" and ready_at is not None:
        yield Act("close", ready_at)
    if facts.state in _OVER and facts.received_at is not None and not facts.has("erase"):
        day = _retained_until(facts.received_at, clocks, context)
        yield Act("erase", late_from(day, context.zone))


def _ready_to_close(facts: Facts, clocks: Mapping[str, Clock], context: Context) -> datetime | None:
    """When everything a closing needs was there; without an answer the customer is left the time of the call-back."""
    known_at, entered_at = _last(facts, "root_cause"), facts.entered_at
    if known_at is None or entered_at is None:
        return None
    settled = is_settled(facts.contacts, by_phone=calls_possible(facts))
    if contact_is_due(facts, context) and not settled:
        return None
    callback = clocks.get("callback")
    answered_at = _last(facts, "callback") if settled else _last(facts, "survey")
    if answered_at is None and callback is not None:
        answered_at = callback.late_from
    return max(known_at, entered_at, answered_at or entered_at)


def _last(facts: Facts, name: str) -> datetime | None:
    return next((mark.at for mark in reversed(facts.marks) if name in mark.names), None)


def _happened_since(facts: Facts, name: str, since: datetime) -> bool:
    at = _last(facts, name)
    return at is not None and at >= since


def _retained_until(received_at: datetime, clocks: Mapping[str, Clock], context: Context) -> date:
    """As long as the pack that wants it longest."""
    day = local_date(received_at, context.zone)
    return max(_retained_by(home, day, clocks) for home in (context, *context.further))


def _retained_by(home: Context, received: date, clocks: Mapping[str, Clock]) -> date:
    own = clock_of(home.pack, "record_retention", clocks)
    return own.due if own and own.due else add_months(received, home.pack.retention_months)

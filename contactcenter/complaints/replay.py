"""Run a complaint's timeline through the real `decide` with a frozen clock, in memory (format: REPLAY.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contactcenter.complaints import chain
from contactcenter.complaints.clocks import Clock, clocks_of
from contactcenter.complaints.decide import Accepted, decide
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.folding import fold
from contactcenter.complaints.letters import letters_of
from contactcenter.complaints.model import Context, Event, Proposal
from contactcenter.complaints.tick import let_time_act

Line = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline: `kind` is event, try, tick or ask, `name` what; `expect` is for --check."""

    at: datetime
    kind: str
    name: str = ""
    by: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    expect: Any = None  # Any: JSON


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case of a file."""

    name: str
    context: Context
    steps: tuple[Step, ...]


def run(scenario: Scenario) -> Iterator[Line]:
    """One answer per step; a refusal is an answer, and changes nothing."""
    events: list[Event] = []
    for number, step in enumerate(scenario.steps):
        yield {"step": number, **_answer(step, events, scenario.context)}


def _answer(step: Step, events: list[Event], context: Context) -> Line:
    if step.kind == "tick":
        return _tick(step, events, context)
    if step.kind == "ask":
        return _ASKED[step.name](events, fold(events, context.machine), context, step.at)
    outcome = decide(events, Proposal(step.name, step.by, step.data, step.at), context)
    if not isinstance(outcome, Accepted):
        told = [{"rule": one.rule, "message": one.message} for one in outcome.violations]
        return {"ok": False, "state": outcome.state, "violations": told}
    if step.kind == "try":
        return {"ok": True, "state": outcome.old}
    events.append(outcome.event)
    return {"ok": True, "state": outcome.facts.state}


def _tick(step: Step, events: list[Event], context: Context) -> Line:
    done = let_time_act(events, context, step.at, at_its_instant=True)
    events += [one.accepted.event for one in done]
    acted = [
        {
            "act": one.act.name,
            **({"clock": one.act.clock} if one.act.clock else {}),
            "at": chain.stamp(one.act.at),
        }
        for one in sorted(done, key=lambda one: one.act.at)
    ]
    return {"acted": acted, "state": fold(events, context.machine).state}


def _ask_clocks(_events: list[Event], facts: Facts, context: Context, at: datetime) -> Line:
    return {"clocks": {name: clock_as_json(clock) for name, clock in clocks_of(facts, context, at).items()}}


def clock_as_json(clock: Clock) -> Line:
    """A clock as the replay shows it; one in minutes has no dates."""
    dates = {"start": str(clock.start), "due": str(clock.due)} if clock.due is not None else {}
    late = {"late_from": chain.stamp(clock.late_from), "kind": clock.rule.kind, "state": clock.state}
    return {**dates, **late, "provisional": clock.provisional}


def _ask_state(_events: list[Event], facts: Facts, context: Context, at: datetime) -> Line:
    days = elapsed_days(facts, context.zone, at)
    return {"state": facts.state, "handlers": dict(facts.handlers), "total_elapsed_days": days}


def elapsed_days(facts: Facts, zone: ZoneInfo, now: datetime) -> int:
    """Days since the first receipt, reopenings included; it stands still while the case is closed."""
    if facts.received_at is None:
        return 0
    over = facts.closed_at if facts.state in ("closed", "merged") and facts.closed_at else now
    return (over.astimezone(zone).date() - facts.received_at.astimezone(zone).date()).days


def _ask_chain(events: list[Event], _facts: Facts, _context: Context, _at: datetime) -> Line:
    verified = chain.first_broken(events) is None
    return {"head": chain.head_of(events), "events": len(events), "verified": verified}


def _ask_letters(events: list[Event], _facts: Facts, context: Context, _at: datetime) -> Line:
    return {"letters": [letter.as_json() for letter in letters_of(events, context)]}


_ASKED = {"clocks": _ask_clocks, "state": _ask_state, "chain": _ask_chain, "letters": _ask_letters}
QUESTIONS = tuple(_ASKED)


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:  # Any: JSON
    """Where `found` lacks what is expected: objects are contained, lists equal in length and order."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            place = f"{where}.{key}" if where else key
            if key in found:
                yield from differences(value, found[key], place)
            else:
                yield f"{place}: expected {value!r}, got nothing"
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{where}: expected {len(expected)} items, got {len(found)}: {found!r}"
            return
        for number, (wanted, got) in enumerate(zip(expected, found, strict=True)):
            yield from differences(wanted, got, f"{where}[{number}]")
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield f"{where}: expected {expected!r}, got {found!r}"

"""What the files in scenarios/ show together: every rule refused and allowed, every transition, every clock on an awkward date.

Counted from the files, the replay's answers and the product's data alone. Whether each file meets what it expects is
test_replay's to say; the dates in them were worked out from the specification, as their README tells.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contactcenter.complaints.acts import ORDER
from contactcenter.complaints.calendars import Calendar
from contactcenter.complaints.further import home_of, split_name
from contactcenter.complaints.machine import NOWHERE, Machine, Transition, machine_of
from contactcenter.complaints.model import Context
from contactcenter.complaints.packs import DEFAULT, ClockRule, load_packs
from contactcenter.complaints.replay import Line, Scenario, Step, run
from contactcenter.complaints.rules import VARIANTS, load_rules
from contactcenter.complaints.scenario_file import read_scenarios

ONE_DAY = timedelta(days=1)
SATURDAY = 5

NO_TRANSITION = {
    "C-07": "says which replies join a case",
    "C-14": "gives a representative the customer's rights, whatever the transition",
    "F-16": "waits for the parity audit",
    "F-17": "says who may read",
    "T-03": "says what the status page shows",
    "T-09": "says what can be downloaded",
    "T-10": "waits for the published statistics",
    "U-07": "waits for corrective actions",
    "U-09": "says what an erasure leaves",
    "U-10": "waits for corrective actions",
}
"""Rules that stand on no transition and no step, and why."""

NEVER_REFUSED = {
    "T-08": "a replay links its own chain, and no file can touch it; test_rules breaks one",
    "WAIVER": "is no rule of the table: a refused waiver names the rule that may not be waived",
}
"""Rules that no file can show refused, and why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A step of a file with the state it found and the replay's answer."""

    scenario: Scenario
    step: Step
    before: str
    answer: Line

    @property
    def refusal(self) -> list[str]:
        """The rules that refused it, sorted."""
        return [one["rule"] for one in self.answer.get("violations", ())]


@lru_cache(maxsize=1)
def replayed() -> tuple[Answered, ...]:
    """Every step of every file."""
    files = sorted(Path(__file__).with_name("scenarios").glob("*.json"))
    cases = [case for file in files for case in read_scenarios(file.read_text(encoding="utf-8"))[0]]
    return tuple(one for case in cases for one in _answers(case))


def _answers(case: Scenario) -> Iterator[Answered]:
    state = NOWHERE
    for step, answer in zip(case.steps, run(case), strict=True):
        yield Answered(case, step, state, answer)
        state = answer.get("state", state)


def product() -> Machine:
    return machine_of(DEFAULT)


def standing() -> set[str]:
    """The guards of all transitions and steps."""
    return {rule for move in (*product().transitions, *product().steps) for rule in move.guards}


def moves_made() -> Iterator[Transition]:
    """The product's transitions and steps that were applied; trying is not applying."""
    known = {*product().transitions, *product().steps}
    for one in replayed():
        state = one.before
        for name in _applied(one):
            move = one.scenario.context.machine.find(state, name)
            if move in known:
                yield move
                state = move.target


def _applied(one: Answered) -> list[str]:
    if one.step.kind == "event" and one.answer["ok"]:
        return [one.step.name]
    return [act["act"] for act in one.answer.get("acted", ())]


def test_every_rule_that_stands_on_a_transition_is_refused_once() -> None:
    refused = {rule for one in replayed() for rule in one.refusal}
    assert standing() - refused == set(NEVER_REFUSED)


def test_every_rule_that_stands_on_a_transition_is_allowed_once() -> None:
    allowed = {rule for move in moves_made() for rule in move.guards}
    assert standing() - allowed == set()


def test_every_other_rule_is_named_with_its_reason() -> None:
    shown = {VARIANTS.get(rule, rule) for rule in standing()}
    assert set(load_rules()) - shown == set(NO_TRANSITION)


def test_every_transition_is_taken() -> None:
    taken = {(move.source, move.event) for move in moves_made()}
    assert {(move.source, move.event) for move in product().transitions} - taken == set()


def test_every_act_of_time_is_seen() -> None:
    assert set(ORDER) - {name for one in replayed() for name in _applied(one)} == set()


def test_nothing_is_refused_that_no_file_expects_to_be() -> None:
    surprising = [
        (one.scenario.name, one.answer["step"], one.refusal)
        for one in replayed()
        if one.refusal and "violations" not in (one.step.expect or {})
    ]
    assert surprising == []


WEEKEND, HOLIDAY, MAKE_UP, MONTH_END = "weekend", "holiday", "make-up working day", "month end"
FORWARD, BACK = "clocks go forward on the way", "clocks go back on the way"
SHORT_DAY, LONG_DAY = "ends on a day of 23 hours", "ends on a day of 25 hours"
WHOLE = {"start", "due", "late_from"}


def awkward_dates() -> dict[tuple[str, str], set[str]]:
    """By (pack, clock): what is awkward about the dates that files expect of it."""
    found = defaultdict[tuple[str, str], set[str]](set)
    for one in replayed():
        for name, expected in (one.step.expect or {}).get("clocks", {}).items():
            context = home_of(one.scenario.context, name)
            rule = context.pack.clocks[name]
            if ({"late_from"} if rule.unit == "MIN" else WHOLE) <= set(expected):
                found[context.pack.name, split_name(name)[1]] |= kinds_of(rule, expected, context)
    return found


def kinds_of(rule: ClockRule, expected: Mapping[str, Any], context: Context) -> set[str]:  # Any: JSON
    """What is awkward about the date expected of a clock: where it starts or ends, what it skips, a changed offset."""
    late = datetime.fromisoformat(expected["late_from"]).astimezone(context.zone)
    if rule.unit == "MIN":
        return kinds_of_day(late.date(), context.calendar) | change_of_clocks(late.date(), late, context.zone)
    start, due = date.fromisoformat(expected["start"]), date.fromisoformat(expected["due"])
    kinds = change_of_clocks(start, late, context.zone) | length_of_day(due, context.zone)
    for day in (start, due):
        kinds |= kinds_of_day(day, context.calendar)
    for day in passed_over(rule, start, due, context):
        kinds |= kinds_of_day(day, context.calendar) - {MONTH_END}
    return kinds


def kinds_of_day(day: date, calendar: Calendar) -> set[str]:
    """What is awkward about a day that a period starts, ends on or skips."""
    if day in calendar.open_weekends:
        own = {MAKE_UP}
    else:
        own = {WEEKEND} if day.weekday() >= SATURDAY else set[str]()
    return (
        own
        | ({HOLIDAY} if day in calendar.closed else set())
        | ({MONTH_END} if (day + ONE_DAY).day == 1 else set())
    )


def change_of_clocks(start: date, late: datetime, zone: ZoneInfo) -> set[str]:
    """Which way the clocks went between the first midnight and the first late instant."""
    before = datetime.combine(start, time(), tzinfo=zone).utcoffset()
    after = late.utcoffset()
    assert before is not None
    assert after is not None
    if before == after:
        return set()
    return {FORWARD} if after > before else {BACK}


def length_of_day(day: date, zone: ZoneInfo) -> set[str]:
    """Whether a day is an hour shorter or longer than others, so that adding 24 hours would miss its end."""
    first = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    after = datetime.combine(day + ONE_DAY, time(), tzinfo=zone).astimezone(UTC)
    if after - first == ONE_DAY:
        return set()
    return {SHORT_DAY} if after - first < ONE_DAY else {LONG_DAY}


def passed_over(rule: ClockRule, start: date, due: date, context: Context) -> set[date]:
    """The days between that made the date what it is: all that working days count or skip, or those it rolled over."""
    if rule.unit == "BD":
        return {start + ONE_DAY * n for n in range(1, (due - start).days)}
    last = start + ONE_DAY * rule.n
    rolled = {last + ONE_DAY * n for n in range((due - last).days)} if rule.unit == "D" else set()
    return rolled if not any(map(context.calendar.is_business_day, rolled)) else set()


def test_every_clock_of_every_pack_has_an_awkward_date() -> None:
    shown = {clock for clock, kinds in awkward_dates().items() if kinds}
    assert {(pack.name, clock) for pack in load_packs().values() for clock in pack.clocks} - shown == set()


EVERYWHERE = {WEEKEND, HOLIDAY, MONTH_END}
SUMMER_TIME = {FORWARD, BACK, SHORT_DAY, LONG_DAY}


@pytest.mark.parametrize(
    ("zone", "kinds"),
    [
        ("Europe/London", EVERYWHERE | SUMMER_TIME),
        ("America/New_York", EVERYWHERE | SUMMER_TIME),
        ("Australia/Sydney", EVERYWHERE | SUMMER_TIME),
        ("Asia/Shanghai", EVERYWHERE | {MAKE_UP}),
    ],
)
def test_every_kind_of_awkward_date_occurs_wherever_it_can(zone: str, kinds: set[str]) -> None:
    packs = {pack.name for pack in load_packs().values() if pack.zone == zone}
    assert set().union(*(found for (pack, _), found in awkward_dates().items() if pack in packs)) == kinds

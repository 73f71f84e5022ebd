"""The log cannot be changed unnoticed, and the arithmetic under the dates keeps its laws."""

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.complaints.business_days import (
    add_business_days,
    add_months,
    add_period,
    business_days_before,
    late_from,
    roll_forward,
)
from contactcenter.complaints.calendars import Calendar, load_calendars
from contactcenter.complaints.chain import append, canonical, first_broken, head_of, seal
from contactcenter.complaints.decide import list_choices
from contactcenter.complaints.folding import fold
from contactcenter.complaints.letters import letters_of
from contactcenter.complaints.model import Event, Proposal
from contactcenter.complaints.references import ALPHABET, new_reference, read_reference
from tests.complaints.timeline import (
    PEOPLE,
    START,
    Timeline,
    acknowledged,
    admitted,
    appeal,
    closed,
    decided,
    follow_up,
    investigating,
    proposed,
    received,
    remedy_done,
    remedy_due,
)

KEY = bytes(range(32))
CALENDARS = st.sampled_from(sorted(load_calendars().values(), key=lambda one: one.name))
DAYS = st.dates(date(2026, 1, 1), date(2027, 10, 1))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_lowercase, min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)
DATA = st.dictionaries(st.sampled_from(["text", "reason", "note", "amount", "findings"]), JSON, max_size=4)


def chain_of(rows: list[dict[str, object]]) -> list[Event]:
    events: list[Event] = []
    for number, data in enumerate(rows):
        events.append(append(events, Proposal("comment", "ann", data, START + timedelta(hours=number)), KEY))
    return events


@given(st.lists(DATA, min_size=2, max_size=6), st.data())
def test_every_change_is_named(rows: list[dict[str, object]], data: st.DataObject) -> None:
    events = chain_of(rows)
    assert first_broken(events) is None
    index = data.draw(st.integers(0, len(events) - 1))
    touched = list(events)
    touched[index] = replace(events[index], at=events[index].at + timedelta(seconds=1))
    assert first_broken(touched) == index + 1
    assert first_broken(events[:index] + events[index + 1 :]) == (
        index + 1 if index < len(events) - 1 else None
    )


@given(DATA)
def test_private_words_leave_only_a_commitment(data: dict[str, object]) -> None:
    sealed = seal("comment", data, KEY)
    for name in ("text", "reason"):
        if name in data:
            assert set(sealed[name]) == {"sealed"}
    assert seal("comment", data, KEY) == sealed
    if "text" in data:
        assert seal("comment", data, bytes(32)) != sealed


@given(JSON)
def test_canonical_form_does_not_depend_on_the_order_of_keys(value: object) -> None:
    turned = dict(reversed(value.items())) if isinstance(value, dict) else value
    assert canonical(value) == canonical(turned)


def test_replaying_events_gives_the_same_head_state_and_letters() -> None:
    case = closed()
    again: list[Event] = []
    for event in case.events:
        again.append(
            append(again, Proposal(event.name, event.by, event.data, event.at), case.context.seal_key)
        )
    assert head_of(again) == head_of(case.events)
    assert fold(again, case.context.machine).state == "closed"
    letters = letters_of(case.events, case.context)
    assert letters == letters_of(again, case.context)
    heads = {event.seq: event.digest[:12] for event in case.events}
    assert all(letter.block("head") == {"block": "head", "head": heads[letter.seq]} for letter in letters)


@given(st.integers(0, 120).map(lambda n: date(2026, 1, 1) + timedelta(days=30 * n % 3650)))
def test_reference_survives_being_read_out(day: date) -> None:
    reference = new_reference(day)
    spoken = reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_reference(spoken) == reference
    assert read_reference(reference) == reference


@given(st.text(ALPHABET, min_size=6, max_size=6), st.integers(0, 5), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(code: str, place: int, other: str) -> None:
    reference = new_reference(date(2026, 11, 2))
    position = 9 + place
    if reference[position] != other:
        assert read_reference(reference[:position] + other + reference[position + 1 :]) is None
    assert read_reference("CMP-2611-" + code) is None


@given(CALENDARS, DAYS, st.integers(0, 40))
def test_business_days_forward_and_back_meet(calendar: Calendar, day: date, n: int) -> None:
    end = add_business_days(calendar, day, n)
    assert n == 0 or calendar.is_business_day(end)
    between = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(calendar.is_business_day(one) for one in between) == n
    if n and calendar.is_business_day(day):
        assert business_days_before(calendar, end, n) == day


@given(CALENDARS, DAYS, st.integers(0, 5), st.integers(1, 30), st.sampled_from(["BD", "D", "W", "M"]))
def test_due_dates_are_monotone_in_receipt(
    calendar: Calendar, day: date, later: int, n: int, unit: str
) -> None:
    first, second = (add_period(calendar, start, n, unit) for start in (day, day + timedelta(days=later)))
    assert first <= second
    assert roll_forward(calendar, first) <= roll_forward(calendar, second)


@given(DAYS, st.integers(0, 24))
def test_months_add_up_unless_a_month_end_shortens_them(day: date, n: int) -> None:
    end = add_months(day, n)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == n
    assert end.day <= day.day


@given(
    DAYS,
    st.sampled_from(
        ["Europe/London", "Asia/Shanghai", "America/New_York", "Australia/Sydney", "Africa/Cairo"]
    ),
)
def test_late_is_the_first_instant_of_the_next_local_day(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    late = late_from(day, zone)
    assert (late - timedelta(microseconds=1)).astimezone(zone).date() <= day
    assert late.astimezone(zone).date() == day + timedelta(days=1)


ACTORS = ("customer", "system", *PEOPLE)
PLACES = (
    received,
    acknowledged,
    admitted,
    investigating,
    proposed,
    decided,
    remedy_due,
    remedy_done,
    follow_up,
    appeal,
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(ACTORS), st.integers(0, 200)), max_size=14),
)
def test_no_way_to_the_end_avoids_its_rules(
    place: Callable[[], Timeline], moves: list[tuple[int, str, int]]
) -> None:
    """From anywhere, random people do random things that need no form, and time passes."""
    case = place()
    for pick, who, hours in moves:
        case.tick(case.at + timedelta(hours=hours))
        free = [
            one.event
            for one in list_choices(case.events, who, case.context, case.at)
            if one.allowed and not one.needs_data
        ]
        if free:
            case.do(free[pick % len(free)], who)
    facts = case.facts
    assert first_broken(case.events) is None
    assert facts.state != "closed" or (facts.has("letter:survey") and facts.root_cause)
    assert (
        facts.state != "follow_up"
        or facts.offer is None
        or not facts.offer.grants
        or facts.verified_at is not None
    )

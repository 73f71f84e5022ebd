"""Business time: open and closed instants, days when the clocks change, and promises that add up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from contactcenter.core.errors import Invalid
from contactcenter.queues.hours import _spans, add_business_time, checked_week, is_open, opens_at
from contactcenter.queues.models import BusinessHours, Holiday, Queue

NINE_TO_FIVE = [["09:00", "17:00"]]
ALL_DAY = [["00:00", "24:00"]]
WORKDAYS = [NINE_TO_FIVE] * 5 + [[], []]
NEVER: list[list[list[str]]] = [[]] * 7
LONDON = ZoneInfo("Europe/London")


def hours(week: list[list[list[str]]], *holidays: date, zone: str = "Europe/London") -> BusinessHours:
    return BusinessHours(name="h", zone=zone, week=week, holidays=[Holiday(day=day) for day in holidays])


def london(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A wall time of 2026 there."""
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@st.composite
def weeks(draw: st.DrawFn) -> list[list[list[str]]]:
    """Weeks with up to three spans a day, on quarters of an hour."""
    quarter = st.integers(0, 96)
    found = []
    for _ in range(7):
        edges = sorted(draw(st.sets(quarter, max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        found.append([[f"{n // 4:02}:{n % 4 * 15:02}" for n in pair] for pair in pairs])
    return found


SUNDAY = datetime(2026, 3, 29, tzinfo=UTC)  # the clocks change in London at one
SPRING = SUNDAY + timedelta(minutes=30)
ZONES = st.sampled_from(["Europe/London", "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe", "UTC"])
FIRST, LAST = SUNDAY - timedelta(weeks=12), SUNDAY + timedelta(weeks=60)
INSTANTS = st.integers(0, int((LAST - FIRST).total_seconds())).map(lambda s: FIRST + timedelta(seconds=s))
SECONDS = st.integers(0, 400_000)
SKIPPED_HOUR: list[list[list[str]]] = [[]] * 6 + [[["00:15", "01:45"], ["02:00", "03:00"]]]


@given(weeks(), ZONES, INSTANTS)
@example(SKIPPED_HOUR, "Europe/London", SPRING)
def test_spans_run_forward_and_never_overlap(week: list[list[list[str]]], zone: str, at: datetime) -> None:
    edges = [edge for span in _spans(hours(week, zone=zone), at) for edge in span]
    assert edges == sorted(edges)
    assert all(edges[n] < edges[n + 1] for n in range(0, len(edges), 2))


@given(weeks(), ZONES, INSTANTS, SECONDS, SECONDS)
@example(SKIPPED_HOUR, "Europe/London", SPRING, 3600, 3600)
def test_waiting_twice_is_waiting_for_the_sum(
    week: list[list[list[str]]], zone: str, start: datetime, first: int, second: int
) -> None:
    assume(any(week))
    shop = hours(week, zone=zone)
    middle = add_business_time(shop, start, first)
    open_s = sum((end - begin).total_seconds() for begin, end in _spans(shop, start) if begin >= start)
    assume(open_s > first + second)
    assert add_business_time(shop, middle, second) == add_business_time(shop, start, first + second)


@given(weeks(), ZONES, INSTANTS, st.integers(0, 10_000_000), st.integers(0, 10_000_000))
@example(WORKDAYS, "UTC", SPRING, 8_000_000, 10_000_000)
def test_longer_promise_never_ends_earlier(
    week: list[list[list[str]]], zone: str, start: datetime, one: int, other: int
) -> None:
    shop, short, long = hours(week, zone=zone), min(one, other), max(one, other)
    assert start <= add_business_time(shop, start, short) <= add_business_time(shop, start, long)


@given(weeks(), ZONES, INSTANTS, SECONDS)
def test_opening_time_between_start_and_end_is_what_was_promised(
    week: list[list[list[str]]], zone: str, start: datetime, seconds: int
) -> None:
    shop = hours(week, zone=zone)
    end = add_business_time(shop, start, seconds)
    passed = sum(
        max((min(closing, end) - max(opening, start)).total_seconds(), 0)
        for opening, closing in _spans(shop, start)
    )
    assert passed == seconds or not any(week) or end - start > timedelta(days=300)


@given(weeks(), ZONES, INSTANTS)
def test_next_opening_is_open_and_nothing_before_it_is(
    week: list[list[list[str]]], zone: str, at: datetime
) -> None:
    shop = hours(week, zone=zone)
    opening = opens_at(shop, at)
    if opening is None:
        assert not any(week)
        return
    assert opens_at(shop, opening) == opening >= at
    if opening > at:
        assert opens_at(shop, opening - timedelta(seconds=1)) == opening


def test_promise_skips_night_weekend_and_holiday() -> None:
    friday = london(11, 20, 16)
    shop = hours(WORKDAYS, date(2026, 11, 23))
    assert add_business_time(shop, friday, 3600) == london(11, 20, 17)
    assert add_business_time(shop, friday, 3601) == london(11, 24, 9) + timedelta(seconds=1)
    assert add_business_time(shop, london(11, 21, 12), 0) == london(11, 24, 9)


def test_opening_stays_at_nine_when_the_clocks_change() -> None:
    shop = hours([NINE_TO_FIVE] * 7)
    for month, day in ((3, 28), (3, 29), (10, 24), (10, 25)):
        assert opens_at(shop, london(month, day)) == london(month, day, 9)
    assert (london(3, 29, 9) - london(3, 28, 9)) == timedelta(hours=23)


@pytest.mark.parametrize(("day", "length_h"), [((3, 29), 23), ((10, 25), 25), ((6, 1), 24)])
def test_whole_day_is_as_long_as_it_is(day: tuple[int, int], length_h: int) -> None:
    shop = hours([ALL_DAY] * 7)
    midnight = london(*day)
    assert add_business_time(shop, midnight, length_h * 3600) == london(*day) + timedelta(hours=length_h)
    closed = hours([ALL_DAY] * 7, (midnight + timedelta(hours=length_h)).astimezone(LONDON).date())
    next_day = add_business_time(closed, midnight, length_h * 3600 + 1)
    assert next_day == midnight + timedelta(hours=length_h + 24, seconds=1)


def test_closing_at_midnight_opens_again_at_midnight() -> None:
    shop = hours([ALL_DAY] * 7)
    midnight = london(6, 2)
    for seconds in (-1, 0, 1):
        assert opens_at(shop, midnight + timedelta(seconds=seconds)) == midnight + timedelta(seconds=seconds)


def test_end_of_a_span_is_closed_its_start_is_open() -> None:
    queue = Queue(open=True, hours=hours(WORKDAYS))
    assert is_open(queue, london(11, 23, 9))
    assert is_open(queue, london(11, 23, 16, 59))
    assert not is_open(queue, london(11, 23, 17))
    assert not is_open(queue, london(11, 23, 8, 59))
    queue.open = False
    assert not is_open(queue, london(11, 23, 9))


def test_queue_without_hours_is_always_open() -> None:
    assert is_open(Queue(open=True, hours=None), london(12, 25))
    assert add_business_time(None, london(12, 25), 90) == london(12, 25) + timedelta(seconds=90)


def test_hours_that_never_open_count_plain_time() -> None:
    queue = Queue(open=True, hours=hours(NEVER))
    start = london(11, 23)
    assert not is_open(queue, start)
    assert opens_at(hours(NEVER), start) is None
    assert add_business_time(hours(NEVER), start, 3600) == start + timedelta(hours=1)


@given(weeks())
def test_sensible_week_is_kept_as_it_is(week: list[list[list[str]]]) -> None:
    assert checked_week(week) == week
    assert checked_week([day[::-1] for day in week]) == week


@pytest.mark.parametrize(
    "day",
    [
        None,
        5,
        "09:00-17:00",
        [5],
        [None],
        ["09:00", "17:00"],
        [["09:00"]],
        [["09:00", "17:00", "18:00"]],
        [["17:00", "09:00"]],
        [["09:00", "09:00"]],
        [["9:00", "17:00"]],
        [["09:00", "24:01"]],
        [["24:00", "24:00"]],
        [["09:00", "25:00"]],
        [["09:00", "12:00"], ["11:00", "17:00"]],
        [[9, 17]],
        [{"from": "09:00"}],
    ],
)
def test_wrong_day_is_named(day: object) -> None:
    with pytest.raises(Invalid, match="Day 3"):
        checked_week([[], [], day, [], [], [], []])


@pytest.mark.parametrize("week", [None, [], {}, "week", [[]] * 6, [[]] * 8])
def test_week_has_seven_days(week: object) -> None:
    with pytest.raises(Invalid, match="seven days"):
        checked_week(week)

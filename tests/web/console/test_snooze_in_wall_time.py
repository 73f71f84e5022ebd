"""A snooze ends at the time on the agent's wall clock, also where the clock is put forward or back."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from contactcenter.web.console import change
from contactcenter.web.console.change import snooze_end

LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "now", "end"),
    [
        ("1h", "2026-03-29 00:30", "2026-03-29 01:30"),  # an hour lasts an hour, whatever the wall says
        ("3h", "2026-10-24 23:30", "2026-10-25 02:30"),
        ("tomorrow", "2026-03-28 12:00", "2026-03-29 08:00"),  # 9:00 of summer time
        ("tomorrow", "2026-10-24 12:00", "2026-10-25 09:00"),  # 9:00 of winter time
        ("monday", "2026-10-24 12:00", "2026-10-26 09:00"),
        ("monday", "2026-03-23 12:00", "2026-03-30 08:00"),
        ("tomorrow", "2026-06-30 23:30", "2026-07-02 08:00"),  # in London it is the first of July already
    ],
)
def test_end_in_london(wish: str, now: str, end: str) -> None:
    assert snooze_end(wish, utc(now), LONDON) == utc(end)


def test_morning_that_the_clock_skips_is_as_much_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "MORNING", time(1, 30))
    assert snooze_end("tomorrow", utc("2026-03-28 12:00"), LONDON) == utc("2026-03-29 01:30")


def test_of_a_morning_that_comes_twice_it_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "MORNING", time(1, 30))
    assert snooze_end("tomorrow", utc("2026-10-24 12:00"), LONDON) == utc("2026-10-25 00:30")

"""Working-day calendars of places: holidays, make-up working days, and how far the official list reaches."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).with_name("data")
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`closed` are holidays, `open_weekends` make-up working days; dates after `official_until` are provisional."""

    name: str
    closed: frozenset[date]
    open_weekends: frozenset[date]
    official_until: date

    def is_business_day(self, day: date) -> bool:
        """SPEC §1.3: `open_weekends` together with Monday to Friday not in `closed`."""
        if day in self.open_weekends:
            return True
        return day.weekday() < _SATURDAY and day not in self.closed

    def next_business_day(self, day: date) -> date:
        """The first business day strictly after `day`."""
        day += _ONE_DAY
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def previous_business_day(self, day: date) -> date:
        """The last business day strictly before `day`."""
        day -= _ONE_DAY
        while not self.is_business_day(day):
            day -= _ONE_DAY
        return day

    def is_provisional(self, day: date) -> bool:
        """Whether `day` lies beyond the officially published list."""
        return day > self.official_until


@lru_cache(maxsize=1)
def load_calendars() -> dict[str, Calendar]:
    """All calendars by name."""
    rows = json.loads((DATA / "calendars.json").read_text(encoding="utf-8"))
    return {name: _calendar(name, row) for name, row in rows.items()}


def _calendar(name: str, row: dict[str, object]) -> Calendar:
    closed, extra = row["closed"], row["open_weekends"]
    if not isinstance(closed, dict) or not isinstance(extra, list):
        raise TypeError(f"calendar {name}: closed is an object of dates, open_weekends a list")
    return Calendar(
        name,
        frozenset(date.fromisoformat(day) for day in closed),
        frozenset(date.fromisoformat(day) for day in extra),
        date.fromisoformat(str(row["official_until"])),
    )

"""Follow-up contacts (rule U-02): what counts as having tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PHONE = ("phone", "voice", "call")
CALLS_NEEDED = 3
CALL_DAYS = 2
CALL_DAY_PARTS = 2
MESSAGES_NEEDED = 2
MESSAGE_DAYS = 2
REACHED = ("done", "declined")
FIRST, LAST = time(9), time(18)
"""Nobody is called earlier or later than that, where he is."""

SLOT_SLACK = timedelta(minutes=5)
"""A call that begins so near to the time its customer chose has kept it."""

_NOON_H, _EVENING_H = 12, 17
_NUMBER_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Contact:
    """One follow-up contact; `local_time` is the customer's wall time, `result` done, declined or no_answer.

    `kept`: whether a call came at the time its customer chose; None if he chose none, or it was no call.
    """

    seq: int
    at: datetime
    person: str
    result: str
    local_time: str
    channel: str
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many attempts were made and are needed; `met` also asks for their spread over days and day parts."""

    made_n: int
    needed_n: int
    met: bool


def count_attempts(contacts: Sequence[Contact], *, by_phone: bool) -> Attempts:
    """Three calls on two days in two day parts; where nobody can be called, two messages on two days."""
    if by_phone:
        calls = [one for one in contacts if one.channel in PHONE]
        spread = len(_days(calls)) >= CALL_DAYS and len(_day_parts(calls)) >= CALL_DAY_PARTS
        return Attempts(len(calls), CALLS_NEEDED, len(calls) >= CALLS_NEEDED and spread)
    spread = len(_days(contacts)) >= MESSAGE_DAYS
    return Attempts(len(contacts), MESSAGES_NEEDED, len(contacts) >= MESSAGES_NEEDED and spread)


def attempts_met(contacts: Sequence[Contact], *, by_phone: bool) -> bool:
    """Whether enough was tried, though nobody was reached."""
    return count_attempts(contacts, by_phone=by_phone).met


def is_settled(contacts: Sequence[Contact], *, by_phone: bool) -> bool:
    """Whether the follow-up contact took place, was declined, or was tried often enough."""
    if any(one.result in REACHED for one in contacts):
        return True
    return attempts_met(contacts, by_phone=by_phone)


def has_number(contact: str) -> bool:
    """Whether an address people gave is a telephone number."""
    return "@" not in contact and sum(letter.isdigit() for letter in contact) >= _NUMBER_DIGITS


def is_call(data: Mapping[str, Any]) -> bool:  # Any: JSON
    """Whether the contact that `data` tells of was a telephone call: it was, unless another channel is named."""
    return (data.get("channel") or "phone") in PHONE


def wall_instant(wall: str, zone: str) -> datetime:
    """The instant of a wall time that exists once in `zone`."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))


def slot_kept(data: Mapping[str, Any]) -> bool | None:  # Any: JSON
    """Whether a call came within five minutes of the time its customer chose; None if he chose none.

    Of a zone that is none nobody can say; rule C-08 refuses it.
    """
    if not data.get("slot"):
        return None
    try:
        chosen = wall_instant(data["slot"], zone_of_slot(data))
        return abs(wall_instant(data["local_time"], data["zone"]) - chosen) <= SLOT_SLACK
    except (KeyError, ValueError, OSError):  # each is how ZoneInfo says that it knows no such zone
        return None


def zone_of_slot(data: Mapping[str, Any]) -> str:  # Any: JSON
    """Where the chosen time is read: where the call was, unless another zone is named."""
    zone: str = data.get("slot_zone") or data["zone"]
    return zone


def masked(number: str) -> str:
    """A number as its owner knows it again and nobody else can call it; empty for none."""
    country = f"{number[:3]} " if number.startswith("+") else ""
    return f"{country}… {number[-4:]}" if number else ""


def day_part(hour: int) -> str:
    """Morning until noon, afternoon until five, then evening."""
    if hour < _NOON_H:
        return "morning"
    return "afternoon" if hour < _EVENING_H else "evening"


def _days(contacts: Sequence[Contact]) -> set[str]:
    return {one.local_time[:10] for one in contacts}


def _day_parts(contacts: Sequence[Contact]) -> set[str]:
    return {day_part(datetime.fromisoformat(one.local_time).hour) for one in contacts}

"""How a policy pack is written in JSON: which keys have which kind of value; others are notes."""

from datetime import time
from typing import Annotated, Any, NotRequired

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic wants it before Python 3.12

Whole = Annotated[int, Field(le=100_000)]


def _time(value: object) -> object:
    if isinstance(value, str):
        time.fromisoformat(value)
    return value


class ClockRow(TypedDict):
    n: Whole
    unit: str
    start: str
    stop: str
    kind: str
    pausable: NotRequired[list[str]]
    pause_cap_bd: NotRequired[Whole]
    extend_to: NotRequired[Whole | list[Whole]]
    extend_by: NotRequired[Whole]
    hard_cap: NotRequired[Whole]
    cutoff: NotRequired[Annotated[str, BeforeValidator(_time)]]
    clause: NotRequired[str]
    needs_marker: NotRequired[str]
    optional: NotRequired[bool]
    repeats: NotRequired[bool]


MoveRow = TypedDict(
    "MoveRow",
    {
        "from": str,
        "event": str,
        "to": str,
        "actors": list[str],
        "guards": list[str],
        "sends": NotRequired[str],
        "evidence": NotRequired[str],
    },
)
WithoutRow = TypedDict("WithoutRow", {"from": str, "event": str})


class PackRow(TypedDict, total=False):
    base: str | None
    roll: str | None
    clocks: dict[str, ClockRow]
    vulnerable_factor: float | None
    delay_notice_lead: str | None
    record_retention_months: Whole | None
    calendars: list[str] | None
    zone: str | None
    identity_required: bool | None
    intake_requires: list[str] | None
    survey: bool | None
    transitions: list[MoveRow] | None
    without: list[WithoutRow] | None
    status: str | None


_rows = TypeAdapter(PackRow)


def fault_in(row: Any) -> str:  # Any: JSON
    """The first value that is missing or of another kind, with its place; empty if there is none."""
    try:
        _rows.validate_python(row, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ""

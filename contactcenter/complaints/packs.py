"""Policy packs: the clocks of a law or code as data, each inheriting what it does not list, validated when loaded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import Any

from contactcenter.complaints.calendars import DATA, load_calendars
from contactcenter.complaints.pack_rows import fault_in

UNITS = ("MIN", "BD", "D", "W", "M")
KINDS = ("legal", "promise", "internal", "floor", "customer", "info", "external", "future")
ROLLS = ("none", "next_bd")
DEFAULT = "iso10002-default"
NEEDED = {"response_window"}  # asked for by name
_LEAD_WORDS = 4  # "2 BD before due"

Row = Mapping[str, Any]  # Any: JSON


class PackError(ValueError):
    """A pack that may not be switched on; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock: n units from a start marker until one of the stop markers.

    `extend_to` are the total lengths a timely extension may reach, `extend_by` a further length; `hard_cap` the utmost.
    `needs_marker` makes the clock exist only once that marker was seen; an `optional` one runs where a case asks for it.
    """

    name: str
    n: int
    unit: str
    start: str
    stop: tuple[str, ...]
    kind: str
    pausable: tuple[str, ...] = ()
    pause_cap_bd: int = 10
    extend_to: tuple[int, ...] = ()
    extend_by: int = 0
    hard_cap: int = 0
    cutoff: time | None = None
    clause: str = ""
    needs_marker: str = ""
    optional: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy pack with everything inherited. `lead_bd`: how many business days before a date the honest notice goes.

    `added` and `removed` change the machine; the graph proofs decide whether such a pack loads.
    `intake_requires` is what an organisation would demand at intake; the rules refuse all but text and contact.
    """

    name: str
    roll: str
    clocks: Mapping[str, ClockRule]
    vulnerable_factor: float
    lead_bd: int
    retention_months: int
    calendars: tuple[str, ...] = ()
    zone: str | None = None
    identity_required: bool = False
    intake_requires: tuple[str, ...] = ()
    survey: bool = True
    added: tuple[Row, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Markers:
    """What starts and stops clocks: marker → event names, `letter:KIND`, `enter:STATE`, `callback:RESULT`."""

    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def load_markers() -> Markers:
    rows = json.loads((DATA / "markers.json").read_text(encoding="utf-8"))
    return Markers({name: tuple(events) for name, events in rows.items()})


@lru_cache(maxsize=1)
def load_packs() -> dict[str, Pack]:
    """The product's packs by name."""
    return build_packs(json.loads((DATA / "packs.json").read_text(encoding="utf-8")))


def build_packs(rows: Mapping[str, Row]) -> dict[str, Pack]:
    """Packs from JSON rows. Raises PackError at the first that is wrong."""
    packs = {name: _pack(rows, name) for name in rows}
    for name, pack in packs.items():
        if missing := NEEDED - set(pack.clocks):
            raise PackError(f"{name}.clocks: {min(missing)} is missing; inherit it by base: {DEFAULT}")
    return packs


def _pack(rows: Mapping[str, Row], name: str) -> Pack:
    if wrong := fault_in(rows[name]):
        raise PackError(f"{name}.{wrong}")
    chain = _lineage(rows, name)
    clocks: dict[str, ClockRule] = {}
    for ancestor in chain:
        clocks |= {
            clock: _clock(f"{ancestor}.{clock}", clock, row)
            for clock, row in rows[ancestor].get("clocks", {}).items()
        }
    merged: dict[str, Any] = {}  # Any: JSON
    for ancestor in chain:
        merged |= {key: value for key, value in rows[ancestor].items() if value is not None}
    _check_pack(name, merged)
    return Pack(
        name=name,
        roll=merged.get("roll", "none"),
        clocks=clocks,
        vulnerable_factor=float(merged.get("vulnerable_factor", 1)),
        lead_bd=_lead(name, str(merged.get("delay_notice_lead", "2 BD before due"))),
        retention_months=int(merged.get("record_retention_months", 36)),
        calendars=tuple(rows[name].get("calendars") or ()),
        zone=rows[name].get("zone"),
        identity_required=bool(merged.get("identity_required", False)),
        intake_requires=tuple(merged.get("intake_requires", ())),
        survey=bool(merged.get("survey", True)),
        added=tuple(merged.get("transitions", ())),
        removed=tuple((row["from"], row["event"]) for row in merged.get("without", ())),
        status=str(rows[name].get("status", "")),
    )


def _lineage(rows: Mapping[str, Row], name: str) -> list[str]:
    """The pack and its bases, eldest first."""
    chain = [name]
    while base := rows[chain[0]].get("base"):
        if base not in rows:
            raise PackError(f"{chain[0]}.base: there is no pack {base}")
        if base in chain:
            raise PackError(f"{name}.base: packs inherit in a circle at {base}")
        chain.insert(0, base)
    return chain


def _check_pack(name: str, row: Row) -> None:
    if row.get("roll", "none") not in ROLLS:
        raise PackError(f"{name}.roll: {row['roll']} is none of {', '.join(ROLLS)}")
    unknown = set(row.get("calendars") or ()) - set(load_calendars())
    if unknown:
        raise PackError(f"{name}.calendars: there is no calendar {min(unknown)}")
    if not 0 < float(row.get("vulnerable_factor", 1)) <= 1:
        raise PackError(f"{name}.vulnerable_factor: not above 0 and at most 1")


def _clock(where: str, name: str, row: Row) -> ClockRule:
    _check_clock(where, row)
    return ClockRule(
        name=name,
        n=row["n"],
        unit=row["unit"],
        start=row["start"],
        stop=tuple(row["stop"].split("|")),
        kind=row["kind"],
        pausable=tuple(row.get("pausable", ())),
        pause_cap_bd=row.get("pause_cap_bd", 10),
        extend_to=_lengths(row.get("extend_to", ())),
        extend_by=row.get("extend_by", 0),
        hard_cap=row.get("hard_cap", 0),
        cutoff=time.fromisoformat(row["cutoff"]) if "cutoff" in row else None,
        clause=row.get("clause", ""),
        needs_marker=row.get("needs_marker", ""),
        optional=row.get("optional", False),
        repeats=row.get("repeats", False),
    )


def _check_clock(where: str, row: Row) -> None:
    if not isinstance(row.get("n"), int) or row["n"] < 0:
        raise PackError(f"{where}.n: a whole number, 0 or more")
    if row.get("unit") not in UNITS:
        raise PackError(f"{where}.unit: {row.get('unit')} is none of {', '.join(UNITS)}")
    if row.get("kind") not in KINDS:
        raise PackError(f"{where}.kind: {row.get('kind')} is none of {', '.join(KINDS)}")
    named = [row.get("start", ""), *row.get("stop", "").split("|"), *filter(None, [row.get("needs_marker")])]
    unknown = [marker for marker in named if marker not in load_markers().events]
    if unknown:
        raise PackError(f"{where}: there is no marker {unknown[0]!r}")


def _lengths(value: int | list[int] | tuple[int, ...]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def _lead(name: str, text: str) -> int:
    words = text.split()
    if len(words) != _LEAD_WORDS or not words[0].isdigit() or words[1:] != ["BD", "before", "due"]:
        raise PackError(f"{name}.delay_notice_lead: say it as '2 BD before due'")
    return int(words[0])

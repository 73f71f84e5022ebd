"""Read replay files, and say in one line what is wrong with one: `steps[3].data.goodwil: unknown key`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from contactcenter.complaints.calendars import DATA, load_calendars
from contactcenter.complaints.chain import canonical
from contactcenter.complaints.further import beside
from contactcenter.complaints.machine import Machine, build_machine, machine_of
from contactcenter.complaints.model import NOT_PEOPLE, Context, Neighbour, Person
from contactcenter.complaints.packs import DEFAULT, Pack, PackError, build_packs, load_packs
from contactcenter.complaints.replay import QUESTIONS, Scenario, Step
from contactcenter.complaints.schema import faults_in, known_events

_CASE_KEYS = (
    "name",
    "pack",
    "further_packs",
    "calendar",
    "zone",
    "vulnerable",
    "agent_limit",
    "people",
    "subjects",
    "prior_handlers",
    "neighbours",
    "steps",
    "sampled",
    "options",
)
_STEP_KEYS = ("at", "event", "try", "tick", "ask", "by", "data", "expect")
_ACTIONS = ("event", "try", "tick", "ask")
_NAMES_A_PERSON = ("investigator", "to", "reviewer")
_DEFAULT_CALENDAR = "GB-ENG"

Row = Mapping[str, Any]  # Any: JSON, checked here


class FileError(ValueError):
    """What is wrong, with its place in front."""


def read_scenarios(text: str) -> tuple[list[Scenario], bool]:
    """The cases of a file and whether it is a list. Raises FileError at the first fault."""
    try:
        content = json.loads(text)
        canonical(content)  # what no chain can hold is refused here: NaN, half a character
    except (ValueError, RecursionError) as error:
        raise FileError(f"not JSON: {error}") from error
    if isinstance(content, list):
        return [_scenario(row, f"[{number}].") for number, row in enumerate(content)], True
    return [_scenario(content, "")], False


def _scenario(row: Any, place: str) -> Scenario:  # Any: JSON
    if not isinstance(row, dict):
        raise FileError(f"{place or 'file'}: a case is an object")
    _refuse_unknown(row, _CASE_KEYS, place)
    context = _context(row, place)
    rows = _typed(row, "steps", list, place, [])
    steps = [_step(one, f"{place}steps[{number}]", context) for number, one in enumerate(rows)]
    for number in range(1, len(steps)):
        if steps[number].at < steps[number - 1].at:
            _fail(f"{place}steps[{number}].at", "earlier than the step before")
    return Scenario(str(row.get("name", "")), context, tuple(steps))


def _context(row: Row, place: str) -> Context:
    pack, machine = _pack(row.get("pack", DEFAULT), place)
    calendar = row.get("calendar") or (pack.calendars or (_DEFAULT_CALENDAR,))[0]
    _check_known("calendar", calendar, load_calendars(), f"{place}calendar")
    zone = row.get("zone") or pack.zone or "UTC"
    if not isinstance(zone, str) or zone not in available_timezones():
        _fail(f"{place}zone", f"{zone} is not a time zone")
    own = Context(
        pack=pack,
        machine=machine,
        calendar=load_calendars()[calendar],
        zone=ZoneInfo(zone),
        people=_people(_typed(row, "people", dict, place, {}), place),
        subjects=_names(row, "subjects", place),
        prior_handlers=_names(row, "prior_handlers", place),
        neighbours=_neighbours(_typed(row, "neighbours", list, place, []), place),
        agent_limit=_typed(row, "agent_limit", int, place, 0),
        vulnerable=_typed(row, "vulnerable", bool, place, default=False),
        sampled=_typed(row, "sampled", bool, place, default=False),
        options=_names(row, "options", place),
        reference="CMP-0000-REPLAY",
    )
    return beside(own, _further(row, place))


def _further(row: Row, place: str) -> tuple[str, ...]:
    names = _names(row, "further_packs", place)
    for name in names:
        _check_known("pack", name, load_packs(), f"{place}further_packs")
    return names


def _pack(wanted: Any, place: str) -> tuple[Pack, Machine]:  # Any: a pack's name, or a pack to try out
    if isinstance(wanted, dict):
        rows = json.loads((DATA / "packs.json").read_text(encoding="utf-8"))
        name = str(wanted.get("name", "custom"))
        try:
            pack = build_packs({**rows, name: wanted})[name]
            return pack, build_machine(pack)
        except PackError as error:
            raise FileError(f"{place}pack: {error}") from error
    _check_known("pack", wanted, load_packs(), f"{place}pack")
    return load_packs()[wanted], machine_of(wanted)


def _people(rows: Row, place: str) -> dict[str, Person]:
    return {key: _person(row, f"{place}people.{key}") for key, row in rows.items()}


def _person(row: Any, place: str) -> Person:  # Any: JSON
    if not isinstance(row, dict):
        _fail(place, "a person is an object with roles, team and manager")
    _refuse_unknown(row, ("roles", "team", "manager", "name"), f"{place}.")
    roles = frozenset(_names(row, "roles", f"{place}."))
    return Person(roles, row.get("team"), row.get("manager"), row.get("name") or "")


def _neighbours(rows: list[Any], place: str) -> tuple[Neighbour, ...]:  # Any: JSON
    found = []
    for number, row in enumerate(rows):
        where = f"{place}neighbours[{number}]"
        if not isinstance(row, dict):
            _fail(where, "a neighbour is an object with upheld, goodwill and s")
        _refuse_unknown(row, ("upheld", "goodwill", "s"), f"{where}.")
        upheld = _typed(row, "upheld", bool, f"{where}.", default=False)
        goodwill = _typed(row, "goodwill", int, f"{where}.", 0)
        found.append(Neighbour(upheld, goodwill, float(_typed(row, "s", (int, float), f"{where}.", 1.0))))
    return tuple(found)


def _step(row: Any, place: str, context: Context) -> Step:  # Any: JSON
    if not isinstance(row, dict):
        _fail(place, "a step is an object")
    _refuse_unknown(row, _STEP_KEYS, f"{place}.")
    kinds = [kind for kind in _ACTIONS if kind in row]
    if len(kinds) != 1:
        _fail(place, "a step has one of event, try, tick and ask")
    at, kind = _instant(row.get("at"), f"{place}.at"), kinds[0]
    if kind == "tick":
        return Step(at, kind, expect=row.get("expect"))
    name = row[kind]
    known = QUESTIONS if kind == "ask" else known_events()
    _check_known("question" if kind == "ask" else "event", name, known, f"{place}.{kind}")
    if kind == "ask":
        return Step(at, kind, name, expect=row.get("expect"))
    by = _known_person(row.get("by"), f"{place}.by", (*NOT_PEOPLE, *_everybody(context)))
    data = _typed(row, "data", dict, f"{place}.", {})
    for fault in faults_in(name, data):
        _fail(f"{place}.{fault.where}", fault.what)
    for key in _NAMES_A_PERSON:
        if isinstance(data.get(key), str) and not (name == "extend" and key == "to"):
            _known_person(data[key], f"{place}.data.{key}", _everybody(context))
    return Step(at, kind, name, by, data, row.get("expect"))


def _everybody(context: Context) -> tuple[str, ...]:
    return (*context.people, *context.subjects, *context.prior_handlers)


def _known_person(who: Any, place: str, known: tuple[str, ...]) -> str:  # Any: JSON
    _check_known("person", who, known, place)
    return str(who)


def _instant(value: Any, place: str) -> datetime:  # Any: JSON
    try:
        at = datetime.fromisoformat(value)
        aware = at.astimezone(UTC) if at.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        aware = None
    if aware is None:
        _fail(place, "must be an instant like 2026-11-02T10:15:00Z")
    return aware


def _typed(row: Row, key: str, kind: Any, place: str, default: Any) -> Any:  # Any: JSON of the kind asked for
    value = row.get(key, default)
    wrong_flag = isinstance(value, bool) and kind is not bool
    if not isinstance(value, kind) or wrong_flag:
        names = {list: "a list", dict: "an object", bool: "true or false", int: "a whole number"}
        _fail(f"{place}{key}", f"must be {names.get(kind, 'a number')}")
    return value


def _names(row: Row, key: str, place: str) -> tuple[str, ...]:
    values = _typed(row, key, list, place, [])
    if not all(isinstance(value, str) for value in values):
        _fail(f"{place}{key}", "must be a list of names")
    return tuple(values)


def _refuse_unknown(row: Row, known: tuple[str, ...], place: str) -> None:
    for key in row:
        if key not in known:
            _fail(f"{place}{key}", _unknown("key", key, known, name_it=False))


def _check_known(what: str, word: Any, known: Any, place: str) -> None:  # Any: JSON, and names
    if not isinstance(word, str) or word not in known:
        _fail(place, _unknown(what, word, known))


def _unknown(what: str, word: object, known: Any, *, name_it: bool = True) -> str:  # Any: names
    near = get_close_matches(str(word), list(known), n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"unknown {what}{f' {word}' if name_it else ''}{hint}"


def _fail(place: str, what: str) -> NoReturn:
    raise FileError(f"{place}: {what}")

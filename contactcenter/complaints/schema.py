"""What each event's data may hold: unknown keys and wrong types are errors of whoever wrote them, never of a rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the data is wrong (`data.goodwil`) and what is wrong there."""

    where: str
    what: str


# One line per event: its keys, `?` = may be left out.
_EVENTS = {
    "submit": "channel text contact? anonymous? language? order? representative? sent_to_company? received_at?",
    "acknowledge": "expectation?",
    "merge": "with confirmed?",
    "resolve_now": "finding reason evidence loss? goodwill? accepted_by accepted_at",
    "admit": "key_points category severity investigator declaration remedy_sought? harm?",
    "refuse_admission": "ground facts",
    "forward": "to_body grounds",
    "recipient_confirmed": "proof",
    "challenge": "text?",
    "start": "declaration",
    "hold": "hold_reason waiting_for",
    "resume": "cause",
    "extend": "clock reason to?",
    "reassign": "to_person summary_read declaration",
    "propose": "findings loss goodwill paid? conditions? deviation_reason? model?",
    "return": "reasons",
    "communicate": "deviation_approved?",
    "accept": "",
    "dispute": "grounds?",
    "deliver": "proof_of deliverer",
    "verify": "proof_of customer",
    "verify_fail": "cause",
    "close": "",
    "unhappy": "",
    "review_decide": "findings loss goodwill reviewer",
    "refer_out": "body",
    "external_decided": "loss? goodwill? text",
    "external_dismissed": "text",
    "withdraw": "",
    "reopen": "reopen_reason investigator?",
    "lapse": "",
    "no_remedy_ok": "",
    "silence_with_remedy": "",
    "accept_no_remedy": "",
    "settle": "",
    "evidence": "id point adverse kind",
    "statement_request": "person",
    "statement": "person text",
    "show_adverse": "id",
    "customer_comment": "id waived?",
    "contact_attempt": "channel attempt_result",
    "recusal": "person reason",
    "recusal_decided": "person by_whom granted",
    "reviewer": "reviewer",
    "survey": "expected? perceived? resolved? answers?",
    "callback": "person callback_result local_time zone channel? agreed? slot? slot_zone?",
    "root_cause": "level1 level2 factor",
    "restrict": "channels review_date decider reason",
    "in_progress": "",
    "mediation": "mediation_result",
    "waive": "rule person reason",
    "correct": "what any_value",
    "comment": "text",
    "need": "adjustments",
}

# Keys whose meaning depends on the event: the name above, and the key people write.
_WRITTEN = {
    "hold_reason": "reason",
    "reopen_reason": "reason",
    "to_person": "to",
    "proof_of": "proof",
    "attempt_result": "result",
    "callback_result": "result",
    "mediation_result": "result",
    "any_value": "value",
}

ADJUSTMENTS = ("no_calls", "large_print", "sign_language", "carer_copy", "quiet_hours")
Check = Callable[[Any], str | None]  # Any: the JSON value that is checked


def faults_in(event: str, data: Mapping[str, Any]) -> list[Fault]:
    """Everything wrong with `data` for `event`, unknown keys first; empty if it fits."""
    keys = keys_of(event)
    found = [_unknown(key, keys) for key in data if key not in keys]
    for key, (check, required) in keys.items():
        if key not in data:
            found += [Fault(f"data.{key}", "is missing")] if required else []
        elif wrong := (None if data[key] is None and not required else check(data[key])):
            found.append(Fault(f"data.{key}", wrong))
    if event == "correct" and data.get("what") == "received_at" and (wrong := _instant(data.get("value"))):
        found.append(Fault("data.value", wrong))
    return found


def known_events() -> tuple[str, ...]:
    """Every event people, customers and the system may send."""
    return tuple(_EVENTS)


def keys_of(event: str) -> dict[str, tuple[Check, bool]]:
    """The keys of an event: how each is checked, and whether it must be there."""
    keys: dict[str, tuple[Check, bool]] = {}
    for word in _EVENTS[event].split():
        name = word.removesuffix("?")
        keys[_WRITTEN.get(name, name)] = (_CHECKS.get(name, _text), not word.endswith("?"))
    return keys


def _unknown(key: str, keys: Mapping[str, object]) -> Fault:
    near = get_close_matches(key, keys, n=1)
    return Fault(f"data.{key}", f"unknown key (did you mean {near[0]}?)" if near else "unknown key")


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else "must be text"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _whole(low: int, high: int | None = None) -> Check:
    said = (
        f"must be a whole number from {low} to {high}"
        if high is not None
        else f"must be a whole number, {low} or more"
    )

    def check(value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            return said
        return said if high is not None and value > high else None

    return check


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def _texts(value: object) -> str | None:
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return None if fits else "must be a list of texts"


def _text_or_texts(value: object) -> str | None:
    return None if isinstance(value, str) else _texts(value)


def _instant(value: object) -> str | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        aware = at is not None and at.tzinfo is not None and at.astimezone(UTC) is not None
    except (ValueError, OverflowError):
        aware = False
    return None if aware else "must be an instant like 2026-11-02T10:15:00Z"


def _day(value: object) -> str | None:
    try:
        date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return "must be a date like 2026-11-30"
    return None


def _wall_time(value: object) -> str | None:
    try:
        naive = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        naive = False
    return None if naive else "must be a local time like 2026-11-20T10:30"


def _findings(value: object) -> str | None:
    if not isinstance(value, list):
        return "must be a list of findings"
    for row in value:
        if not isinstance(row, dict) or not {"point", "finding"} <= set(row):
            return "each finding has point, finding, reason and evidence"
        if unknown := set(row) - {"point", "finding", "reason", "evidence"}:
            return f"{min(unknown)}: unknown key of a finding"
        if row.get("evidence") is not None and (wrong := _text_or_texts(row["evidence"])):
            return f"evidence {wrong}"
    return None


def _proof(value: object) -> str | None:
    fits = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return None if fits else "must be an object of texts: system, id, status"


def _point(value: object) -> str | None:
    return None if isinstance(value, int | str) else "must be the number or the words of a key point"


def _adjustments(value: object) -> str | None:
    fits = isinstance(value, list) and all(one in ADJUSTMENTS for one in value)
    return None if fits else f"must be a list out of {', '.join(ADJUSTMENTS)}"


def _anything(_value: object) -> str | None:
    return None


_CHECKS: dict[str, Check] = {
    "anonymous": _flag,
    "confirmed": _flag,
    "summary_read": _flag,
    "deviation_approved": _flag,
    "adverse": _flag,
    "waived": _flag,
    "granted": _flag,
    "agreed": _flag,
    "resolved": _flag,
    "sent_to_company": _instant,
    "received_at": _instant,
    "accepted_at": _instant,
    "to": _day,
    "review_date": _day,
    "local_time": _wall_time,
    "slot": _wall_time,
    "expectation": _whole(1, 10),
    "expected": _whole(1, 10),
    "perceived": _whole(1, 10),
    "severity": _whole(1, 4),
    "harm": _whole(0, 4),
    "loss": _whole(0),
    "goodwill": _whole(0),
    "paid": _whole(0),
    "key_points": _texts,
    "channels": _texts,
    "conditions": _text_or_texts,
    "waiting_for": _text_or_texts,
    "evidence": _text_or_texts,
    "findings": _findings,
    "proof_of": _proof,
    "proof": _anything,
    "model": _anything,
    "answers": _anything,
    "any_value": _anything,
    "point": _point,
    "adjustments": _adjustments,
    "reopen_reason": _one_of("none", "remedy_failed", "new_evidence"),
    "attempt_result": _one_of("confirmed", "no_answer", "refused"),
    "callback_result": _one_of("done", "declined", "no_answer"),
    "mediation_result": _one_of("agreed", "terminated"),
    "customer": _one_of("yes", "silence"),
    "declaration": _text,
}

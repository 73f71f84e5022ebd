"""Which letter each event sends: what the clocks count as an update, and what the letters are written for."""

from collections.abc import Mapping
from typing import Any

from contactcenter.complaints.model import Event

KINDS = [
    "receipt",
    "acknowledgement",
    "plan",
    "update",
    "delay_notice",
    "adverse_evidence",
    "decision",
    "summary",
    "refusal",
    "forwarded",
    "holding",
    "adr",
    "remedy",
    "verification",
    "appeal_receipt",
    "appeal_decision",
    "termination",
    "closing",
    "survey",
    "withdrawal",
    "reopened",
]

APOLOGIES = ("decision", "summary", "remedy", "appeal_decision")
"""The letters that apologise where no money is owed."""

LETTER = "letter"
"""The `system` of a proof that is one of our own letters; its `id` is the SHA-256 of the letter."""

_SENT_BY = {
    "receipt": "receipt",
    "acknowledge": "acknowledgement",
    "merge": "update",
    "resolve_now": "summary",
    "admit": "plan",
    "refuse_admission": "refusal",
    "forward": "forwarded",
    "challenge": "appeal_receipt",
    "recipient_confirmed": "update",
    "hold": "update",
    "resume": "update",
    "auto_resume": "update",
    "extend": "delay_notice",
    "delay_notice": "delay_notice",
    "reassign": "update",
    "show_adverse": "adverse_evidence",
    "communicate": "decision",
    "accept": "remedy",
    "silence_with_remedy": "remedy",
    "external_decided": "remedy",
    "deliver": "verification",
    "verify_fail": "remedy",
    "dispute": "appeal_receipt",
    "unhappy": "appeal_receipt",
    "review_decide": "appeal_decision",
    "refer_out": "forwarded",
    "holding_letter": "holding",
    "adr_letter": "adr",
    "withdraw": "withdrawal",
    "reopen": "reopened",
    "close": "closing",
}


WRITES = frozenset(_SENT_BY)
"""Events that always write to the customer."""


def kinds_sent(event: Event, old: str, new: str) -> tuple[str, ...]:
    """The letters `event` sends; entering `follow_up` always asks the customer (U-04: nobody can suppress it)."""
    kinds = [_SENT_BY[event.name]] if event.name in _SENT_BY else []
    if event.name == "mediation" and event.data["result"] == "terminated":
        kinds.append("termination")
    if new == "follow_up" and old != new:
        kinds.append("survey")
    return tuple(kinds)


def is_letter(proof: Mapping[str, Any]) -> bool:  # Any: JSON
    """Whether a proof is one of our letters."""
    system = proof.get("system")
    return isinstance(system, str) and system.strip().casefold() == LETTER

"""The forms of a case's steps, as data: which fields each event asks for and how they become its data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contactcenter.accounts.models import User
from contactcenter.complaints import words
from contactcenter.complaints.facts import calls_possible
from contactcenter.complaints.letter_kinds import LETTER
from contactcenter.complaints.model import Report
from contactcenter.complaints.proofs import APOLOGY, DONE, proof_of
from contactcenter.complaints.queries import CaseView
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as _l
from contactcenter.edge.requests import Form

Kind = Literal[
    "text",
    "area",
    "lines",
    "choice",
    "person",
    "flag",
    "money",
    "point",
    "evidence",
    "findings",
    "proof",
    "clock",
    "day",
    "instant",
    "wall_time",
]
TEXT_MAX = 5000
SEVERITIES = {"1": _l("1 – slight"), "2": _l("2 – moderate"), "3": _l("3 – serious"), "4": _l("4 – grave")}
HARMS = {
    "0": _l("0 – none"),
    "1": _l("1 – small"),
    "2": _l("2 – noticeable"),
    "3": _l("3 – great"),
    "4": _l("4 – severe"),
}
CATEGORIES = {
    "billing": _l("Billing"),
    "delivery": _l("Delivery"),
    "product": _l("Product or service"),
    "conduct": _l("Conduct of staff"),
    "information": _l("Information or promise"),
    "privacy": _l("Privacy"),
    "other": _l("Other"),
}
WAIVABLE = {
    "F-02": _l("Somebody who was involved handles it"),
    "F-04": _l("A person complained about is not heard"),
    "F-07": _l("Nobody but the investigator approves"),
    "U-03": _l("Somebody who handled it makes the follow-up call"),
}
"""The rules of independence that a small firm may make an exception to; the customer's letter says so."""

CONTACT_CHANNELS = {name: words.CHANNELS[name] for name in ("phone", "email", "chat")}
REOPENINGS = {
    "remedy_failed": _l("The remedy failed"),
    "new_evidence": _l("There is new evidence"),
    "none": _l("The customer asks for it"),
}
CAUSES = {
    "product/service design": _l("Product or service design"),
    "policy/rule": _l("Policy or rule"),
    "process/hand-off": _l("Process or hand-off"),
    "people": _l("People (skill, conduct)"),
    "system/data": _l("System or data"),
    "information/promise made": _l("Information or promise made"),
    "third party": _l("Third party"),
    "external event": _l("External event"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its key in the event's data, how it is asked, whether it may stay empty."""

    name: str
    kind: Kind
    label: str
    required: bool = True
    choices: dict[str, str] | None = None
    hint: str = ""


DECLARATION = Field("declaration", "text", _l("Conflict of interest (write “none”, or what it is)"))
REASON = Field("reason", "area", _l("Reason"))

FORMS: dict[str, tuple[Field, ...]] = {
    "acknowledge": (),
    "admit": (
        Field(
            "key_points", "lines", _l("Key points, one a line"), hint=_l("As the customer confirmed them.")
        ),
        Field("category", "choice", _l("Category"), choices=CATEGORIES),
        Field("severity", "choice", _l("Severity"), choices=SEVERITIES),
        Field("harm", "choice", _l("Harm"), required=False, choices=HARMS),
        Field("remedy_sought", "text", _l("What the customer wants"), required=False),
        Field("investigator", "person", _l("Investigator")),
        DECLARATION,
    ),
    "refuse_admission": (Field("ground", "text", _l("Ground")), Field("facts", "area", _l("Facts"))),
    "forward": (Field("to_body", "text", _l("Responsible body")), Field("grounds", "area", _l("Grounds"))),
    "recipient_confirmed": (Field("proof", "text", _l("Its confirmation")),),
    "start": (DECLARATION,),
    "evidence": (
        Field("id", "text", _l("Short name of the evidence")),
        Field("point", "point", _l("For which point")),
        Field("kind", "text", _l("What it is (letter, recording, log …)")),
        Field("adverse", "flag", _l("It speaks against the customer"), required=False),
    ),
    "show_adverse": (Field("id", "evidence", _l("Evidence to put to the customer")),),
    "statement_request": (Field("person", "person", _l("Whose side to ask for")),),
    "statement": (Field("person", "person", _l("Who says it")), Field("text", "area", _l("Statement"))),
    "contact_attempt": (
        Field(
            "channel",
            "choice",
            _l("Channel"),
            choices=CONTACT_CHANNELS,
        ),
        Field(
            "result",
            "choice",
            _l("Result"),
            choices={
                "confirmed": _l("Account confirmed"),
                "no_answer": _l("No answer"),
                "refused": _l("Refused"),
            },
        ),
    ),
    "hold": (
        Field(
            "reason",
            "choice",
            _l("Reason"),
            choices={
                "awaiting_customer": _l("Waiting for the customer"),
                "awaiting_expert": _l("Waiting for an expert"),
            },
        ),
        Field("waiting_for", "text", _l("What we wait for")),
    ),
    "resume": (Field("cause", "text", _l("Why we go on")),),
    "extend": (
        Field("clock", "clock", _l("Which date")),
        REASON,
        Field("to", "day", _l("New date"), required=False),
    ),
    "reassign": (
        Field("to", "person", _l("To whom")),
        Field("summary_read", "flag", _l("The summary has been read")),
        DECLARATION,
    ),
    "propose": (
        Field("findings", "findings", _l("Finding for each point")),
        Field("loss", "money", _l("Financial loss restored")),
        Field("goodwill", "money", _l("Goodwill")),
        Field("deviation_reason", "text", _l("Why it differs from similar cases"), required=False),
    ),
    "return": (Field("reasons", "area", _l("What must change")),),
    "communicate": (Field("deviation_approved", "flag", _l("The deviation is approved"), required=False),),
    "resolve_now": (
        Field("finding", "choice", _l("Finding"), choices=words.FINDINGS),
        REASON,
        Field("evidence", "text", _l("Evidence")),
        Field("loss", "money", _l("Financial loss restored"), required=False),
        Field("goodwill", "money", _l("Goodwill"), required=False),
        Field("accepted_by", "text", _l("Accepted by")),
        Field("accepted_at", "instant", _l("Accepted at")),
    ),
    "deliver": (
        Field("proof", "proof", _l("Proof from another system")),
        Field("deliverer", "person", _l("Who carried it out")),
    ),
    "verify": (
        Field("proof", "proof", _l("Proof from another system")),
        Field(
            "customer",
            "choice",
            _l("The customer"),
            choices={"yes": _l("confirmed it"), "silence": _l("was silent")},
        ),
    ),
    "verify_fail": (Field("cause", "text", _l("What went wrong")),),
    "review_decide": (
        Field("findings", "findings", _l("Finding for each point")),
        Field("loss", "money", _l("Financial loss restored")),
        Field("goodwill", "money", _l("Goodwill")),
        Field("reviewer", "person", _l("Reviewer")),
    ),
    "reviewer": (Field("reviewer", "person", _l("Who looks at it again")),),
    "callback": (
        Field("person", "person", _l("Who got in touch")),
        Field("result", "choice", _l("Result"), choices=words.CONTACT_RESULTS),
        Field(
            "local_time",
            "wall_time",
            _l("Customer's local time"),
            hint=_l("When it began, where the customer is."),
        ),
        Field("zone", "text", _l("Time zone"), hint="Europe/London"),
        Field("channel", "choice", _l("Channel"), required=False, choices=CONTACT_CHANNELS),
        Field("agreed", "flag", _l("The customer called, or asked for this time"), required=False),
    ),
    "root_cause": (
        Field("level1", "choice", _l("Root cause"), choices=CAUSES),
        Field("level2", "text", _l("In detail")),
        Field("factor", "text", _l("Contributing factor")),
    ),
    "reopen": (
        Field("reason", "choice", _l("Reason"), choices=REOPENINGS),
        Field("investigator", "person", _l("Investigator"), required=False),
    ),
    "comment": (Field("text", "area", _l("Note in the file")),),
    "waive": (
        Field("rule", "choice", _l("Rule"), choices=WAIVABLE),
        Field("person", "person", _l("For whom")),
        REASON,
    ),
    "external_decided": (
        Field("text", "area", _l("Decision of the body")),
        Field("loss", "money", _l("Financial loss restored"), required=False),
        Field("goodwill", "money", _l("Goodwill"), required=False),
    ),
    "external_dismissed": (Field("text", "area", _l("Decision of the body")),),
    "close": (),
}
"""Events that staff may do on the page; the customer's own have their form on the public page."""


def read_data(event: str, form: Form, view: CaseView, staff: Sequence[User]) -> dict[str, Any]:  # Any: JSON
    """The event's data from what was typed. Raises Invalid with a sentence for each field."""
    data: dict[str, Any] = {}
    for field in FORMS[event]:
        value = _value(field, form, view, staff)
        if value is not None:
            data[field.name] = value
    form.check()
    return data


def defaults(view: CaseView, user: User, now: datetime, reported: Report | None = None) -> dict[str, str]:
    """What most forms begin with; a proof with what another system `reported`, a contact with the clock where its customer is."""
    local = now.astimezone(ZoneInfo(view.case.zone))
    zone = view.slot.zone if view.slot else view.case.customer.zone or view.case.zone
    shown = proof_of(reported) if reported else {}
    return {
        **{f"proof.{key}": value for key, value in shown.items()},
        "declaration": "",
        "local_time": now.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M"),
        "zone": zone,
        "callback.channel": "phone" if calls_possible(view.facts) else "email",
        "person": user.actor,
        "deliverer": user.actor,
        "reviewer": user.actor,
        "accepted_at": local.strftime("%Y-%m-%dT%H:%M"),
    }


NO_EVIDENCE: dict[str, tuple[str, ...]] = {"key_points": (), "evidence": (), "clocks": ()}
"""What the forms of front steps are drawn with: they name neither points nor evidence."""


def labels(choices: Mapping[str, str]) -> list[tuple[str, str]]:
    """(value, label) pairs in the reader's language."""
    return [(value, _(label)) for value, label in choices.items()]


def _value(field: Field, form: Form, view: CaseView, staff: Sequence[User]) -> Any:  # Any: JSON
    if field.kind == "flag":
        return form.flag(field.name)
    if field.kind == "lines":
        return _lines(field, form)
    if field.kind == "findings":
        return [_finding(form, number, view) for number in range(1, len(view.key_points) + 1)]
    if field.kind == "proof":
        return _proof(field, form)
    typed = form.text(field.name, longest=TEXT_MAX, required=field.required)
    return _typed(field, typed, form, view, staff) if typed else None


def _proof(field: Field, form: Form) -> dict[str, str]:
    """A letter of the case that was chosen, or what was typed of another system."""
    letter = form.text(f"{field.name}.letter", longest=64, required=False)
    if letter:
        return {"system": LETTER, "id": letter, "status": DONE[APOLOGY]}
    return {key: form.text(f"{field.name}.{key}", longest=200) for key in ("system", "id", "status")}


def _typed(field: Field, typed: str, form: Form, view: CaseView, staff: Sequence[User]) -> Any:  # Any: JSON
    if field.kind in ("day", "instant", "wall_time"):
        return _time(field, typed, form, view)
    if field.kind == "money":
        return _minor_units(field, typed, form)
    if field.kind == "person":
        return form.choice(field.name, [user.actor for user in staff])
    if field.choices is not None:
        chosen = form.choice(field.name, field.choices)
        return int(chosen) if chosen.isdecimal() else chosen
    return int(typed) if field.kind == "point" and typed.isdecimal() else typed


def _time(field: Field, typed: str, form: Form, view: CaseView) -> str | None:
    """As browsers send dates and times; an instant is meant in the case's zone."""
    try:
        if field.kind == "day":
            return date.fromisoformat(typed).isoformat()
        wall = datetime.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        form.errors[field.name] = (
            _("Choose a date.") if field.kind == "day" else _("Choose a date and a time.")
        )
        return None
    if field.kind == "wall_time":
        return wall.isoformat(timespec="minutes")
    return wall.replace(tzinfo=ZoneInfo(view.case.zone)).isoformat()


def _lines(field: Field, form: Form) -> list[str]:
    found = form.lines(field.name, longest=500, at_most=20)
    if field.required and not found:
        form.errors[field.name] = _("Fill in this field.")
    return found


def _finding(form: Form, number: int, view: CaseView) -> dict[str, Any]:  # Any: JSON
    known = [one.id for one in view.evidence]
    return {
        "point": number,
        "finding": form.choice(f"finding-{number}", words.FINDINGS),
        "reason": form.text(f"reason-{number}", longest=TEXT_MAX),
        "evidence": form.choices(f"evidence-{number}", known),
    }


def _minor_units(field: Field, typed: str, form: Form) -> int | None:
    """`12.50` is 1250; no floats on the way."""
    try:
        amount = Decimal(typed.replace(",", ""))
        minor = amount * 100
        if minor != minor.to_integral_value() or not 0 <= minor <= 10**11:
            raise InvalidOperation
    except InvalidOperation:
        form.errors[field.name] = _("Write an amount like 12.50.")
        return None
    return int(minor)

"""Letters as words: each block becomes plain paragraphs in the customer's language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import format_currency

from contactcenter.complaints import words
from contactcenter.complaints.further import split_name
from contactcenter.complaints.letter_kinds import is_letter
from contactcenter.complaints.letters import Block, Letter
from contactcenter.core.i18n import current_language, format_date, format_list, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as _l

LINK_HERE = "[[link]]"
"""Stands for the tracking link until the letter leaves: links are kept as digests only."""

_CURRENCIES = {"GB": "GBP", "US": "USD", "AU": "AUD", "CN": "CNY"}
_LOCALES = {"en": "en_GB", "zh": "zh_CN"}

_SUBJECTS = {
    "receipt": _l("We have your complaint"),
    "acknowledgement": _l("Your complaint: what happens now"),
    "plan": _l("Your complaint: who looks into it, and by when"),
    "update": _l("Your complaint: where it stands"),
    "delay_notice": _l("Your complaint takes longer than we promised"),
    "adverse_evidence": _l("Your complaint: please look at this evidence"),
    "decision": _l("Our decision on your complaint"),
    "summary": _l("How we settled your complaint"),
    "refusal": _l("Why we cannot take this up as a complaint"),
    "forwarded": _l("Your complaint is with another body now"),
    "holding": _l("We are late with your complaint: your rights"),
    "adr": _l("You may take your complaint to an outside body"),
    "remedy": _l("Your complaint: what we do, and by when"),
    "verification": _l("We did what we promised: please confirm"),
    "appeal_receipt": _l("Your complaint gets a second look"),
    "appeal_decision": _l("The result of the second look"),
    "termination": _l("The mediation has ended: your rights"),
    "closing": _l("Your complaint is closed"),
    "survey": _l("How did we deal with your complaint?"),
    "withdrawal": _l("You withdrew your complaint"),
    "reopened": _l("Your complaint is open again"),
}

_CLOCKS = {
    "ack": _l("We confirm your complaint by %(date)s."),
    "update": _l("You hear from us again by %(date)s."),
    "decision": _l("We decide by %(date)s."),
    "final_response": _l("By law you have our final answer by %(date)s."),
    "idr_response": _l("By law you have our answer by %(date)s."),
    "initial_response": _l("By law you have a first answer by %(date)s."),
    "adr_letter": _l("By %(date)s you may go to the outside body in any case."),
    "mediation": _l("The mediation ends by %(date)s."),
    "admission": _l("We tell you by %(date)s whether we take it up."),
    "response_window": _l("Please tell us by %(date)s whether you agree."),
    "remedy": _l("We do this by %(date)s."),
    "remedy_again": _l("It did not arrive: we do it again by %(date)s."),
    "verify_silence": _l("Please tell us by %(date)s if anything is missing."),
    "callback": _l("We ask how it went by %(date)s."),
    "appeal_window": _l("You may ask for a second look until %(date)s."),
    "appeal_decision": _l("The second look is finished by %(date)s."),
    "external_window": _l("You may go to the outside body until %(date)s."),
    "reopen_window": _l("You may reopen it without a reason until %(date)s."),
    "reopen_new_evidence": _l("With new evidence you may reopen it until %(date)s."),
}

_STATES = {
    "received": _l("We have it and are about to confirm it."),
    "acknowledged": _l("Next we write down your points and name who looks into them."),
    "admitted": _l("Next an investigator who had nothing to do with it begins."),
    "investigating": _l("The investigation is under way."),
    "forwarded": _l("The other body will confirm that it has your complaint."),
    "appeal": _l("Somebody who has not worked on it looks at everything again."),
    "external": _l("The outside body has your file."),
    "closed": _l("Nothing more needs to be done by you."),
}

_FINDINGS = {
    "upheld": _l("you are right"),
    "partly": _l("you are partly right"),
    "not upheld": _l("we do not see it that way"),
    "cannot tell": _l("we cannot tell"),
}

_RIGHTS = {
    "accept": _l("You may accept this."),
    "dispute": _l("You may disagree and ask for a second look by a new person; it costs nothing."),
    "challenge": _l("You may ask us to look at this again; it costs nothing."),
    "refer_out": _l("You may go to the outside body named here."),
    "refer_out_when_late": _l("If we miss the date by law, you may go to the outside body at once."),
    "comment": _l("You may comment on it before we decide."),
    "waive_comment": _l("If you have nothing to say, tell us and we go on at once."),
    "reopen": _l("You may open it again."),
}

_QUESTIONS = {
    "expectation": _l(
        "How well do you expect us to solve this, from 1 to 10? One tap on your page is enough."
    ),
    "perception": _l("How well did we solve this, from 1 to 10? One tap on your page is enough."),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the letter and about what: language, zone, calendar (for the currency), names of staff by key."""

    language: str
    zone: str
    calendar: str
    brand: str
    names: Mapping[str, str]


def render_letter(letter: Letter, reader: Reader) -> str:
    """The letter as plain text, `LINK_HERE` where the tracking link goes."""
    with speaking(reader.language, reader.zone):
        parts = (_BLOCKS[block["block"]](block, reader) for block in letter.blocks)
        return "\n\n".join(["\n".join(lines) for lines in parts if lines])


def subject_of(kind: str) -> str:
    """What the letter is about, in the reader's language."""
    return _(_SUBJECTS[kind])


def money_text(minor: int, calendar: str) -> str:
    """An amount in minor units with the currency of the place."""
    return amount_text(minor, currency_of(calendar))


def currency_of(calendar: str) -> str:
    """What one pays with where this calendar holds."""
    return _CURRENCIES.get(re.split(r"[-_]", calendar)[0], "EUR")


def amount_text(minor: int, currency: str) -> str:
    """An amount in minor units as the reader writes it."""
    text: str = format_currency(Decimal(minor).scaleb(-2), currency, locale=_LOCALES[current_language()])
    return text


def promise_of(clock: str, day: date) -> str | None:
    """A date as a sentence to the customer; None for clocks that are not told in letters."""
    name, law = split_name(clock)[1], words.law_of(clock)
    if name not in _CLOCKS:
        return None
    said = _(_CLOCKS[name], date=format_date(day, "long"))
    return f"{law} – {said}" if law else said


def day_text(iso: str) -> str:
    """A date of a block as people read it."""
    return format_date(date.fromisoformat(iso), "long")


def _reference(block: Block, reader: Reader) -> list[str]:
    return [_("%(brand)s · your complaint %(reference)s", brand=reader.brand, reference=block["reference"])]


def _points(block: Block, _reader: Reader) -> list[str]:
    return [_("This is what we understood:"), *(f"– {point}" for point in block["points"])]


def _contact(block: Block, reader: Reader) -> list[str]:
    name = reader.names.get(block["person"] or "", "")
    return [_("Your contact: %(name)s.", name=name)] if name else []


def _steps(block: Block, _reader: Reader) -> list[str]:
    lines = [_(_STATES[block["state"]])] if block["state"] in _STATES else []
    if "waiting_for" in block:
        waiting = block["waiting_for"]
        what = waiting if isinstance(waiting, str) else format_list(waiting)
        lines.append(_("We are waiting for: %(what)s.", what=what))
    return lines


def _dates(block: Block, _reader: Reader) -> list[str]:
    lines = [_("Why it takes longer: %(reason)s", reason=block["reason"])] if block.get("reason") else []
    told = (promise_of(row["clock"], date.fromisoformat(row["due"])) for row in block["dates"])
    lines += [line for line in told if line]
    if any(row["provisional"] for row in block["dates"]):
        lines.append(_("Some dates are provisional: the holidays of that year are not published yet."))
    return lines


def _tracking(_block: Block, _reader: Reader) -> list[str]:
    return [_("Follow it, answer or add to it here, without an account: %(link)s", link=LINK_HERE)]


def _referral(block: Block, _reader: Reader) -> list[str]:
    lines = []
    for one in (block, *block.get("further", ())):
        place = f"{_(one['name'])} {one['url']}".strip()
        lines.append(_("Outside body you may turn to, free of charge: %(place)s", place=place))
        if one.get("until"):
            lines.append(_("Until %(date)s.", date=day_text(one["until"])))
    return lines


def _expectation(block: Block, _reader: Reader) -> list[str]:
    return [_(_QUESTIONS[block["question"]])]


def _findings(block: Block, _reader: Reader) -> list[str]:
    if "ground" in block:
        return [_("The reason: %(ground)s", ground=block["ground"]), block["reason"]]
    return [
        _(
            "Point %(point)s: %(finding)s. %(reason)s",
            point=row["point"],
            finding=_(_FINDINGS.get(row["finding"], row["finding"])),
            reason=row["reason"],
        )
        for row in block["findings"]
    ]


def _evidence(block: Block, _reader: Reader) -> list[str]:
    return [_("Evidence we relied on: %(list)s.", list=format_list(block["evidence"]))]


def _remedy(block: Block, reader: Reader) -> list[str]:
    if not block["owed"]:
        return [_("No remedy is due.")]
    if block["total"] == 0:
        lines = [_("We apologise, and put right what went wrong.")]
    else:
        amounts = {name: money_text(block[name], reader.calendar) for name in ("loss", "goodwill", "total")}
        lines = [_("Your loss %(loss)s + goodwill %(goodwill)s = %(total)s.", **amounts)]
    if "proof" in block and is_letter(block["proof"]):
        lines.append(_("Done: with our letter %(digest)s.", digest=block["proof"]["id"][:12]))
    elif "proof" in block:
        lines.append(
            _(
                "Done: %(system)s %(id)s.",
                system=block["proof"].get("system", ""),
                id=block["proof"].get("id", ""),
            )
        )
    return lines


def _comparison(block: Block, reader: Reader) -> list[str]:
    low = money_text(block["low"], reader.calendar)
    high = money_text(block["high"], reader.calendar) if block["high"] is not None else _("more")
    if block["method"] == "neighbours":
        said = _(
            "We compared %(n)s similar cases; goodwill was usually between %(low)s and %(high)s.",
            n=block["compared_n"],
            low=low,
            high=high,
        )
    else:
        said = _(
            "There are too few similar cases (%(n)s) to compare; by the harm done, between %(low)s and %(high)s is usual.",
            n=block["compared_n"],
            low=low,
            high=high,
        )
    deviation = [_("Why we deviate: %(reason)s", reason=block["deviation"])] if block.get("deviation") else []
    return [said, *deviation]


def _rights(block: Block, _reader: Reader) -> list[str]:
    lines = [_(_RIGHTS[right]) for right in block["rights"]]
    if block.get("waived"):
        lines.append(_("An exception to our rules was made: %(rules)s.", rules=format_list(block["waived"])))
    return lines


def _head(block: Block, _reader: Reader) -> list[str]:
    return [
        _(
            "Proof of our records up to this letter: %(head)s. Keep it: nothing before it can be changed unnoticed.",
            head=block["head"],
        )
    ]


Words = Callable[[Block, Reader], list[str]]
_BLOCKS: dict[str, Words] = {
    "reference": _reference,
    "points": _points,
    "contact": _contact,
    "steps": _steps,
    "dates": _dates,
    "tracking": _tracking,
    "referral": _referral,
    "expectation": _expectation,
    "findings": _findings,
    "evidence": _evidence,
    "remedy": _remedy,
    "comparison": _comparison,
    "rights": _rights,
    "head": _head,
}

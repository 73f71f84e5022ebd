"""What other systems reported, as the people on a case see it: what counts, what does not and why, what to act on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.model import Report, SentLetter
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.proofs import (
    DONE,
    apologies_at_hand,
    counts,
    is_undone,
    objection,
    proof_at_hand,
    proof_of,
)
from contactcenter.complaints.render import amount_text
from contactcenter.complaints.reports import load_letters, load_reports


@dataclass(frozen=True, slots=True)
class Line:
    """One report; `amount` as people write it, `why` it does not count though the system says that it is done."""

    report: Report
    amount: str
    counts: bool
    why: str


@dataclass(frozen=True, slots=True)
class Reported:
    """The newest first. `at_hand` is the proof that forms begin with; `undone` says what was taken back, until it is made good.

    `apologies` are the letters that may prove an apology.
    """

    lines: Sequence[Line]
    at_hand: Report | None
    undone: str
    apologies: Sequence[SentLetter]


def view_reports(session: Session, case: ComplaintCase, facts: Facts) -> Reported:
    """What was reported of the case, by the same rules that its steps obey."""
    reports, letters = load_reports(session, case), load_letters(session, case)
    context = replace(case_settings(case), reports=reports, letters=letters)

    def line(report: Report) -> Line:
        why = (
            objection(context, facts.offer, proof_of(report)) if report.status == DONE[report.kind] else None
        )
        return Line(report, _amount(report), counts(context, facts, report), why or "")

    undone = objection(context, facts.offer, facts.delivery) if is_undone(context, facts) else None
    return Reported(
        [line(one) for one in reversed(context.reports)],
        proof_at_hand(context, facts),
        undone or "",
        apologies_at_hand(context, facts),
    )


def _amount(report: Report) -> str:
    if report.amount is None or report.currency is None:
        return ""
    return amount_text(report.amount, report.currency)

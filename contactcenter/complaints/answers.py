"""What customers say about how it went: the expectation before, the perception after (c = b/a)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.service import Outcome, apply
from contactcenter.surveys.models import SurveyAnswer
from contactcenter.surveys.service import About, answer


def answer_expectation(session: Session, case: ComplaintCase, value: int) -> None:
    """`a`, asked with the acknowledgement, 1–10; the first answer given before a decision is the one that counts."""
    about = About(ABOUT, case.reference)
    if case.decided_at is None:
        answer(session, about, "expectation", value, customer_id=case.customer_id)


def answer_survey(
    session: Session, case: ComplaintCase, values: Mapping[str, int], *, now: datetime | None = None
) -> Outcome:
    """What the customer answers after the decision: perception 1–10, resolved 0/1, csat, nps, ces.

    The answers join the chain, so that an unhappy one is met before the case closes (U-05); what comes too early is
    refused there, and no figure counts it. Raises Invalid for a number outside its question's range.
    """
    given = {"perceived": values.get("perception"), "expected": expected_of(session, case)}
    data = {name: value for name, value in given.items() if value is not None}
    if "resolved" in values:
        data["resolved"] = bool(values["resolved"])
    outcome = apply(session, case, "survey", f"customer:{case.customer_id}", data, now)
    if outcome.accepted:
        about = About(ABOUT, case.reference)
        for question, value in values.items():
            answer(session, about, question, value, customer_id=case.customer_id)
    return outcome


def expected_of(session: Session, case: ComplaintCase) -> int | None:
    """`a`, if the customer has told it."""
    return session.scalar(
        select(SurveyAnswer.value).where(
            SurveyAnswer.subject_kind == ABOUT,
            SurveyAnswer.subject_id == case.reference,
            SurveyAnswer.question == "expectation",
        )
    )

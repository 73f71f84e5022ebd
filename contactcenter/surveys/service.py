"""Ask before and after, and plan the contact that follows.

c = b/a: `a` is the expectation asked at acknowledgement, `b` the perception asked after the decision, both 1–10.
The index of a period is Σb/Σa, a ratio of sums, never a mean of ratios.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from contactcenter.core import clock
from contactcenter.core.db import rows_changed
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.surveys.events import FollowUpCancelled, FollowUpDone, FollowUpPlanned, SurveyAnswered
from contactcenter.surveys.models import OPEN, FollowUp, SurveyAnswer

RANGES = {
    "expectation": (1, 10),
    "perception": (1, 10),
    "resolved": (0, 1),
    "csat": (1, 5),
    "nps": (0, 10),
    "ces": (1, 7),
}
RESULTS = ("done", "declined", "no_answer")


@dataclass(frozen=True, slots=True)
class About:
    """What an answer is about: (`complaint`, reference) or (`conversation`, id)."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class SatisfactionIndex:
    """c of a period: Σb/Σa over the `answered_n` cases with both answers; None without any.

    Of these `below_n` got less than they expected (c < 1, or not resolved), `equal_n` just that, `above_n` more.
    """

    c: float | None
    answered_n: int
    below_n: int
    equal_n: int
    above_n: int


def answer(
    session: Session, about: About, question: str, value: int, *, customer_id: int | None, comment: str = ""
) -> None:
    """Keep a customer's answer; answering again replaces it. Raises Invalid outside the question's range."""
    if question not in RANGES:
        raise Invalid(_("There is no such question."), field="question")
    low, high = RANGES[question]
    if not low <= value <= high:
        raise Invalid(_("Choose a number from %(low)s to %(high)s.", low=low, high=high), field=question)
    row = {"subject_kind": about.kind, "subject_id": about.id, "question": question}
    given = {"value": value, "comment": comment[:2000], "customer_id": customer_id, "at": clock.now()}
    keys = ["subject_kind", "subject_id", "question"]
    session.execute(
        insert(SurveyAnswer).values(**row, **given).on_conflict_do_update(index_elements=keys, set_=given)
    )
    event = SurveyAnswered(about.kind, about.id, question, value)
    actor = f"customer:{customer_id}" if customer_id else "system"
    record(session, event, actor=actor, subject=Subject(customer_id=customer_id))


def satisfaction_index(
    session: Session,
    subject_kind: str,
    since: datetime,
    until: datetime,
    *,
    among: Select[str] | None = None,
) -> SatisfactionIndex:
    """Σb/Σa over the cases whose perception was given in [since, until); `among` selects the ids that count."""
    a, b, solved = aliased(SurveyAnswer), aliased(SurveyAnswer), aliased(SurveyAnswer)
    unsolved = func.coalesce(solved.value, 1) == 0
    figures = (
        select(
            func.sum(b.value),
            func.sum(a.value),
            func.count(),
            func.count().filter(unsolved | (b.value < a.value)),
            func.count().filter(~unsolved & (b.value == a.value)),
            func.count().filter(~unsolved & (b.value > a.value)),
        )
        .join(a, _same_case(a, b, "expectation"))
        .outerjoin(solved, _same_case(solved, b, "resolved"))
        .where(b.question == "perception", b.subject_kind == subject_kind, b.at >= since, b.at < until)
    )
    counted = figures if among is None else figures.where(b.subject_id.in_(among))
    perceived, expected, *counts = session.execute(counted).one()
    return SatisfactionIndex(perceived / expected if expected else None, *counts)


def _same_case(one: type[SurveyAnswer], other: type[SurveyAnswer], question: str) -> ColumnElement[bool]:
    same = (one.subject_kind == other.subject_kind) & (one.subject_id == other.subject_id)
    return same & (one.question == question)


def plan_follow_up(
    session: Session,
    about: About,
    customer_id: int,
    due_at: datetime,
    *,
    user_id: int | None = None,
    actor: str,
) -> FollowUp:
    """A dated task to contact the customer; one open task per subject (planning again moves it).

    The database keeps it at one: of two who plan at once, the second moves the first one's.
    """
    row = {"subject_kind": about.kind, "subject_id": about.id, "customer_id": customer_id}
    planned = {"due_at": due_at, "user_id": user_id}
    keys = ["subject_kind", "subject_id"]
    task = session.scalars(
        insert(FollowUp)
        .values(**row, **planned, created_at=clock.now())
        .on_conflict_do_update(index_elements=keys, index_where=text(OPEN), set_=planned)
        .returning(FollowUp),
        execution_options={"populate_existing": True},
    ).one()
    event = FollowUpPlanned(task.id, about.kind, about.id, due_at.isoformat())
    record(session, event, actor=actor, subject=Subject(customer_id=customer_id))
    return task


def finish_follow_up(session: Session, task: FollowUp, result: str, note: str, *, actor: str) -> None:
    """Note how the contact went: done, declined or no_answer. Raises Conflict if somebody noted it already."""
    if result not in RESULTS:
        raise Invalid(_("Say whether it was done, declined or nobody answered."), field="result")
    mine = update(FollowUp).where(FollowUp.id == task.id, FollowUp.state == "due")
    if not rows_changed(session, mine.values(state="done", result=result, note=note[:2000])):
        raise Conflict(_("This follow-up has been noted already."))
    event = FollowUpDone(task.id, task.subject_kind, task.subject_id, result)
    record(session, event, actor=actor, subject=Subject(customer_id=task.customer_id))


def cancel_follow_up(session: Session, about: About, *, actor: str) -> None:
    """The matter is open again: the contact that was due would come too early. Nothing happens if none is."""
    task = due_follow_up(session, about)
    if task is None:
        return
    task.state = "cancelled"
    event = FollowUpCancelled(task.id, about.kind, about.id)
    record(session, event, actor=actor, subject=Subject(customer_id=task.customer_id))


def due_follow_up(session: Session, about: About) -> FollowUp | None:
    """The contact that is still to be made, if one is."""
    query = select(FollowUp).where(FollowUp.subject_kind == about.kind, FollowUp.subject_id == about.id)
    return session.scalar(query.where(FollowUp.state == "due"))

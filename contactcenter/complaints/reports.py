"""What other systems told of a case's remedy, as it is kept, and what became of the letters that told of it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.model import Report, SentLetter
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter, RemedyReport
from contactcenter.conversations.models import Message


def load_reports(session: Session, case: ComplaintCase) -> tuple[Report, ...]:
    """Everything reported of the case, in the order of arrival."""
    query = select(RemedyReport).where(RemedyReport.case_id == case.id).order_by(RemedyReport.id)
    return tuple(as_report(row) for row in session.scalars(query))


def load_letters(session: Session, case: ComplaintCase) -> tuple[SentLetter, ...]:
    """The letters of the case, the oldest first, each with what became of it on its way."""
    query = select(ComplaintLetter, Message.delivery).outerjoin(
        Message, Message.id == ComplaintLetter.message_id
    )
    rows = session.execute(query.where(ComplaintLetter.case_id == case.id).order_by(ComplaintLetter.id))
    return tuple(SentLetter(row.sha256, row.kind, row.seq, row.at, way or "page") for row, way in rows)


def list_strays(session: Session, *, at_most: int = 20) -> Sequence[RemedyReport]:
    """The newest reports that name no complaint of ours: somebody's reference is wrong."""
    query = select(RemedyReport).where(RemedyReport.case_id.is_(None)).order_by(RemedyReport.id.desc())
    return session.scalars(query.limit(at_most)).all()


def as_report(row: RemedyReport) -> Report:
    """The row in the engine's words."""
    return Report(
        row.source.name,
        row.external_id,
        row.kind,
        row.status,
        row.amount,
        row.currency,
        row.occurred_at,
        row.before,
        row.after,
    )

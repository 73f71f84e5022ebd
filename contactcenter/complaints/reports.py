"""What other systems told of a case's remedy, as it is kept."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.model import Report
from contactcenter.complaints.models import ComplaintCase, RemedyReport


def load_reports(session: Session, case: ComplaintCase) -> tuple[Report, ...]:
    """Everything reported of the case, in the order of arrival."""
    query = select(RemedyReport).where(RemedyReport.case_id == case.id).order_by(RemedyReport.id)
    return tuple(as_report(row) for row in session.scalars(query))


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

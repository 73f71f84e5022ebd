"""What surveys do when a customer is erased: figures stay, comments, notes and the times he wished for go."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from contactcenter.core.events import Recorded
from contactcenter.customers.erasure import CustomerErased
from contactcenter.surveys.models import FollowUp, SurveyAnswer


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction."""
    ids = recorded.event.customer_ids
    session.execute(update(SurveyAnswer).where(SurveyAnswer.customer_id.in_(ids)).values(comment=""))
    gone = {"note": "", "wished_time": None, "wished_zone": None, "wished_at": None}
    session.execute(update(FollowUp).where(FollowUp.customer_id.in_(ids)).values(gone))

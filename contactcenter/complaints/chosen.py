"""The time that a customer chose to be called, as it stands with the planned contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contactcenter.complaints.contacts import SLOT_SLACK, is_call
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.record import ABOUT
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import About, due_follow_up


@dataclass(frozen=True, slots=True)
class Slot:
    """The time the customer chose: `there` on his wall clock in `zone`, `at` as an instant. `missed`: nobody called then."""

    there: datetime
    zone: str
    at: datetime
    missed: bool


def slot_of(task: FollowUp, now: datetime) -> Slot | None:
    """The time that the customer asked for."""
    if not task.wished_time or not task.wished_zone or task.wished_at is None:
        return None
    missed = now > task.wished_at + SLOT_SLACK
    return Slot(datetime.fromisoformat(task.wished_time), task.wished_zone, task.wished_at, missed)


def with_slot(session: Session, case: ComplaintCase, data: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """What is noted of a contact; of a call also the time its customer chose, which nobody else may name."""
    said = {key: value for key, value in data.items() if key not in ("slot", "slot_zone")}
    task = due_follow_up(session, About(ABOUT, case.reference))
    if task is None or not task.wished_time or not is_call(data):
        return said
    return {**said, "slot": task.wished_time, "slot_zone": task.wished_zone}

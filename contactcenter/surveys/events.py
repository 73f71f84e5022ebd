"""What happens in surveys and follow-ups."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class SurveyAnswered(Event):
    name: ClassVar[str] = "survey.answered"
    subject_kind: str
    subject_id: str
    question: str
    value: int


@dataclass(frozen=True, slots=True)
class FollowUpPlanned(Event):
    name: ClassVar[str] = "follow_up.planned"
    follow_up_id: int
    subject_kind: str
    subject_id: str
    due_at: str


@dataclass(frozen=True, slots=True)
class FollowUpTimeChosen(Event):
    """The customer asked to be called at this wall time of his."""

    name: ClassVar[str] = "follow_up.time_chosen"
    follow_up_id: int
    subject_kind: str
    subject_id: str
    local_time: str
    zone: str


@dataclass(frozen=True, slots=True)
class FollowUpDone(Event):
    name: ClassVar[str] = "follow_up.done"
    follow_up_id: int
    subject_kind: str
    subject_id: str
    result: str


@dataclass(frozen=True, slots=True)
class FollowUpCancelled(Event):
    name: ClassVar[str] = "follow_up.cancelled"
    follow_up_id: int
    subject_kind: str
    subject_id: str

"""Tables of surveys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contactcenter.core.db import Base, Created, Id

OPEN = "state = 'due'"


class SurveyAnswer(Base):
    """One answer about a subject (`complaint` CMP-…, `conversation` 12).

    `question` is expectation or perception (1–10; c = b/a), resolved (0/1), csat (1–5), nps (0–10) or ces (1–7).
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "question"),
        Index("ix_survey_answer_question_at", "question", "at"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    question: Mapped[str]
    value: Mapped[int]
    comment: Mapped[str] = mapped_column(server_default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]


class FollowUp(Base):
    """A dated task to contact a customer after the matter is settled; `result` is done, declined or no_answer.

    `wished_time` is the wall time ("2026-11-25T14:00", in `wished_zone`) at which he asked to be called, `wished_at` its instant.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("state IN ('due','done','cancelled')", name="state"),
        Index("ix_follow_up_due", "state", "due_at"),
        Index("uq_follow_up_one_due", "subject_kind", "subject_id", unique=True, postgresql_where=text(OPEN)),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    due_at: Mapped[datetime]
    wished_time: Mapped[str | None]
    wished_zone: Mapped[str | None]
    wished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="due")
    result: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]

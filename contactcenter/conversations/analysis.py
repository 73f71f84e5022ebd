"""Keep what the NLP worker read in messages, the ticket's mood, and people's corrections."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.append import ANALYSE
from contactcenter.conversations.events import MessageAnalysed, SentimentCorrected
from contactcenter.conversations.models import Analysis, Author, Message
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.health import health_of
from contactcenter.core.i18n import gettext as _
from contactcenter.core.outbox import OutboxRow, queue_of
from contactcenter.tickets.events import ComplaintProposed, MoodChanged
from contactcenter.tickets.models import Ticket

SENTIMENTS = ("negative", "neutral", "positive")
SCORES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
MOOD_WEIGHT = 0.5  # of the newest message: three messages carry seven eighths of the mood
MOOD_REACH = 16  # what lies further back weighs less than a ten-thousandth
UNREAD_TOO_LONG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as a model read it; see nlp.Analysis for the ranges. `model` is engine and weights."""

    message_id: int
    model: str
    language: str
    sentiment: str
    score: float
    confidence: float
    complaint: float
    topic: str
    urgency: int
    complaint_words: list[str] = field(default_factory=list)
    urgency_reasons: list[str] = field(default_factory=list)


def record_analysis(session: Session, reading: Reading, *, threshold: float) -> None:
    """Store a reading (again for the same message: the newer model wins), move the mood, maybe propose a complaint.

    `threshold` is the likelihood from which a message sounds like a complaint; a person decides (F-14).
    """
    message = session.get(Message, reading.message_id)
    if message is None:
        raise NotFound(_("This message does not exist."))
    row = {
        "message_id": message.id,
        "model": reading.model,
        "language": reading.language,
        "sentiment": reading.sentiment,
        "score": reading.score,
        "confidence": reading.confidence,
        "complaint": reading.complaint,
        "topic": reading.topic,
        "urgency": reading.urgency,
        "reasons": {"complaint": reading.complaint_words, "urgency": reading.urgency_reasons},
        "created_at": clock.now(),
    }
    known = session.get(Analysis, message.id) is not None
    session.execute(
        insert(Analysis).values(row).on_conflict_do_update(index_elements=["message_id"], set_=row)
    )
    event = MessageAnalysed(
        message.id, message.ticket_id, reading.sentiment, reading.complaint, reading.model
    )
    record(session, event, actor="system", subject=Subject(message.ticket_id, message.conversation_id))
    ticket = session.get_one(Ticket, message.ticket_id, with_for_update={"of": Ticket})
    is_first = not known and message.author == Author.CUSTOMER
    _move_mood(session, ticket, reading.score if is_first else None)
    if reading.complaint >= threshold:
        _propose(session, ticket, reading)


def is_off(session: Session) -> bool:
    """No model reads messages, and it lasts: its worker says so, or a message waits for its first try and none is read."""
    too_long_ago = clock.now() - UNREAD_TOO_LONG
    model = health_of(session, "nlp")
    if model is not None and not model.ok:
        return model.since < too_long_ago
    untried = select(OutboxRow.created_at).where(
        OutboxRow.done_at.is_(None), OutboxRow.queue == queue_of(ANALYSE), OutboxRow.attempts == 0
    )
    oldest = session.scalar(untried.order_by(OutboxRow.id).limit(1))
    if oldest is None or oldest >= too_long_ago:
        return False
    # Whoever works off what has gathered, oldest first, is behind and not off.
    last = session.scalar(select(Analysis.created_at).order_by(Analysis.message_id.desc()).limit(1))
    return last is None or last < too_long_ago


def correct_sentiment(session: Session, user: User, message: Message, sentiment: str) -> None:
    """A person says what the message's sentiment is; kept beside the model's, used by the next training."""
    if sentiment not in SENTIMENTS:
        raise Invalid(_("Choose negative, neutral or positive."), field="sentiment")
    if message.analysis is None:
        raise Invalid(_("This message has not been read by the model yet."))
    analysis = message.analysis
    was = analysis.corrected or analysis.sentiment
    analysis.corrected, analysis.corrected_by_id = sentiment, user.id
    event = SentimentCorrected(message.id, message.ticket_id, was, sentiment, analysis.model)
    record(session, event, actor=user.actor, subject=Subject(message.ticket_id, message.conversation_id))
    session.flush()  # the mood is read back from the rows
    _move_mood(session, session.get_one(Ticket, message.ticket_id, with_for_update={"of": Ticket}))


def _move_mood(session: Session, ticket: Ticket, first_reading: float | None = None) -> None:
    """Mood = exponentially weighted mean of the customer's messages in order; its minimum beside it.

    Only MOOD_REACH messages are read. A first reading can but lower the minimum; after a changed one it is sought anew.
    """
    theirs = Message.ticket_id == ticket.id, Message.author == Author.CUSTOMER
    scored = select(_SCORE).join(Message, Message.id == Analysis.message_id).where(*theirs)
    newest = session.scalars(scored.order_by(Message.rev.desc()).limit(MOOD_REACH)).all()
    ticket.mood = _mean(newest[::-1])
    if first_reading is not None and ticket.mood_min is not None:
        ticket.mood_min = min(ticket.mood_min, first_reading)
    else:
        ticket.mood_min = session.scalar(scored.with_only_columns(func.min(_SCORE)))
    if ticket.mood is not None:
        subject = Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)
        record(session, MoodChanged(ticket.id, ticket.mood), actor="system", subject=subject)


_SCORE = case(SCORES, value=Analysis.corrected, else_=Analysis.score)


def _mean(scores: Sequence[float]) -> float | None:
    mood: float | None = None
    for score in scores:
        mood = score if mood is None else (1 - MOOD_WEIGHT) * mood + MOOD_WEIGHT * score
    return None if mood is None else round(mood, 3)


def _propose(session: Session, ticket: Ticket, reading: Reading) -> None:
    if ticket.complaint_ref is not None or ticket.complaint_answer is not None:
        return
    first = ticket.complaint_likely is None
    ticket.complaint_likely = max(reading.complaint, ticket.complaint_likely or 0.0)
    if first:
        event = ComplaintProposed(ticket.id, reading.complaint, reading.complaint_words)
        subject = Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)
        record(session, event, actor="system", subject=subject)

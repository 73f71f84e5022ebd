"""Keep what the NLP worker read in messages, the ticket's mood, and people's corrections."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.events import MessageAnalysed, SentimentCorrected
from contactcenter.conversations.models import Analysis, Author, Message
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.tickets.events import ComplaintProposed, MoodChanged
from contactcenter.tickets.models import Ticket

SENTIMENTS = ("negative", "neutral", "positive")
SCORES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
MOOD_WEIGHT = 0.5  # of the newest message: three messages carry seven eighths of the mood


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
    session.execute(
        insert(Analysis).values(row).on_conflict_do_update(index_elements=["message_id"], set_=row)
    )
    event = MessageAnalysed(
        message.id, message.ticket_id, reading.sentiment, reading.complaint, reading.model
    )
    record(session, event, actor="system", subject=Subject(message.ticket_id, message.conversation_id))
    ticket = session.get_one(Ticket, message.ticket_id, with_for_update={"of": Ticket})
    _move_mood(session, ticket)
    if reading.complaint >= threshold:
        _propose(session, ticket, reading)


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


def _move_mood(session: Session, ticket: Ticket) -> None:
    """Mood = exponentially weighted mean of the customer's messages in order; its minimum beside it."""
    query = (
        select(Analysis.score, Analysis.corrected)
        .join(Message, Message.id == Analysis.message_id)
        .where(Message.ticket_id == ticket.id, Message.author == Author.CUSTOMER)
        .order_by(Message.rev)
    )
    scores = [SCORES[row.corrected] if row.corrected else row.score for row in session.execute(query)]
    mood: float | None = None
    for score in scores:
        mood = score if mood is None else (1 - MOOD_WEIGHT) * mood + MOOD_WEIGHT * score
    ticket.mood = None if mood is None else round(mood, 3)
    ticket.mood_min = min(scores, default=None)
    if ticket.mood is not None:
        subject = Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)
        record(session, MoodChanged(ticket.id, ticket.mood), actor="system", subject=subject)


def _propose(session: Session, ticket: Ticket, reading: Reading) -> None:
    if ticket.complaint_ref is not None or ticket.complaint_answer is not None:
        return
    first = ticket.complaint_likely is None
    ticket.complaint_likely = max(reading.complaint, ticket.complaint_likely or 0.0)
    if first:
        event = ComplaintProposed(ticket.id, reading.complaint, reading.complaint_words)
        subject = Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)
        record(session, event, actor="system", subject=subject)

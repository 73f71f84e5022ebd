"""Keep what the NLP worker read in messages, the ticket's mood, and people's corrections."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import case, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.append import ANALYSE
from contactcenter.conversations.events import MessageAnalysed, SentimentCorrected
from contactcenter.conversations.models import Analysis, Author, Message
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import Subject, record, record_all
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
    """One message as a model read it; see nlp.Analysis for the ranges. `model` is engine and weights.

    `threshold` is the likelihood from which a message sounds like a complaint; a person decides.
    """

    message_id: int
    model: str
    language: str
    sentiment: str
    score: float
    confidence: float
    complaint: float
    topic: str
    urgency: int
    threshold: float
    complaint_words: list[str] = field(default_factory=list)
    urgency_reasons: list[str] = field(default_factory=list)


def record_analyses(session: Session, readings: Sequence[Reading]) -> None:
    """Store readings (again for the same message: the newer model wins), move the moods, maybe propose complaints (F-14).

    Each of another message, all with as few statements as one: from the first locked ticket on people wait who write into it.
    Raises NotFound if a message is not there.
    """
    ids = [one.message_id for one in readings]
    messages = {one.id: one for one in session.scalars(select(Message).where(Message.id.in_(ids)))}
    if len(messages) < len(ids):
        raise NotFound(_("This message does not exist."))
    known = session.scalars(select(Analysis.message_id).where(Analysis.message_id.in_(ids)))
    again = {messages[one].ticket_id for one in known}
    _store(session, readings)
    record_all(session, [_analysed(messages[one.message_id], one) for one in readings], actor="system")
    tickets = _lock_tickets(session, {one.ticket_id for one in messages.values()})
    lowest: dict[int, float] = {}
    for one in readings:
        message = messages[one.message_id]
        if message.author == Author.CUSTOMER and message.ticket_id not in again:
            lowest[message.ticket_id] = min(one.score, lowest.get(message.ticket_id, one.score))
    _move_moods(session, list(tickets.values()), lowest)
    for one in readings:
        if one.complaint >= one.threshold:
            _propose(session, tickets[messages[one.message_id].ticket_id], one)


def _store(session: Session, readings: Sequence[Reading]) -> None:
    now = clock.now()
    rows = [
        {
            "message_id": one.message_id,
            "model": one.model,
            "language": one.language,
            "sentiment": one.sentiment,
            "score": one.score,
            "confidence": one.confidence,
            "complaint": one.complaint,
            "topic": one.topic,
            "urgency": one.urgency,
            "reasons": {"complaint": one.complaint_words, "urgency": one.urgency_reasons},
            "created_at": now,
        }
        for one in readings
    ]
    new = insert(Analysis).values(rows)
    newer = {name: new.excluded[name] for name in rows[0]}
    session.execute(new.on_conflict_do_update(index_elements=["message_id"], set_=newer))


def _analysed(message: Message, found: Reading) -> tuple[MessageAnalysed, Subject]:
    event = MessageAnalysed(message.id, message.ticket_id, found.sentiment, found.complaint, found.model)
    return event, Subject(message.ticket_id, message.conversation_id)


def _lock_tickets(session: Session, ticket_ids: Collection[int]) -> dict[int, Ticket]:
    """In the order of their numbers, as whoever locks several must."""
    wanted = select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id).with_for_update(of=Ticket)
    found = session.scalars(wanted.execution_options(populate_existing=True))
    return {one.id: one for one in found}


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
    _move_moods(session, list(_lock_tickets(session, [message.ticket_id]).values()), {})


def _move_moods(session: Session, tickets: Sequence[Ticket], lowest: Mapping[int, float]) -> None:
    """Mood = exponentially weighted mean of the customer's messages in order; its minimum beside it.

    Only MOOD_REACH messages are read. `lowest`: of tickets whose messages were read for the first time, the lowest of these
    readings, which can but lower the minimum; after changed ones it is sought anew.
    """
    scores = _newest_scores(session, [one.id for one in tickets])
    lows = [_lowest(session, one, scores[one.id], lowest.get(one.id)) for one in tickets]
    moved = []
    for ticket, low in zip(tickets, lows, strict=True):
        was, ticket.mood, ticket.mood_min = ticket.mood, _mean(scores[ticket.id]), low
        if ticket.mood is not None:
            subject = Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)
            moved.append((MoodChanged(ticket.id, ticket.mood, was), subject))
    record_all(session, moved, actor="system")


def _newest_scores(session: Session, ticket_ids: Sequence[int]) -> defaultdict[int, list[float]]:
    """Of each ticket, those of the customer's last MOOD_REACH messages that were read, oldest first."""
    theirs = Message.ticket_id == Ticket.id, Message.author == Author.CUSTOMER
    scored = select(_SCORE.label("score"), Message.rev).join(Analysis, Message.id == Analysis.message_id)
    newest = scored.where(*theirs).order_by(Message.rev.desc()).limit(MOOD_REACH).lateral()
    query = select(Ticket.id, newest.c.score).join(newest, true()).where(Ticket.id.in_(ticket_ids))
    found: defaultdict[int, list[float]] = defaultdict(list)
    for ticket_id, score in session.execute(query.order_by(Ticket.id, newest.c.rev)):
        found[ticket_id].append(score)
    return found


def _lowest(session: Session, ticket: Ticket, scores: Sequence[float], new: float | None) -> float | None:
    if len(scores) < MOOD_REACH:
        return min(scores, default=None)
    if new is not None and ticket.mood_min is not None:
        return min(ticket.mood_min, new)
    theirs = Message.ticket_id == ticket.id, Message.author == Author.CUSTOMER
    scored = select(func.min(_SCORE)).join(Message, Message.id == Analysis.message_id)
    lowest: float | None = session.scalar(scored.where(*theirs))
    return lowest


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

"""What comes in and how long it takes: per queue and kind of capacity, for the load (`reporting.load`)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, DateTime, Float, Integer, case, cast, column, func, select, true
from sqlalchemy import values as table_of
from sqlalchemy.orm import Session

from contactcenter.assignment.models import Offer
from contactcenter.assignment.plans import engine_channel
from contactcenter.assignment.presence import LIVE_CHANNELS
from contactcenter.conversations.models import Conversation, State
from contactcenter.queues.models import Queue

Kind = Literal["voice", "chat", "email"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HOUR = timedelta(hours=1)
WEEKS = 4
WEEKS_LEAST = 2
"""Fewer same weekdays than this say nothing about today."""

NEWEST_N = 150
NEWEST_LEAST_N = 5
NEWEST_SINCE = timedelta(days=14)
"""How long one takes is the mean of a queue's newest 150, none older than a fortnight; of fewer than 5 the mean of all queues
is the better guess."""

Cell = tuple[int, Kind]
"""A queue and a kind of capacity."""


@dataclass(slots=True)
class Work:
    """What is known of a cell: who waits now, came in the last hour, is expected in the coming one, and the time of one.

    None: there is too little to say.
    """

    waiting: int = 0
    arrived: int = 0
    expected: float | None = None
    handle_s: float | None = None


def read_work(session: Session, queues: Sequence[Queue], at: datetime) -> dict[Cell, Work]:
    """Every cell of these queues, by three questions to the database however many they are."""
    work = {(queue.id, kind): Work() for queue in queues for kind in KINDS}
    if queues:
        _read_waiting(session, queues, work)
        _read_arrivals(session, queues, work, at)
        _read_times(session, queues, work, at)
    return work


def _read_waiting(session: Session, queues: Sequence[Queue], work: dict[Cell, Work]) -> None:
    query = select(Conversation.queue_id, _KIND, func.count()).where(
        Conversation.state == State.WAITING, Conversation.queue_id.in_([queue.id for queue in queues])
    )
    for queue_id, kind, n in session.execute(query.group_by(Conversation.queue_id, _KIND)):
        work[queue_id, kind].waiting = n


def _read_arrivals(session: Session, queues: Sequence[Queue], work: dict[Cell, Work], at: datetime) -> None:
    """Those of the last hour, and the mean of those of the coming hour in earlier weeks: one question for all."""
    windows = [(queue.id, week, *span) for queue in queues for week, span in _windows(queue, at).items()]
    asked = table_of(
        column("queue_id", BigInteger),
        column("week", Integer),
        column("since", DateTime(timezone=True)),
        column("until", DateTime(timezone=True)),
        name="asked",
    ).data(windows)
    came = (
        select(_KIND.label("kind"), func.count().label("n"))
        .where(
            Conversation.queue_id == asked.c.queue_id,
            Conversation.created_at >= asked.c.since,
            Conversation.created_at < asked.c.until,
        )
        .group_by(_KIND)
        .lateral("came")  # each window through the index, whatever the planner thinks of ranges
    )
    query = select(asked.c.queue_id, asked.c.week, came.c.kind, came.c.n).join(came, true())
    earlier: defaultdict[Cell, int] = defaultdict(int)
    for queue_id, week, kind, n in session.execute(query):
        if week:
            earlier[queue_id, kind] += n
        else:
            work[queue_id, kind].arrived = n
    for queue in queues:
        weeks = len(_windows(queue, at)) - 1
        for kind in KINDS if weeks >= WEEKS_LEAST else ():
            work[queue.id, kind].expected = earlier[queue.id, kind] / weeks


def _windows(queue: Queue, at: datetime) -> dict[int, tuple[datetime, datetime]]:
    """The last hour (0), and the coming hour one to four weeks ago by the brand's own clock."""
    local = at.astimezone(ZoneInfo(queue.brand.zone))
    holidays = {holiday.day for holiday in queue.hours.holidays} if queue.hours else set()
    found = {0: (at - HOUR, at)}
    for week in range(1, WEEKS + 1):
        begin = local - timedelta(weeks=week)
        if begin >= queue.created_at and begin.date() not in holidays:
            found[week] = (begin, begin + HOUR)
    return found


def _read_times(session: Session, queues: Sequence[Queue], work: dict[Cell, Work], at: datetime) -> None:
    """The mean time at hand, from accepting to the end of wrap-up, of the newest that are over."""
    found: defaultdict[Cell, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for queue_id, kind, n, total_s in session.execute(_times([queue.id for queue in queues], at)):
        found[queue_id, kind] = (n, total_s)
    for kind in KINDS:
        cells = [found[queue.id, kind] for queue in queues]
        usual_s = _mean(sum(n for n, _ in cells), sum(total_s for _, total_s in cells))
        for queue, (n, total_s) in zip(queues, cells, strict=True):
            own_s = _mean(n, total_s)
            work[queue.id, kind].handle_s = usual_s if own_s is None else own_s


def _mean(n: int, total_s: float) -> float | None:
    return total_s / n if n >= NEWEST_LEAST_N else None


def _times(
    queue_ids: Collection[int], at: datetime
) -> Any:  # Any: a Select of (queue, kind, how many, seconds in all)
    """Several people may have had one after another: their times add up. While it took no slot, nobody had it in hand."""
    newest = (
        select(
            Conversation.id,
            _KIND.label("kind"),
            Conversation.ended_at,
            Conversation.wrap_until,
            Conversation.silent_for_s,
        )
        .where(
            Conversation.queue_id == Queue.id,
            Conversation.state == State.ENDED,
            Conversation.accepted_at.is_not(None),
            Conversation.created_at > at - NEWEST_SINCE,
        )
        .order_by(Conversation.created_at.desc())
        .limit(NEWEST_N)
        .lateral("newest")
    )
    held = select(func.coalesce(func.sum(_seconds(Offer.ended_at - Offer.accepted_at)), 0))
    in_hand_s = held.where(Offer.conversation_id == newest.c.id).scalar_subquery()
    wrap_up_s = func.greatest(func.coalesce(_seconds(newest.c.wrap_until - newest.c.ended_at), 0), 0)
    total_s = cast(func.sum(in_hand_s + wrap_up_s - newest.c.silent_for_s), Float)
    query = select(Queue.id, newest.c.kind, func.count(), total_s).join(newest, true())
    return query.where(Queue.id.in_(queue_ids)).group_by(Queue.id, newest.c.kind)


def _seconds(interval: Any) -> Any:  # Any: column expressions
    return func.extract("epoch", interval)


_KIND = case((Conversation.channel.in_(LIVE_CHANNELS), Conversation.channel), else_=engine_channel("email"))
"""The kind of capacity that a conversation takes, as `engine_channel` says."""

"""The supervisor's board: what waits, what was served in time, who does what; each figure from its own source."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.assignment.models import Offer, PresenceState, QueueLoad
from contactcenter.assignment.staff import AgentNow, agents_now
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.queues.models import Queue

LIVE_CHANNELS = ("chat", "voice")


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue now and today.

    `waiting`, `ringing`, `oldest_at`: the leading router's own state. Today's live contacts (chat and voice):
    `answered`, `in_time` (accepted within `queue.service_level_s` of arriving) and `abandoned` (left unanswered).
    """

    queue: Queue
    waiting: int
    ringing: int
    oldest_at: datetime | None
    answered: int
    in_time: int
    abandoned: int

    @property
    def service_level_pct(self) -> float | None:
        """In time ÷ (answered + abandoned) × 100; None before the first contact of the day."""
        total = self.answered + self.abandoned
        return 100 * self.in_time / total if total else None

    @property
    def on_target(self) -> bool:
        """Whether the service level keeps its promise (an empty day does)."""
        level = self.service_level_pct
        return level is None or level >= self.queue.service_level_pct


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the wall; `at` is when it was read."""

    at: datetime
    queues: list[QueueFigures]
    agents: list[AgentNow]

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.queues)

    @property
    def oldest_at(self) -> datetime | None:
        return min((one.oldest_at for one in self.queues if one.oldest_at), default=None)

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.queues)

    @property
    def abandoned(self) -> int:
        return sum(one.abandoned for one in self.queues)

    @property
    def service_level_pct(self) -> float | None:
        """Over all queues: sums first, then the ratio."""
        total = self.answered + self.abandoned
        return 100 * sum(one.in_time for one in self.queues) / total if total else None

    @property
    def available(self) -> int:
        return sum(one.state == PresenceState.READY for one in self.agents)

    @property
    def busy(self) -> int:
        return sum(one.state in {PresenceState.BUSY, PresenceState.WRAP_UP} for one in self.agents)


def read_board(session: Session, user: User) -> Board:
    """The board of the teams that `user` may see."""
    teams = visible_team_ids(session, user)
    at_work_first = sorted(agents_now(session, teams), key=lambda one: one.state == PresenceState.AWAY)
    return Board(clock.now(), queue_figures(session, teams), at_work_first)


def queue_figures(session: Session, teams: Collection[int] | None) -> list[QueueFigures]:
    """Each queue's figures; `teams` None means all. Today begins at midnight in the queue's brand's zone."""
    query = select(Queue).options(joinedload(Queue.hours)).order_by(Queue.name, Queue.id)
    queues = session.scalars(query if teams is None else query.where(Queue.team_id.in_(teams))).all()
    loads = {row.queue_id: row for row in session.scalars(select(QueueLoad))}
    today = {queue.id: _today(session, queue) for queue in queues}
    return [_figures(queue, loads.get(queue.id), *today[queue.id]) for queue in queues]


def _figures(
    queue: Queue, load: QueueLoad | None, answered: int, in_time: int, abandoned: int
) -> QueueFigures:
    waiting, ringing, oldest_at = (load.waiting, load.offered, load.oldest_at) if load else (0, 0, None)
    return QueueFigures(queue, waiting, ringing, oldest_at, answered, in_time, abandoned)


def _today(session: Session, queue: Queue) -> tuple[int, int, int]:
    """(answered, in time, abandoned) of the live contacts that arrived today."""
    midnight = (
        clock.now().astimezone(ZoneInfo(queue.brand.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    first_answer = select(func.min(Offer.accepted_at)).where(Offer.conversation_id == Conversation.id)
    today = (
        select(
            Conversation.created_at, Conversation.state, first_answer.scalar_subquery().label("accepted_at")
        )
        .where(Conversation.queue_id == queue.id, Conversation.channel.in_(LIVE_CHANNELS))
        .where(Conversation.created_at >= midnight)
        .subquery()
    )
    waited_s = cast(func.extract("epoch", today.c.accepted_at - today.c.created_at), Float)
    left = (today.c.state == State.ENDED) & today.c.accepted_at.is_(None)
    query = select(
        func.count(today.c.accepted_at),
        func.count(case((waited_s <= queue.service_level_s, 1))),
        func.count(case((left, 1))),
    )
    answered, in_time, abandoned = session.execute(query).one()
    return answered, in_time, abandoned

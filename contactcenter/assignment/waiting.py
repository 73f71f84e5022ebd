"""How long is the wait: places, honest estimates, and what the router holds of each queue."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.facts import AgentFact, read_agents
from contactcenter.assignment.models import Offer
from contactcenter.assignment.plans import engine_channel
from contactcenter.assignment.presence import LIVE_CHANNELS
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.queues.models import Queue

HISTORY = timedelta(days=28)
HISTORY_N = 50
HISTORY_LEAST_N = 5
"""Fewer finished conversations than this say nothing about the next one."""

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting conversation stands. `position` 1 is next; `estimate_s` is whole minutes, None if nobody can say."""

    position: int
    estimate_s: int | None


def place_of(session: Session, conversation: Conversation) -> Place | None:
    """Its place among those of its queue and kind; None unless it waits (or rings)."""
    if conversation.state not in {State.WAITING, State.OFFERED}:
        return None
    same = _same_line(conversation)
    mine = (_key(conversation), conversation.id)
    ahead = select(func.count()).where(same, tuple_(_KEY, Conversation.id) < tuple_(*mine))
    position = 1 + (session.scalar(ahead) or 0)
    return Place(position, _estimate_s(session, conversation, position))


# The routing key inside one queue (its target is the same for all): smaller goes first.
_KEY = func.extract("epoch", Conversation.enqueued_at) - MINUTE_S * Conversation.priority


def _key(conversation: Conversation) -> float:
    return conversation.enqueued_at.timestamp() - MINUTE_S * conversation.priority


def _same_line(conversation: Conversation) -> ColumnElement[bool]:
    return and_(
        Conversation.queue_id == conversation.queue_id,
        Conversation.state == State.WAITING,
        _same_kind(conversation.channel),
    )


def _same_kind(channel: str) -> ColumnElement[bool]:
    """Channels that share a capacity."""
    if channel in LIVE_CHANNELS:
        return Conversation.channel == channel
    return Conversation.channel.not_in(LIVE_CHANNELS)


def _estimate_s(session: Session, conversation: Conversation, position: int) -> int | None:
    """Everybody ahead takes the median time, shared by the slots of those who are there. Rounded up: never too rosy."""
    median_s = _median_handle_s(session, conversation)
    if median_s is None:
        return None
    queue = session.get_one(Queue, conversation.queue_id)
    team = session.scalars(select(User.id).where(User.team_id == queue.team_id, User.service.is_(False)))
    agents = [one for one in read_agents(session, team.all()) if one.team_id == queue.team_id]
    slots = sum(_slots(agent, conversation.channel) for agent in agents)
    if not slots:
        return None
    return ceil(position * median_s / slots / MINUTE_S) * MINUTE_S


def _slots(agent: AgentFact, channel: str) -> int:
    return agent.caps[engine_channel(channel)] if agent.available else 0


def _median_handle_s(session: Session, conversation: Conversation) -> float | None:
    """Of the last 50 that ended in this queue and kind, from accepting to the end."""
    took = func.extract("epoch", Offer.ended_at - Offer.accepted_at).label("took")
    recent = (
        select(took)
        .join(Offer.conversation)
        .where(
            Offer.state == "ended",
            Offer.accepted_at.is_not(None),
            Offer.ended_at > clock.now() - HISTORY,
            Conversation.queue_id == conversation.queue_id,
            _same_kind(conversation.channel),
        )
        .order_by(Offer.id.desc())
        .limit(HISTORY_N)
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(recent.c.took)
    count, median_s = session.execute(select(func.count(), median).select_from(recent)).one()
    return float(median_s) if count >= HISTORY_LEAST_N else None

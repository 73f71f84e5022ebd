"""Who is there, doing what since when, and with how much work: for the presence menu, the wallboard and the API."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.models import AgentCapacity, Offer, Presence, PresenceState
from contactcenter.assignment.plans import engine_channel
from contactcenter.assignment.presence import DEFAULT_CAPACITY
from contactcenter.conversations.models import Conversation

Load = dict[str, int]
"""Conversations at hand by kind of capacity (voice, chat, email); offers that ring count, silent chats do not."""


@dataclass(frozen=True, slots=True)
class AgentNow:
    """One agent now. `state` is what people see: `busy` is ready with a call or full hands."""

    user: User
    state: PresenceState
    reason: str
    since: datetime | None
    then_break: str | None
    wrap_until: datetime | None
    load: Load
    caps: Load


def agent_now(session: Session, user: User) -> AgentNow:
    """What `user` is doing; somebody who never came to work is away."""
    return _agents(session, [user])[0]


def agents_now(session: Session, team_ids: set[int] | None) -> list[AgentNow]:
    """The agents of these teams (None: everybody's), by name; programs are none."""
    agents = select(User).where(User.active, User.service.is_(False), User.roles.contains([Role.AGENT.value]))
    query = agents.order_by(User.name, User.id)
    if team_ids is not None:
        query = query.where(User.team_id.in_(team_ids))
    return _agents(session, session.scalars(query).all())


def _agents(session: Session, users: Collection[User]) -> list[AgentNow]:
    ids = [user.id for user in users]
    presences = {
        each.user_id: each for each in session.scalars(select(Presence).where(Presence.user_id.in_(ids)))
    }
    loads, caps = _loads(session, ids), _caps(session, ids)
    return [
        _agent(user, presences.get(user.id), loads[user.id], DEFAULT_CAPACITY | caps[user.id])
        for user in users
    ]


def _agent(user: User, presence: Presence | None, load: Load, caps: Load) -> AgentNow:
    if presence is None:
        return AgentNow(user, PresenceState.AWAY, "", None, None, None, load, caps)
    state = PresenceState(presence.state)
    if state is PresenceState.READY and _hands_full(load, caps):
        state = PresenceState.BUSY
    wrap_until = presence.wrap_until if state is PresenceState.WRAP_UP else None
    return AgentNow(user, state, presence.reason, presence.since, presence.then_break, wrap_until, load, caps)


def _hands_full(load: Load, caps: Load) -> bool:
    """On a call, with every chat taken, or with no room for anything."""
    if load["voice"]:
        return True
    if caps["chat"] and load["chat"] >= caps["chat"]:
        return True
    return all(load[kind] >= cap for kind, cap in caps.items())


def _loads(session: Session, ids: Collection[int]) -> defaultdict[int, Load]:
    loads: defaultdict[int, Load] = defaultdict(lambda: dict.fromkeys(DEFAULT_CAPACITY, 0))
    query = (
        select(Offer.user_id, Conversation.channel, func.count())
        .join(Offer.conversation)
        .where(Offer.user_id.in_(ids), Offer.state.in_(("offered", "accepted")))
        .where(Conversation.silent_at.is_(None))
        .group_by(Offer.user_id, Conversation.channel)
    )
    for user_id, channel, count in session.execute(query):
        loads[user_id][engine_channel(channel)] += count
    return loads


def _caps(session: Session, ids: Collection[int]) -> defaultdict[int, Load]:
    caps: defaultdict[int, Load] = defaultdict(dict)
    for row in session.scalars(select(AgentCapacity).where(AgentCapacity.user_id.in_(ids))):
        caps[row.user_id][row.channel] = row.cap
    return caps

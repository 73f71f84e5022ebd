"""What the router reads: conversations, agents and definitions as the database has them now."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select, true
from sqlalchemy.orm import Session, selectinload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints
from contactcenter.assignment.models import AgentCapacity, Offer, Presence, PresenceState
from contactcenter.assignment.presence import DEFAULT_CAPACITY
from contactcenter.conversations.models import OVER, Conversation, State
from contactcenter.core import clock
from contactcenter.customers.models import Customer
from contactcenter.queues.models import AgentSkill, BusinessHours, Queue, Skill
from contactcenter.tickets.access import people_kept_from
from contactcenter.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation and its latest offer, if it ever had one.

    `silent`: it takes no slot of whoever has it. `complaint`: only who may see complaints may have it, and of these not
    the persons in `not_for`.
    """

    id: int
    channel: str
    state: str
    queue_id: int
    agent_id: int | None
    target_user_id: int | None
    target_until: datetime | None
    priority: int
    enqueued_at: datetime
    wrap_until: datetime | None
    offer_id: int | None
    offer_state: str | None
    offered_to: int | None
    deadline_at: datetime | None
    ticket_id: int
    complaint: bool
    language: str
    silent: bool
    not_for: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class AgentFact:
    """An agent: what he can, how much he takes, whether he takes new work (once a wrap-up is over) or is there at all."""

    id: int
    team_id: int | None
    available: bool
    present: bool
    idle_since: datetime | None
    wrap_until: datetime | None
    skills: dict[str, int]
    caps: dict[str, int]
    speaks: tuple[str, ...]
    sees_complaints: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """This agent does not get this conversation until then."""

    conversation_id: int
    user_id: int
    until: datetime


WorkQuery = Select[*tuple[Any, ...]]  # Any: the columns of Work, in its order


def read_open_work(session: Session) -> list[Work]:
    """Every conversation that is not over, in order of arrival."""
    return _works(session, _OPEN)


def read_held_work(session: Session) -> list[Work]:
    """What agents have or are being offered."""
    return _works(session, _HELD)


def read_work(session: Session, ids: Collection[int]) -> list[Work]:
    """These conversations, over or not, in order of arrival."""
    return _works(session, _NAMED, ids=list(ids)) if ids else []


def _works(session: Session, query: WorkQuery, **values: list[int]) -> list[Work]:
    works = [Work(*row) for row in session.execute(query, values)]
    kept = people_kept_from(session, [work.ticket_id for work in works if work.complaint])
    if not kept:
        return works
    return [replace(work, not_for=frozenset(kept.get(work.ticket_id, ()))) for work in works]


def _work_query() -> WorkQuery:
    latest = select(Offer.id, Offer.state, Offer.user_id, Offer.deadline_at)
    latest = latest.where(Offer.conversation_id == Conversation.id).order_by(Offer.id.desc()).limit(1)
    offer = latest.lateral("latest_offer")
    columns = (
        Conversation.id,
        Conversation.channel,
        Conversation.state,
        Conversation.queue_id,
        Conversation.agent_id,
        Conversation.target_user_id,
        Conversation.target_until,
        Conversation.priority,
        Conversation.enqueued_at,
        Conversation.wrap_until,
    )
    about = (
        Ticket.id,
        Ticket.complaint_ref.is_not(None),
        Customer.language,
        Conversation.silent_at.is_not(None),
    )
    query = select(*columns, *offer.c, *about).join(Conversation.ticket).join(Conversation.customer)
    return query.outerjoin(offer, true()).order_by(Conversation.enqueued_at, Conversation.id)


# Made once: the router asks in every turn, and making the query costs more than running it.
_WORK = _work_query()
_OPEN = _WORK.where(Conversation.state.not_in(OVER))
_HELD = _WORK.where(Conversation.state.in_((State.OFFERED, State.ACTIVE)))
_NAMED = _WORK.where(Conversation.id.in_(bindparam("ids", expanding=True)))


def read_agents(session: Session, ids: Collection[int] | None = None) -> list[AgentFact]:
    """Everybody who may be given work (or these), in roster order, which is that of their numbers.

    Whoever is no agent by role works for no team: the queues pass him by, but work may be given to him by hand.
    """
    if ids is not None and not ids:
        return []
    query = select(User, Presence).outerjoin(Presence, Presence.user_id == User.id).order_by(User.id)
    query = query.where(User.service.is_(False)) if ids is None else query.where(User.id.in_(ids))
    rows = session.execute(query, execution_options={"populate_existing": True}).all()
    found = [user.id for user, _presence in rows]
    skills, caps = _skills(session, found), _capacities(session, found)
    return [
        _agent(user, presence, skills[user.id], DEFAULT_CAPACITY | caps[user.id]) for user, presence in rows
    ]


def _agent(user: User, presence: Presence | None, skills: dict[str, int], caps: dict[str, int]) -> AgentFact:
    now = presence if user.active else None
    return AgentFact(
        id=user.id,
        team_id=user.team_id if Role.AGENT in user.roles else None,
        available=now is not None and _takes_work(now),
        present=now is not None and now.state != PresenceState.AWAY,
        idle_since=now.idle_since if now else None,
        wrap_until=now.wrap_until if now and now.state == PresenceState.WRAP_UP else None,
        skills=skills,
        caps=caps,
        speaks=tuple(user.speaks),
        sees_complaints=may_see_complaints(user),
    )


def _takes_work(presence: Presence) -> bool:
    return presence.state in {PresenceState.READY, PresenceState.WRAP_UP} and presence.then_break is None


def _skills(session: Session, ids: Collection[int]) -> defaultdict[int, dict[str, int]]:
    levels: defaultdict[int, dict[str, int]] = defaultdict(dict)
    query = select(AgentSkill.user_id, Skill.name, AgentSkill.level).join(AgentSkill.skill)
    for user_id, name, level in session.execute(query.where(AgentSkill.user_id.in_(ids))):
        levels[user_id][name] = level
    return levels


def _capacities(session: Session, ids: Collection[int]) -> defaultdict[int, dict[str, int]]:
    caps: defaultdict[int, dict[str, int]] = defaultdict(dict)
    query = select(AgentCapacity.user_id, AgentCapacity.channel, AgentCapacity.cap)
    for user_id, channel, cap in session.execute(query.where(AgentCapacity.user_id.in_(ids))):
        caps[user_id][channel] = cap
    return caps


def read_bars(session: Session, cooldown_s: float, conversation_id: int | None = None) -> list[Bar]:
    """Who refused or passed on what still waits (or this), less than `cooldown_s` ago and since it last began to wait."""
    cooldown = timedelta(seconds=cooldown_s)
    query = select(Offer.conversation_id, Offer.user_id, Offer.ended_at).join(Offer.conversation)
    recent = query.where(
        Offer.state.in_(("declined", "ended")),
        Offer.ended_at > clock.now() - cooldown,
        Offer.ended_at >= Conversation.enqueued_at,
        Conversation.state.in_((State.WAITING, State.OFFERED)),
    )
    if conversation_id is not None:
        recent = recent.where(Offer.conversation_id == conversation_id)
    rows = session.execute(recent)
    return [Bar(work, user, ended_at + cooldown) for work, user, ended_at in rows if ended_at is not None]


def read_queues(session: Session) -> list[Queue]:
    """All queues with their skills, hours and holidays, fresh and usable after the session."""
    hours = selectinload(Queue.hours).selectinload(BusinessHours.holidays)
    query = select(Queue).options(selectinload(Queue.skills), hours)
    return list(session.scalars(query, execution_options={"populate_existing": True}))

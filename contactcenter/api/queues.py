"""`/api/v1/queues`, `/api/v1/agents` and `/api/v1/search`."""

from flask import Blueprint, Response, request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.api import schemas
from contactcenter.api.answers import json_answer, page_arguments
from contactcenter.api.spec import responses, spec
from contactcenter.assignment.models import Presence, PresenceState
from contactcenter.assignment.presence import force_presence, lock_presence, set_presence
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import Customer, Identity
from contactcenter.customers.service import display_name
from contactcenter.edge.deco import token
from contactcenter.edge.requests import read_json
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.tickets.access import visible_to
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.queries import TicketFilter, list_tickets

blueprint = Blueprint("api_queues", __name__, url_prefix="/api/v1")
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


@blueprint.get("/queues")
@spec.validate(resp=responses(HTTP_200=schemas.QueuePage), skip_validation=True, tags=["queues"])
@token(*STAFF)
def queues() -> Response:
    """The queues whose work the caller may see."""
    with unit_of_work() as session:
        teams = visible_team_ids(session, current_user())
        query = select(Queue).options(selectinload(Queue.skills)).order_by(Queue.id)
        rows = session.scalars(query if teams is None else query.where(Queue.team_id.in_(teams))).all()
        return json_answer(schemas.QueuePage(items=[_queue(row) for row in rows], next=None))


@blueprint.get("/agents")
@spec.validate(resp=responses(HTTP_200=schemas.AgentPage), skip_validation=True, tags=["agents"])
@token(*STAFF)
def agents() -> Response:
    """The agents of the caller's teams with what they are doing."""
    with unit_of_work() as session:
        teams = visible_team_ids(session, current_user())
        query = (
            select(User, Presence).outerjoin(Presence).where(User.active, User.roles.contains([Role.AGENT]))
        )
        query = query.where(User.service.is_(False)).order_by(User.id)
        rows = session.execute(query if teams is None else query.where(User.team_id.in_(teams))).all()
        items = [_agent(user, presence) for user, presence in rows]
        return json_answer(schemas.AgentPage(items=items, next=None))


@blueprint.put("/agents/<int:user_id>/presence")
@spec.validate(
    json=schemas.PresenceIn,
    resp=responses(HTTP_200=schemas.PresenceOut),
    skip_validation=True,
    tags=["agents"],
)
@token(*STAFF)
def presence(user_id: int) -> Response:
    """One's own state, or as a supervisor that of somebody in one's team."""
    wish = read_json(schemas.PresenceIn)
    me = current_user()
    with unit_of_work() as session:
        user = session.get(User, user_id)
        if user is None or not user.has(Role.AGENT):
            raise NotFound(_("There is no agent with this id."))
        if user.id == me.id:
            set_presence(session, user, wish.state, wish.reason, by=me.actor)
        else:
            force_presence(session, me, user, wish.state, wish.reason)
        return json_answer(_presence(lock_presence(session, user.id)))


@blueprint.get("/search")
@spec.validate(resp=responses(HTTP_200=schemas.FoundPage), skip_validation=True, tags=["search"])
@token(*STAFF)
def search() -> Response:
    """`?q=&type=ticket|customer`: tickets by number and words, customers by name and address."""
    after, limit = page_arguments()
    words, kind = request.args.get("q", "").strip(), request.args.get("type", "ticket")
    if kind not in {"ticket", "customer"}:
        raise Invalid(_("type is ticket or customer."), field="type")
    with unit_of_work() as session:
        if kind == "customer":
            return json_answer(schemas.FoundPage(items=_customers(session, words), next=None))
        page = list_tickets(session, current_user(), TicketFilter(words=words), after=after, limit=limit)
        items = [
            schemas.FoundOut(type="ticket", id=one.id, title=one.subject, detail=display_name(one.customer))
            for one in page.items
        ]
        return json_answer(schemas.FoundPage(items=items, next=page.next))


def _customers(session: Session, words: str) -> list[schemas.FoundOut]:
    """Customers with a ticket that the caller may see, by part of the name or the whole address."""
    if not words:
        return []
    seen = select(Ticket.customer_id).where(visible_to(session, current_user()))
    by_address = select(Identity.customer_id).where(Identity.value == words.lower())
    matches = or_(Customer.name.icontains(words, autoescape=True), Customer.id.in_(by_address))
    query = select(Customer).where(Customer.id.in_(seen), matches).options(selectinload(Customer.identities))
    rows = session.scalars(query.order_by(Customer.id.desc()).limit(50))
    return [
        schemas.FoundOut(type="customer", id=one.id, title=display_name(one), detail=one.language)
        for one in rows
    ]


def _queue(queue: Queue) -> schemas.QueueOut:
    return schemas.QueueOut(
        id=queue.id,
        name=queue.name,
        brand=queue.brand.slug,
        team=queue.team.name,
        open=queue.open,
        skills={one.skill.name: one.min_level for one in queue.skills},
        service_level_pct=queue.service_level_pct,
        service_level_s=queue.service_level_s,
    )


def _agent(user: User, found: Presence | None) -> schemas.AgentOut:
    state = (
        _presence(found)
        if found
        else schemas.PresenceOut(state=PresenceState.AWAY, reason="", since=user.created_at)
    )
    return schemas.AgentOut(
        id=user.id, name=user.name, team=user.team.name if user.team else None, presence=state
    )


def _presence(row: Presence) -> schemas.PresenceOut:
    return schemas.PresenceOut(state=row.state, reason=row.reason, since=row.since)

"""`/api/v1/queues`, `/api/v1/agents` and `/api/v1/search`."""

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.api import schemas
from contactcenter.api.answers import json_answer, page_arguments
from contactcenter.api.spec import responses, spec
from contactcenter.assignment.presence import force_presence, set_presence
from contactcenter.assignment.staff import AgentNow, agent_now, agents_now
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.core.paging import fetch_page
from contactcenter.customers.models import Customer
from contactcenter.customers.queries import ways_to
from contactcenter.customers.service import display_name
from contactcenter.edge.deco import token
from contactcenter.edge.requests import read_json
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.reporting.load import Load, read_load
from contactcenter.reporting.wallboard import QueueFigures, read_board
from contactcenter.tickets.access import has_visible_ticket
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
        found = agents_now(session, visible_team_ids(session, current_user()))
        items = [_agent(one) for one in found]
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
        session.flush()  # what was set is read back
        return json_answer(_presence(agent_now(session, user)))


@blueprint.get("/wallboard")
@spec.validate(resp=responses(HTTP_200=schemas.WallboardOut), skip_validation=True, tags=["queues"])
@token(Role.SUPERVISOR, Role.ADMINISTRATOR)
def wallboard() -> Response:
    """The figures of the board, from the same functions as the screen."""
    with unit_of_work() as session:
        board = read_board(session, session.get_one(User, current_user().id))
        queues = [_queue_figures(one) for one in board.queues]
        agents = [_agent(one) for one in board.agents]
        return json_answer(schemas.WallboardOut(at=board.at, queues=queues, agents=agents))


@blueprint.get("/load")
@spec.validate(resp=responses(HTTP_200=schemas.LoadReportOut), skip_validation=True, tags=["queues"])
@token(Role.SUPERVISOR, Role.ADMINISTRATOR)
def load() -> Response:
    """The load of skills and queues, from the same function as the screen."""
    with unit_of_work() as session:
        report = read_load(session, session.get_one(User, current_user().id))
        items = [_load(row) for rows in report.rows.values() for row in rows]
        closed = [queue.name for queue in report.closed]
        return json_answer(schemas.LoadReportOut(at=report.at, items=items, closed=closed))


@blueprint.get("/search")
@spec.validate(
    query=schemas.SearchQuery,
    resp=responses(HTTP_200=schemas.FoundPage),
    skip_validation=True,
    tags=["search"],
)
@token(*STAFF)
def search() -> Response:
    """Tickets by number and words, or customers by name and address."""
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
    page = fetch_page(
        session,
        select(Customer).where(has_visible_ticket(session, current_user())),
        keys=(Customer.id,),
        ways=ways_to(words),
        shown=(selectinload(Customer.identities),),
    )
    return [
        schemas.FoundOut(type="customer", id=one.id, title=display_name(one), detail=one.language)
        for one in page.items
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


def _queue_figures(one: QueueFigures) -> schemas.QueueFiguresOut:
    return schemas.QueueFiguresOut(
        id=one.queue.id,
        name=one.queue.name,
        open=one.queue.open,
        waiting=one.waiting,
        ringing=one.ringing,
        oldest_at=one.oldest_at,
        answered=one.answered,
        in_time=one.in_time,
        abandoned=one.abandoned,
        service_level_pct=one.service_level_pct,
        target_pct=one.queue.service_level_pct,
    )


def _load(row: Load) -> schemas.LoadOut:
    return schemas.LoadOut(
        kind=row.kind,
        skill=row.group.skill or None,
        level=row.group.level or None,
        queue=row.group.queue.id if row.group.queue else None,
        waiting=row.waiting,
        arrived=row.arrived,
        expected=row.expected,
        handle_s=row.handle_s,
        demand=row.demand,
        coming=row.coming,
        people=row.people,
        slots=row.slots,
        load_pct=row.load_pct,
        coming_pct=row.coming_pct,
        state=row.state,
        lacking=row.lacking,
        lacking_for_target=row.lacking_for_target,
    )


def _agent(one: AgentNow) -> schemas.AgentOut:
    team = one.user.team.name if one.user.team else None
    return schemas.AgentOut(
        id=one.user.id, name=one.user.name, team=team, presence=_presence(one), load=one.load
    )


def _presence(one: AgentNow) -> schemas.PresenceOut:
    since = one.since or one.user.created_at
    return schemas.PresenceOut(state=one.state, reason=one.reason, since=since)

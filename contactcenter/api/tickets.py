"""`/api/v1/tickets`: create, list, read, change; and the messages of one."""

from collections.abc import Collection

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Role, User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.api import schemas
from contactcenter.api.answers import answer_once, json_answer, page_arguments
from contactcenter.api.spec import responses, spec
from contactcenter.api.views import message_view, ticket_view
from contactcenter.assignment.service import transfer_to_queue
from contactcenter.conversations.access import refuse_reply
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.queries import conversations_of, get_message, timeline
from contactcenter.conversations.service import add_note, latest_conversation, receive, reply
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import Customer
from contactcenter.customers.service import address_of
from contactcenter.edge.deco import token
from contactcenter.edge.requests import expected_version, read_json, read_query
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.tickets import service
from contactcenter.tickets.access import access_ticket, has_visible_ticket
from contactcenter.tickets.models import Kind, Status, Ticket
from contactcenter.tickets.queries import TicketFilter, list_tickets

blueprint = Blueprint("api_tickets", __name__, url_prefix="/api/v1/tickets")
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


@blueprint.post("")
@spec.validate(
    json=schemas.TicketIn,
    headers=schemas.Once,
    resp=responses(HTTP_201=schemas.TicketOut),
    skip_validation=True,
    tags=["tickets"],
)
@token(*STAFF)
def create() -> Response:
    """A new ticket from a form or a program; answered by mail if it came with an address."""
    wish = read_json(schemas.TicketIn)
    with unit_of_work() as session:
        return answer_once(session, lambda: _opened(session, wish))


def _opened(session: Session, wish: schemas.TicketIn) -> Response:
    queue = find_queue(session, wish.queue, wish.brand, among=visible_team_ids(session, current_user()))
    sender = _sender(session, wish.customer)
    inbound = Inbound("form", queue.id, sender, wish.body, subject=wish.subject, kind=wish.kind)
    received = receive(session, inbound)
    if wish.priority:
        ticket = session.get_one(Ticket, received.ticket_id)
        service.edit_ticket(
            session, ticket, ticket.version, {"priority": wish.priority}, actor=current_user().actor
        )
    shown = _shown(session, received.ticket_id)
    return json_answer(shown, 201, location=f"/api/v1/tickets/{shown.id}")


@blueprint.get("")
@spec.validate(
    query=schemas.TicketQuery,
    resp=responses(HTTP_200=schemas.TicketPage),
    skip_validation=True,
    tags=["tickets"],
)
@token(*STAFF)
def index() -> Response:
    """The tickets that the caller may see, the latest change first."""
    after, limit = page_arguments()
    with unit_of_work() as session:
        page = list_tickets(session, current_user(), _filter(session), after=after, limit=limit)
        found = _conversations(session, [ticket.id for ticket in page.items])
        items = [ticket_view(ticket, found.get(ticket.id, [])) for ticket in page.items]
        return json_answer(schemas.TicketPage(items=items, next=page.next))


@blueprint.get("/<int:ticket_id>")
@spec.validate(resp=responses(HTTP_200=schemas.TicketOut), skip_validation=True, tags=["tickets"])
@token(*STAFF)
def read(ticket_id: int) -> Response:
    """One ticket."""
    with unit_of_work() as session:
        access_ticket(session, current_user(), ticket_id)
        return json_answer(_shown(session, ticket_id))


@blueprint.patch("/<int:ticket_id>")
@spec.validate(
    json=schemas.TicketChange,
    headers=schemas.Version,
    resp=responses(HTTP_200=schemas.TicketOut, HTTP_428=schemas.ErrorOut),
    skip_validation=True,
    tags=["tickets"],
)
@token(*STAFF)
def change(ticket_id: int) -> Response:
    """Change fields of the version that was read: an old one is a conflict, none at all is refused."""
    wish = read_json(schemas.TicketChange)
    user = current_user()
    with unit_of_work() as session:
        conversation = _open_conversation(session, ticket_id)
        ticket = access_ticket(session, user, ticket_id, lock=True)
        service.check_version(ticket, expected_version())
        plain = {
            name: getattr(wish, name)
            for name in ("subject", "kind", "priority")
            if getattr(wish, name) is not None
        }
        service.edit_ticket(session, ticket, ticket.version, plain, actor=user.actor)
        if wish.queue is not None:
            _move(session, ticket, conversation, find_queue(session, wish.queue, ticket.brand.slug), user)
        if "owner" in wish.model_fields_set:
            service.assign_owner(session, ticket, _owner(session, wish.owner), actor=user.actor)
        if wish.status is not None:
            service.set_status(session, ticket, wish.status, actor=user.actor)
        return json_answer(_shown(session, ticket.id))


@blueprint.get("/<int:ticket_id>/messages")
@spec.validate(
    query=schemas.Page,
    resp=responses(HTTP_200=schemas.MessagePage),
    skip_validation=True,
    tags=["tickets"],
)
@token(*STAFF)
def messages(ticket_id: int) -> Response:
    """Messages and notes over all channels, oldest first; `after` is the last `rev` that was read."""
    after, limit = page_arguments()
    with unit_of_work() as session:
        access_ticket(session, current_user(), ticket_id)
        rows = timeline(session, ticket_id, after_rev=_rev(after), limit=limit + 1)
        channels = {one.id: one.channel for one in conversations_of(session, ticket_id)}
        items = [message_view(row, channels[row.conversation_id]) for row in rows[:limit]]
        more = str(items[-1].rev) if len(rows) > limit else None
        return json_answer(schemas.MessagePage(items=items, next=more))


@blueprint.post("/<int:ticket_id>/messages")
@spec.validate(
    json=schemas.MessageIn,
    headers=schemas.Once,
    resp=responses(HTTP_201=schemas.MessageOut),
    skip_validation=True,
    tags=["tickets"],
)
@token(*STAFF)
def add_message(ticket_id: int) -> Response:
    """An answer to the customer on the ticket's channel, or a note."""
    wish = read_json(schemas.MessageIn)
    with unit_of_work() as session:
        ticket = access_ticket(session, current_user(), ticket_id)
        return answer_once(session, lambda: _said(session, ticket, wish))


def _said(session: Session, ticket: Ticket, wish: schemas.MessageIn) -> Response:
    user, conversation = current_user(), latest_conversation(session, ticket.id)
    if not wish.internal:
        refuse_reply(session, user, ticket, conversation)
    say = add_note if wish.internal else reply
    message = get_message(session, say(session, user, conversation, wish.body).message_id)
    if message is None:
        raise NotFound(_("This message does not exist."))
    return json_answer(message_view(message, conversation.channel), 201)


def find_queue(
    session: Session, wanted: str | int | None, brand: str | None, *, among: Collection[int] | None = None
) -> Queue:
    """A queue by id or name (of that brand, if one is named); without either the brand's first. Raises Invalid.

    `among`: the teams whose queues count (None: all).
    """
    query = select(Queue).order_by(Queue.id).limit(1)
    if among is not None:
        query = query.where(Queue.team_id.in_(among))
    if brand:
        query = query.where(Queue.brand.has(Brand.slug == brand))
    if isinstance(wanted, int) or (wanted or "").isdecimal():
        query = query.where(Queue.id == int(wanted or 0))
    elif wanted:
        query = query.where(Queue.name == wanted)
    queue = session.scalar(query)
    if queue is None:
        raise Invalid(_("There is no queue like that."), field="queue" if wanted else "brand")
    return queue


def _sender(session: Session, given: schemas.CustomerIn) -> Sender:
    if given.email:
        return Sender("email", given.email, given.name)
    if given.phone:
        return Sender("phone", given.phone, given.name)
    seen = select(Customer).where(Customer.id == given.id, has_visible_ticket(session, current_user()))
    customer = session.scalar(seen) if given.id else None
    if customer is None:
        raise Invalid(_("Name the customer by email, phone or id."), field="customer")
    known = customer.identities[0] if customer.identities else None
    if known is None:
        raise Invalid(_("This customer has no address."), field="customer.id")
    email = address_of(customer, "email")
    return Sender("email", email) if email else Sender(known.kind, known.value)


def _filter(session: Session) -> TicketFilter:
    """What the query narrows by. Raises Invalid for a value that there is not: a list of everything would be believed."""
    query, queue, owner = read_query(), request.args.get("queue"), request.args.get("owner")
    mine = current_user().id if owner == "me" else None
    owner_id = mine if owner in ("me", "none") else query.row_id("owner")
    status, kind = query.choice("status", ("", *Status)), query.choice("kind", ("", *Kind))
    query.check()
    return TicketFilter(
        queue_id=find_queue(session, queue, None).id if queue else None,
        owner_id=owner_id,
        unowned=owner == "none",
        status=status or None,
        kind=kind or None,
    )


def _shown(session: Session, ticket_id: int) -> schemas.TicketOut:
    session.flush()  # what was just changed is read back with its promises
    ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
    return ticket_view(ticket, conversations_of(session, ticket.id))


def _conversations(session: Session, ticket_ids: list[int]) -> dict[int, list[Conversation]]:
    query = select(Conversation).where(Conversation.ticket_id.in_(ticket_ids)).order_by(Conversation.id)
    found: dict[int, list[Conversation]] = {}
    for conversation in session.scalars(query):
        found.setdefault(conversation.ticket_id, []).append(conversation)
    return found


def _open_conversation(session: Session, ticket_id: int) -> Conversation | None:
    """Locked before the ticket, as everywhere."""
    query = select(Conversation).where(Conversation.ticket_id == ticket_id, Conversation.state != State.ENDED)
    return session.scalar(query.order_by(Conversation.id.desc()).limit(1).with_for_update(of=Conversation))


def _move(
    session: Session, ticket: Ticket, conversation: Conversation | None, queue: Queue, user: User
) -> None:
    if conversation is None:
        service.move_to_queue(session, ticket, queue, actor=user.actor)
    elif queue.id != ticket.queue_id:
        transfer_to_queue(session, user, conversation.id, queue.id)


def _owner(session: Session, user_id: int | None) -> User | None:
    owner = session.get(User, user_id) if user_id is not None else None
    if user_id is not None and (owner is None or not owner.active or not owner.has(*STAFF)):
        raise Invalid(_("There is no agent with this id."), field="owner")
    return owner


def _rev(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isdecimal() or len(after) > 9:
        raise Invalid(_("The cursor is not one this list has given out."), field="after")
    return int(after)

"""Change a ticket: status, owner, queue, snooze, fields, and the answer to "is this a complaint?"."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.service import (
    complete_conversation,
    take_conversation,
    transfer_to_agent,
    transfer_to_queue,
)
from contactcenter.assignment.wrap_up import choose_code, wrap_up_of
from contactcenter.conversations.glance import moods
from contactcenter.conversations.models import State
from contactcenter.conversations.queries import conversations_of, open_conversation_of
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.queues.service import CODE_MAX
from contactcenter.tickets import service as tickets
from contactcenter.tickets.access import access_ticket
from contactcenter.tickets.models import Kind, Status, Ticket
from contactcenter.web.console.read import STAFF

blueprint = Blueprint("console_change", __name__, url_prefix="/console/tickets/<int:ticket_id>")

MORNING = time(9)
HOURS = {"1h": timedelta(hours=1), "3h": timedelta(hours=3)}
SNOOZES = (*HOURS, "tomorrow", "monday")
PRIORITIES = (-10, 10)


@blueprint.post("/status")
@signed_in(*STAFF)
def status(ticket_id: int) -> ResponseReturnValue:
    """Move it along; every objection to solving it is one sentence."""
    user, form = current_user(), read_form()
    wanted = form.choice("status", [one.value for one in Status])
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id, lock=True)
        tickets.set_status(session, ticket, wanted, actor=user.actor)
        return _fresh(session, ticket)


@blueprint.post("/snooze")
@signed_in(*STAFF)
def snooze(ticket_id: int) -> ResponseReturnValue:
    """Let it rest for a while; an empty wish wakes it."""
    user, form = current_user(), read_form()
    wish = form.choice("until", ["", *SNOOZES])
    form.check()
    until = snooze_end(wish, clock.now(), ZoneInfo(user.zone)) if wish else None
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id, lock=True)
        tickets.snooze_ticket(session, ticket, until, actor=user.actor)
        return _fresh(session, ticket)


@blueprint.post("/assign")
@signed_in(*STAFF)
def assign(ticket_id: int) -> ResponseReturnValue:
    """Take it, give it to somebody, or hand it to a queue: with its open conversation, if it has one."""
    user, form = current_user(), read_form()
    owner_id, queue_id = form.row_id("owner"), form.row_id("queue")
    form.check()
    if (owner_id is None) == (queue_id is None):
        raise Invalid(_("Choose a colleague or a queue."))
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        if open_conversation_of(session, ticket.id) is None:
            ticket = access_ticket(
                session, user, ticket_id, lock=True
            )  # else its conversation is locked first
        if queue_id is not None:
            _to_queue(session, user, ticket, queue_id)
        elif owner_id == user.id:
            _to_me(session, user, ticket)
        else:
            _to_agent(session, user, ticket, owner_id)
        session.flush()
        return _fresh(session, ticket)


@blueprint.post("/end")
@signed_in(*STAFF)
def end(ticket_id: int) -> ResponseReturnValue:
    """End the open conversation; the ticket stays."""
    user = current_user()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        conversation = open_conversation_of(session, ticket.id)
        if conversation is None:
            raise Conflict(_("This conversation has ended already."))
        complete_conversation(session, user, conversation.id)
    return "", 204


@blueprint.post("/wrap-up")
@signed_in(*STAFF)
def wrap_up(ticket_id: int) -> ResponseReturnValue:
    """Say what a conversation that is over was about."""
    user, form = current_user(), read_form()
    conversation_id, code = form.number("conversation", low=1), form.text("code", longest=CODE_MAX)
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        if conversation_id not in {one.id for one in conversations_of(session, ticket_id)}:
            raise NotFound(_("This conversation does not exist."))
        choose_code(session, user, conversation_id, code)
        chosen = wrap_up_of(session, user, ticket)
        return render_template("console/_wrap_up.html", ticket=ticket, wrap_up=chosen)


@blueprint.get("/edit")
@signed_in(*STAFF)
def edit_form(ticket_id: int) -> ResponseReturnValue:
    """The form with the version that was seen."""
    with unit_of_work() as session:
        return _edit_page(access_ticket(session, current_user(), ticket_id))


@blueprint.post("/edit")
@signed_in(*STAFF)
def edit(ticket_id: int) -> ResponseReturnValue:
    """Subject, kind and priority; 409 with the fresh form if somebody was faster."""
    user, form = current_user(), read_form()
    version = form.number("version", low=1)
    changes = {
        "subject": form.text("subject", longest=tickets.SUBJECT_MAX),
        "kind": form.choice("kind", [one.value for one in Kind]),
        "priority": form.number("priority", low=PRIORITIES[0], high=PRIORITIES[1]),
    }
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id, lock=True)
        try:
            tickets.edit_ticket(session, ticket, version, changes, actor=user.actor)
        except Conflict as conflict:
            return _edit_page(ticket, conflict.message), conflict.status
        answer = make_response(_fresh(session, ticket))
    answer.headers["HX-Trigger"] = "cc:saved"
    return answer


@blueprint.post("/complaint")
@signed_in(*STAFF)
def answer_complaint(ticket_id: int) -> ResponseReturnValue:
    """Rule C-01: a person says whether it is one, and why."""
    user, form = current_user(), read_form()
    yes = form.choice("answer", ("yes", "no")) == "yes"
    why = form.text("why", longest=500)
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id, lock=True)
        tickets.answer_complaint(session, ticket, user, yes=yes, why=why)
        answer = make_response(_fresh(session, ticket))
    if yes:
        answer.headers["HX-Redirect"] = f"/complaints/new?ticket={ticket_id}"
    return answer


def _to_me(session: Session, user: User, ticket: Ticket) -> None:
    conversation = open_conversation_of(session, ticket.id)
    if conversation is None:
        tickets.assign_owner(session, ticket, session.get_one(User, user.id), actor=user.actor)
    elif conversation.state == State.ACTIVE:
        raise Conflict(_("Somebody is talking to this customer now. Ask for a hand-over."))
    else:
        take_conversation(session, session.get_one(User, user.id), conversation.id)


def _to_agent(session: Session, user: User, ticket: Ticket, owner_id: int | None) -> None:
    to = session.get(User, owner_id) if owner_id is not None else None
    if to is None or not to.active:
        raise NotFound(_("There is no such colleague."))
    conversation = open_conversation_of(session, ticket.id)
    if conversation is None:
        tickets.assign_owner(session, ticket, to, actor=user.actor)
    else:
        transfer_to_agent(session, user, conversation.id, to)


def _to_queue(session: Session, user: User, ticket: Ticket, queue_id: int) -> None:
    queue = session.get(Queue, queue_id)
    if queue is None:
        raise NotFound(_("This queue does not exist."))
    conversation = open_conversation_of(session, ticket.id)
    if conversation is None:
        tickets.move_to_queue(session, ticket, queue, actor=user.actor)
    else:
        transfer_to_queue(session, user, conversation.id, queue.id)


def _fresh(session: Session, ticket: Ticket) -> str:
    """The head as it is now, for the page that asked; all others get it pushed."""
    return render_template("console/_head_again.html", ticket=ticket, moods=moods(session, ticket.id))


def _edit_page(ticket: Ticket, error: str = "") -> str:
    kinds = [one.value for one in Kind]
    return render_template("console/_edit.html", ticket=ticket, kinds=kinds, error=error)


def snooze_end(wish: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When a snooze of `wish` ends: hours are hours, days end at MORNING on the wall clock of `zone`.

    Where that time falls into the hour that the clock skips it is as much later; of an hour that comes twice, the first.
    """
    if wish in HOURS:
        return now + HOURS[wish]
    today = now.astimezone(zone).date()
    day = today + timedelta(days=1 if wish == "tomorrow" else 7 - today.weekday())
    return datetime.combine(day, MORNING, zone).astimezone(UTC)

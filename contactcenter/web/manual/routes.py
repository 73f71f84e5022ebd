"""Record a phone note, letter, fax or visit; print a reply."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.channels.manual.letter import Letter, render_pdf
from contactcenter.channels.manual.service import FORMS, Record, postal_address_of, record_contact
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.conversations.personal_link import text_for_customer
from contactcenter.conversations.service import set_delivery
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, Invalid, NotFound
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.service import display_name
from contactcenter.edge.deco import signed_in
from contactcenter.edge.once import form_id, make_once
from contactcenter.edge.requests import Form, read_form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.tickets.access import access_ticket

blueprint = Blueprint("manual", __name__, url_prefix="/record")
STAFF = (Role.AGENT, Role.SUPERVISOR)
BODY_MAX = 100_000


@blueprint.get("")
@signed_in(*STAFF)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page({}, {})


@blueprint.post("")
@signed_in(*STAFF)
def record() -> ResponseReturnValue:
    """A ticket from what came on paper, by phone or in person; on to it. Sent twice, it is one ticket."""
    form = read_form()
    try:
        with unit_of_work() as session:
            me = session.get_one(User, current_user().id)
            wish = _read(session, me, form)
            ticket_id = make_once(session, form, lambda: record_contact(session, me, wish).ticket_id)
    except DomainError as error:
        if isinstance(error, Invalid) and error.field and error.field not in form.errors:
            form.errors[error.field] = error.message
        return _page(form.fields.to_dict(), form.errors or {"body": error.message}, error), 422
    return redirect(f"/console/tickets/{ticket_id}", 303)


@blueprint.post("/print/<int:message_id>")
@signed_in(*STAFF)
def print_reply(message_id: int) -> ResponseReturnValue:
    """A reply as a letter (PDF); one that waited to be printed is sent by that."""
    with unit_of_work() as session:
        me = session.get_one(User, current_user().id)
        message = session.get(Message, message_id)
        if message is None or message.internal or message.author != Author.AGENT:
            raise NotFound(_("There is no reply %(number)s to print.", number=message_id))
        ticket = access_ticket(session, me, message.ticket_id)
        conversation = session.get_one(Conversation, message.conversation_id)
        letter = Letter(
            brand=ticket.brand.name,
            recipient=display_name(ticket.customer),
            postal_address=postal_address_of(session, conversation),
            reference=f"#{ticket.id}",
            subject=ticket.subject,
            body=text_for_customer(message) if conversation.channel == "manual" else message.body,
            signed_by=message.user.name if message.user else ticket.brand.name,
            on=message.created_at.astimezone(ZoneInfo(ticket.brand.zone)).date(),
            language=ticket.language,
        )
        if conversation.channel == "manual" and message.delivery == "queued":
            set_delivery(session, message.id, "sent")
    answer = Response(render_pdf(letter), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="letter-{message_id}.pdf"'
    return answer


def _read(session: Session, me: User, form: Form) -> Record:
    teams = visible_team_ids(session, me)
    queue = session.get(Queue, form.number("queue", low=1))
    if queue is None or (teams is not None and queue.team_id not in teams):
        form.errors["queue"] = _("Choose one of your queues.")
    record = Record(
        form=form.choice("form", FORMS),
        received_at=_instant(form, ZoneInfo(me.zone)),
        queue=queue or Queue(),
        subject=form.text("subject", longest=200),
        body=form.text("body", longest=BODY_MAX),
        name=form.text("name", longest=200, required=False),
        email=form.text("email", longest=320, required=False),
        phone=form.text("phone", longest=40, required=False),
        postal_address=form.text("postal_address", longest=500, required=False),
        language=form.choice("language", LANGUAGES),
    )
    form.check()
    return record


def _instant(form: Form, zone: ZoneInfo) -> datetime:
    typed = form.text("received_at", longest=16)
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        form.errors["received_at"] = _("Write the date and time of receipt.")
        return clock.now()


def _page(values: dict[str, str], errors: dict[str, str], error: DomainError | None = None) -> str:
    with unit_of_work() as session:
        me = session.get_one(User, current_user().id)
        teams = visible_team_ids(session, me)
        query = select(Queue).order_by(Queue.name)
        queues = session.scalars(query if teams is None else query.where(Queue.team_id.in_(teams))).all()
        today = clock.now().astimezone(ZoneInfo(me.zone)).strftime("%Y-%m-%dT%H:%M")
        filled = {"form": "letter", "received_at": today, "language": me.language, **values}
        choices = [(queue.id, queue.name) for queue in queues]
        forms = [(value, _(label)) for value, label in FORMS.items()]
        choice = {"queues": choices, "forms": forms, "client_id": form_id(error)}
        return render_template("manual/record.html", form=filled, errors=errors, **choice)

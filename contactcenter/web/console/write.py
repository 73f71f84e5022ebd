"""Write: replies, notes, drafts, canned replies, outbound messages; take back and send again."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.access import refuse_reply
from contactcenter.conversations.analysis import correct_sentiment
from contactcenter.conversations.models import Conversation, Message, State
from contactcenter.conversations.ports import File, Received, channel_of
from contactcenter.conversations.queries import get_message
from contactcenter.conversations.service import (
    add_note,
    latest_conversation,
    open_conversation,
    reply,
    set_delivery,
)
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, DomainError, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.service import display_name, identify
from contactcenter.edge.deco import signed_in
from contactcenter.edge.errors import wants_json
from contactcenter.edge.once import form_id, make_once
from contactcenter.edge.requests import Form, field_errors, read_form
from contactcenter.edge.sessions import current_user
from contactcenter.knowledge.queries import canned_replies, fill_in
from contactcenter.queues.queries import queues_seen_by
from contactcenter.tickets.access import access_ticket
from contactcenter.tickets.drafts import drop_draft, keep_draft
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner, open_ticket
from contactcenter.web.console.read import STAFF

blueprint = Blueprint("console_write", __name__, url_prefix="/console")

MODES = ("reply", "note")
BODY_MAX = 200_000
OUTBOUND = "email"


@blueprint.post("/tickets/<int:ticket_id>/messages")
@signed_in(*STAFF, uploads=True)
def send(ticket_id: int) -> ResponseReturnValue:
    """A reply or a note. The same client id again is the same message; the draft is done."""
    user, form = current_user(), read_form()
    internal = form.choice("mode", MODES) == "note"
    body = form.text("body", longest=BODY_MAX, required=False)
    client_id = form.text("client_id", longest=64)
    chosen = form.row_id("conversation")
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        conversation = _conversation(session, ticket, chosen)
        if not internal:
            refuse_reply(session, user, ticket, conversation)
        say = add_note if internal else reply
        received = say(session, user, conversation, body, client_id=client_id, files=_files())
        drop_draft(session, user, ticket, internal=internal)
        answer = _rendered(session, received)
    return answer if wants_json() else redirect(f"/console/tickets/{ticket_id}", 303)


@blueprint.post("/tickets/<int:ticket_id>/draft")
@signed_in(*STAFF)
def draft(ticket_id: int) -> ResponseReturnValue:
    """Keep what is typed so far."""
    user, form = current_user(), read_form()
    internal = form.choice("mode", MODES) == "note"
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        keep_draft(session, user, ticket, form.fields.get("body", ""), internal=internal)
    return "", 204


@blueprint.get("/tickets/<int:ticket_id>/canned")
@signed_in(*STAFF)
def canned(ticket_id: int) -> ResponseReturnValue:
    """The canned replies that fit this ticket's brand and language, filled in."""
    user = current_user()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        found = canned_replies(session, brand_id=ticket.brand_id, language=ticket.language)
        customer = display_name(ticket.customer)
        replies = [
            (one, fill_in(one.body, customer=customer, agent=user.name, ticket=ticket.id)) for one in found
        ]
        return render_template("console/_canned.html", replies=replies)


@blueprint.post("/messages/<int:message_id>/mood")
@signed_in(*STAFF)
def mood(message_id: int) -> ResponseReturnValue:
    """A person corrects what the model read."""
    user, form = current_user(), read_form()
    sentiment = form.text("sentiment", longest=20)
    form.check()
    with unit_of_work() as session:
        correct_sentiment(session, user, _message(session, user, message_id), sentiment)
    return "", 204


@blueprint.post("/messages/<int:message_id>/take-back")
@signed_in(*STAFF)
def take_back(message_id: int) -> ResponseReturnValue:
    """Undo a reply that has not left yet; its text is the answer, and the draft again."""
    user = current_user()
    with unit_of_work() as session:
        message = _message(session, user, message_id, lock=True)
        if message.user_id != user.id:
            raise Conflict(_("Only who wrote this can take it back."))
        if message.delivery != "queued":
            raise Conflict(_("Too late: this message has left already."))
        set_delivery(session, message.id, "taken_back")
        ticket = access_ticket(session, user, message.ticket_id)
        keep_draft(session, user, ticket, message.body, internal=False)
        return Response(message.body, mimetype="text/plain")


@blueprint.post("/messages/<int:message_id>/retry")
@signed_in(*STAFF)
def retry(message_id: int) -> ResponseReturnValue:
    """Send a failed reply again."""
    user = current_user()
    with unit_of_work() as session:
        message = _message(session, user, message_id, lock=True)
        if message.delivery != "failed":
            raise Conflict(_("This message did not fail."))
        set_delivery(session, message.id, "queued")
        conversation = session.get_one(Conversation, message.conversation_id)
        channel_of(conversation.channel).send(session, conversation, message)
    return "", 204


@blueprint.get("/compose")
@signed_in(*STAFF)
def blank() -> ResponseReturnValue:
    """The form of an outbound message."""
    with unit_of_work() as session:
        return _compose_page(session)


@blueprint.post("/compose")
@signed_in(*STAFF)
def compose() -> ResponseReturnValue:
    """Open a ticket by writing to somebody; sent twice, it is one ticket."""
    user, form = current_user(), read_form()
    try:
        with unit_of_work() as session:
            message_id = make_once(session, form, lambda: _write_to(session, user, form).message_id)
            ticket_id = session.get_one(Message, message_id).ticket_id
    except DomainError as error:
        with unit_of_work() as session:
            return _compose_page(session, error), error.status
    response = make_response("", 204)
    response.headers["HX-Redirect"] = f"/console/tickets/{ticket_id}#message-{message_id}"
    return response


def _write_to(session: Session, user: User, form: Form) -> Received:
    email, subject = form.text("email"), form.text("subject")
    body, queue_id = form.text("body", longest=BODY_MAX), form.number("queue", low=1)
    form.check()
    queue = next((one for one in queues_seen_by(session, user) if one.id == queue_id), None)
    if queue is None:
        raise NotFound(_("This queue does not exist."))
    customer = identify(session, "email", email)
    ticket = open_ticket(session, customer, queue, subject, actor=user.actor, language=queue.brand.language)
    me = session.get_one(User, user.id)
    assign_owner(session, ticket, me, actor=user.actor)
    conversation = open_conversation(
        session, ticket, OUTBOUND, actor=user.actor, address=email, state=State.ACTIVE, agent=me
    )
    return reply(session, user, conversation, body)


def _compose_page(session: Session, error: DomainError | None = None) -> str:
    queues: list[tuple[int, str]] = [
        (queue.id, f"{queue.brand.name} · {queue.name}") for queue in queues_seen_by(session, current_user())
    ]
    sentence = " ".join(field_errors(error).values()) if error else ""
    return render_template(
        "console/_compose.html", queues=queues, form=request.form, error=sentence, client_id=form_id(error)
    )


def _conversation(session: Session, ticket: Ticket, chosen: int | None) -> Conversation:
    if chosen is None:
        return latest_conversation(session, ticket.id)
    conversation = session.get(Conversation, chosen)
    if conversation is None or conversation.ticket_id != ticket.id:
        raise NotFound(_("This conversation does not exist."))
    return conversation


def _files() -> list[File]:
    return [
        File(sent.filename or "", sent.read()) for sent in request.files.getlist("files") if sent.filename
    ]


def _message(session: Session, user: User, message_id: int, *, lock: bool = False) -> Message:
    """The message, if its ticket may be seen; locked, so that it cannot leave while it is taken back."""
    if lock:
        session.get(Message, message_id, with_for_update={"of": Message})
    message = get_message(session, message_id)
    if message is None:
        raise NotFound(_("This message does not exist."))
    access_ticket(session, user, message.ticket_id)
    return message


def _rendered(session: Session, received: Received) -> str:
    session.flush()  # attachments were added after the message
    message = get_message(session, received.message_id)
    conversation = session.get_one(Conversation, received.conversation_id)
    return render_template(
        "console/_message.html", message=message, conversation=conversation, customer=conversation.customer
    )

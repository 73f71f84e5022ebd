"""Look: the lists, one ticket, what came before and since, and who else could take it."""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role
from contactcenter.assignment.queries import colleagues
from contactcenter.assignment.service import may_take
from contactcenter.assignment.silence import is_silent
from contactcenter.assignment.wrap_up import wrap_up_of
from contactcenter.conversations import signals
from contactcenter.conversations.analysis import is_off
from contactcenter.conversations.glance import last_seqs, moods
from contactcenter.conversations.models import Author
from contactcenter.conversations.queries import conversations_of, earlier, open_conversation_of, timeline
from contactcenter.conversations.service import mark_read
from contactcenter.core.db import unit_of_work
from contactcenter.edge.deco import signed_in
from contactcenter.edge.errors import is_htmx
from contactcenter.edge.requests import Form, read_form, read_query
from contactcenter.edge.sessions import current_user
from contactcenter.live.console import put_row
from contactcenter.queues.queries import all_queues
from contactcenter.tickets.access import access_ticket
from contactcenter.web.console import view

blueprint = Blueprint("console", __name__, url_prefix="/console")

STAFF = (Role.AGENT, Role.SUPERVISOR)
VIEW_COOKIE = "candor_console_view"
WORDS_MAX = 200
REV_MAX = 2**31 - 1


@blueprint.get("")
@signed_in(*STAFF)
def index() -> ResponseReturnValue:
    """The console without an open ticket; for htmx, the list pane alone, as far down as it was open (`n` rows)."""
    query = read_query()
    wanted, words = _view(query), query.text("q", longest=WORDS_MAX, required=False)
    shown = query.number("n", high=view.ROWS_MOST, default=view.ROWS_SHOWN)
    query.check()
    with unit_of_work() as session:
        found = view.list_view(session, current_user(), wanted, words, at_least=shown)
        if wants_part():
            page = render_template("console/_list.html", list=found)
        else:
            page = render_template("console/console.html", list=found, thread=None)
    response = make_response(page)
    if not words:
        response.set_cookie(VIEW_COOKIE, wanted, samesite="Lax", httponly=True)
    return response


@blueprint.get("/rows")
@signed_in(*STAFF)
def rows() -> ResponseReturnValue:
    """The next page of a list."""
    query = read_query()
    wanted, words = _view(query), query.text("q", longest=WORDS_MAX, required=False)
    after = query.text("after", longest=400)
    query.check()
    with unit_of_work() as session:
        found = view.list_view(session, current_user(), wanted, words, after)
        return render_template("console/_rows.html", list=found)


@blueprint.get("/tabs")
@signed_in(*STAFF)
def tabs() -> ResponseReturnValue:
    """The counts."""
    wanted = _view(read_query())
    with unit_of_work() as session:
        counted = view.tabs(session, current_user())
    return render_template("console/_tabs.html", list={"view": wanted, "words": "", "tabs": counted})


@blueprint.get("/analysis")
@signed_in(*STAFF)
def analysis() -> ResponseReturnValue:
    """Whether a model reads messages: a page that is open asks now and then, for nobody else notices its silence."""
    with unit_of_work() as session:
        return render_template("console/_analysis.html", off=is_off(session))


@blueprint.get("/tickets/<int:ticket_id>")
@signed_in(*STAFF, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
def ticket(ticket_id: int) -> ResponseReturnValue:
    """One ticket: the whole console around it, or for htmx the two panes that change."""
    user = current_user()
    with unit_of_work() as session:
        thread = view.thread_view(session, user, access_ticket(session, user, ticket_id))
        if wants_part():
            return render_template("console/_opened.html", thread=thread)
        found = view.list_view(session, user, _view(Form(request.cookies), VIEW_COOKIE))
        return render_template("console/console.html", list=found, thread=thread)


@blueprint.get("/tickets/<int:ticket_id>/earlier")
@signed_in(*STAFF, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
def earlier_lines(ticket_id: int) -> ResponseReturnValue:
    """The messages before those shown."""
    user, query = current_user(), read_query()
    before = query.number("before", low=1, high=REV_MAX)
    query.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        messages = earlier(session, ticket_id, before_rev=before, limit=view.LINES_SHOWN)
        by_id = {one.id: one for one in conversations_of(session, ticket_id)}
        said = [view.Said(message, by_id[message.conversation_id]) for message in messages]
        further = messages[0].rev if messages and messages[0].rev > 1 else None
        return render_template("console/_earlier.html", ticket=ticket, lines=said, before=further)


@blueprint.get("/tickets/<int:ticket_id>/since")
@signed_in(*STAFF, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
def since(ticket_id: int) -> ResponseReturnValue:
    """What a page that was away has missed: every line above `rev`, and the head as it is now."""
    user, query = current_user(), read_query()
    rev = query.number("rev", high=REV_MAX)
    query.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        conversations = conversations_of(session, ticket_id)
        by_id = {one.id: one for one in conversations}
        messages = timeline(session, ticket_id, after_rev=rev)
        said = [view.Said(message, by_id[message.conversation_id]) for message in messages]
        scores = moods(session, ticket_id)
        return render_template(
            "console/_since.html",
            ticket=ticket,
            moods=scores,
            lines=said,
            silent=is_silent(conversations),
            wrap_up=wrap_up_of(session, user, ticket),
        )


@blueprint.post("/tickets/<int:ticket_id>/read")
@signed_in(*STAFF)
def read(ticket_id: int) -> ResponseReturnValue:
    """The agent has seen everything up to `rev`. Somebody who only looks over his shoulder changes nothing."""
    user, form = current_user(), read_form()
    rev = form.number("rev", high=REV_MAX)
    form.check()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        seqs = last_seqs(session, ticket_id, rev)
        if ticket.owner_id != user.id:
            mine = {one.id for one in conversations_of(session, ticket_id) if one.agent_id == user.id}
            seqs = {one: seq for one, seq in seqs.items() if one in mine}
        news = [one for one in seqs.items() if mark_read(session, *one, by=Author.AGENT) is not None]
    for conversation_id, seq in news:
        signals.send(
            signals.Signal("read", ticket_id, conversation_id, Author.AGENT, seq=seq, name=user.name)
        )
    if news:
        put_row(ticket_id)
    return "", 204


@blueprint.get("/tickets/<int:ticket_id>/assign")
@signed_in(*STAFF)
def assignable(ticket_id: int) -> ResponseReturnValue:
    """Whom it could be handed to."""
    user = current_user()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        people = colleagues(session, user, ticket)
        queues = [queue for queue in all_queues(session) if queue.id != ticket.queue_id]
        waiting = open_conversation_of(session, ticket.id)
        mine = waiting is None or (waiting.agent_id is None and may_take(session, user, waiting))
        return render_template("console/_assign.html", ticket=ticket, people=people, queues=queues, mine=mine)


def wants_part() -> bool:
    """Whether htmx asks for a pane; going back in the history asks for the whole page."""
    return is_htmx() and request.headers.get("HX-Request-Type") == "partial"


def _view(query: Form, name: str = "view") -> str:
    """The list that is open: asked for, else the one opened last, else one's own."""
    for wish in (query.fields.get(name, ""), request.cookies.get(VIEW_COOKIE, "")):
        if wish in view.VIEWS:
            return wish
    return "mine"

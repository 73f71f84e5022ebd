"""The wallboard, and what a supervisor may do from it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_supervise
from contactcenter.assignment.presence import AWAY_REASONS, BREAK_REASONS, force_presence
from contactcenter.assignment.service import transfer_to_agent, transfer_to_queue
from contactcenter.assignment.staff import AgentNow
from contactcenter.complaints import verify
from contactcenter.complaints.lists import clocks_near
from contactcenter.complaints.rules import load_rules
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.health import Health, all_health
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form, read_query
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.queues.service import edit_queue
from contactcenter.reporting.complaints import read_complaints
from contactcenter.reporting.demand import NEWEST_N
from contactcenter.reporting.load import SHORT_PCT, TIGHT_PCT, read_load
from contactcenter.reporting.satisfaction import PERIODS
from contactcenter.reporting.wallboard import Board, read_board
from contactcenter.tickets.access import visible_to
from contactcenter.tickets.models import Ticket

blueprint = Blueprint("supervisor", __name__, url_prefix="/supervisor")
WATCHED_MAX = 50
NEAR_S = 3 * 86_400  # complaints whose next date is nearer than this stand on the board
FORCED_STATES = ("ready", "break", "away")


@blueprint.get("")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def wallboard() -> ResponseReturnValue:
    """The board of one's teams."""
    with unit_of_work() as session:
        return render_template("supervisor/wallboard.html", **_context(session))


@blueprint.get("/board")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def board() -> ResponseReturnValue:
    """The same without the page around it: what an open board fetches when something moved."""
    with unit_of_work() as session:
        return render_template("supervisor/_board.html", **_context(session))


@blueprint.get("/load")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def load() -> ResponseReturnValue:
    """How loaded each skill and queue of one's teams is, and where routing cannot help."""
    with unit_of_work() as session:
        report = read_load(session, _me(session))
        return render_template(
            "supervisor/load.html",
            report=report,
            tight_pct=TIGHT_PCT,
            short_pct=SHORT_PCT,
            newest_n=NEWEST_N,
        )


@blueprint.get("/complaints")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def complaints() -> ResponseReturnValue:
    """How the complaints that one may see stand, and what came of those of a period."""
    query = read_query()
    period = query.choice("period", PERIODS, default="90_days")
    query.check()
    with unit_of_work() as session:
        return render_template(
            "supervisor/complaints.html",
            report=read_complaints(session, _me(session), period),
            period=period,
            fixes={rule.id: _(rule.how_to_fix) for rule in load_rules().values() if rule.how_to_fix},
        )


@blueprint.post("/agents/<int:user_id>/state")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def force_state(user_id: int) -> ResponseReturnValue:
    """Set what somebody of one's team does; he sees by whom."""
    form = read_form()
    state = form.choice("state", FORCED_STATES)
    reason = form.text("reason", longest=80, required=state != "ready")
    form.check()
    with unit_of_work() as session:
        force_presence(session, _me(session), _agent(session, user_id), state, reason)
    return board()


@blueprint.post("/queues/<int:queue_id>/open")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def open_queue(queue_id: int) -> ResponseReturnValue:
    """Open or close a queue of one's team, at once."""
    wanted = read_form().flag("open")
    with unit_of_work() as session:
        me, queue = _me(session), session.get(Queue, queue_id, with_for_update={"of": Queue})
        if queue is None or not may_supervise(session, me, queue.team_id):
            raise NotFound(_("There is no such queue among yours."))
        edit_queue(session, queue, queue.version, {"open": wanted}, actor=me.actor)
    return board()


@blueprint.post("/conversations/<int:conversation_id>/move")
@signed_in(Role.SUPERVISOR, Role.ADMINISTRATOR)
def move(conversation_id: int) -> ResponseReturnValue:
    """Give work to another agent (`agent:5`) or queue (`queue:7`); it keeps its age."""
    kind, _colon, number = read_form().text("to", longest=40).partition(":")
    if kind not in {"agent", "queue"} or not number.isdecimal() or len(number) > 18:
        raise Invalid(_("Choose an agent or a queue."), field="to")
    with unit_of_work() as session:
        me = _me(session)
        if kind == "agent":
            transfer_to_agent(session, me, conversation_id, _agent(session, int(number)))
        else:
            transfer_to_queue(session, me, conversation_id, int(number))
    return board()


def _context(session: Session) -> dict[str, object]:
    me = _me(session)
    seen = read_board(session, me)
    return {
        "board": seen,
        "work": _work(session, me),
        "near": clocks_near(session, me, before=clock.after(NEAR_S)),
        "troubles": [(_trouble(one), one.reason) for one in all_health(session) if not one.ok],
        "break_reasons": BREAK_REASONS,
        "away_reasons": AWAY_REASONS,
        "targets": _targets(seen),
    }


def _trouble(part: Health) -> str:
    """What it means for people that a part fails; why it does, its own words say in English."""
    if part.name == "nlp":
        return _("Messages are not read by the model now; everything else works.")
    if part.name == verify.HEALTH:
        return _("The record of complaints does not prove itself.")
    kind, _space, name = part.name.partition(" ")
    if kind == "task":
        return _("A job fails again and again, and is tried ever more seldom: %(task)s.", task=name)
    return _("Mail to %(address)s is not fetched.", address=name) if kind == "mailbox" else part.name


def _work(session: Session, me: User) -> list[Conversation]:
    """Open conversations, those that wait longest first, ready to show."""
    ticket = joinedload(Conversation.ticket)
    query = (
        select(Conversation)
        .join(Ticket, Ticket.id == Conversation.ticket_id)
        .where(visible_to(session, me), Conversation.state.in_((State.WAITING, State.OFFERED, State.ACTIVE)))
        .options(
            ticket.joinedload(Ticket.customer),
            ticket.joinedload(Ticket.queue),
            joinedload(Conversation.agent),
        )
    )
    waiting_first = (Conversation.state == State.ACTIVE, Conversation.enqueued_at)
    return list(session.scalars(query.order_by(*waiting_first).limit(WATCHED_MAX)))


def _targets(seen: Board) -> list[tuple[str, str]]:
    agents = [(f"agent:{one.user.id}", one.user.name) for one in seen.agents if _at_work(one)]
    return agents + [
        (f"queue:{one.queue.id}", _("Queue: %(name)s", name=one.queue.name)) for one in seen.queues
    ]


def _at_work(agent: AgentNow) -> bool:
    return agent.state in {"ready", "busy", "wrap_up"}


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)


def _agent(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None or not user.has(Role.AGENT) or not may_supervise(session, _me(session), user.team_id):
        raise NotFound(_("There is no such agent in your teams."))
    return user

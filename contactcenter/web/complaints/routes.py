"""The complaints desk, opening a case, one case and its steps."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints
from contactcenter.complaints.access import FRONT_STEPS, View, access_case, refuse_step
from contactcenter.complaints.model import Violation
from contactcenter.complaints.queries import STEPS, list_open_cases, view_case, view_status
from contactcenter.complaints.service import apply, dry_run, open_case
from contactcenter.conversations.models import Author, Message
from contactcenter.conversations.service import latest_conversation
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, DomainError, NotAllowed, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import field_errors, read_form, read_query
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import access_ticket
from contactcenter.tickets.service import answer_complaint
from contactcenter.web.complaints import forms

blueprint = Blueprint("complaints", __name__, url_prefix="/complaints")
EVERYBODY = (Role.AGENT, Role.SUPERVISOR, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
OPENERS = (Role.AGENT, Role.SUPERVISOR)  # whoever speaks with customers
STORY_MAX = 20_000


@blueprint.get("")
@signed_in(*EVERYBODY)
def index() -> ResponseReturnValue:
    """Open cases, the nearest date first."""
    with unit_of_work() as session:
        cases = list_open_cases(session, _me(session))
        return render_template("complaints/index.html", cases=cases, now=clock.now())


@blueprint.get("/new")
@signed_in(*OPENERS)
def new() -> ResponseReturnValue:
    """Open a complaint from a ticket: its words are there already, nobody tells the story twice."""
    return _opening(read_query().number("ticket", low=1), {})


@blueprint.post("")
@signed_in(*OPENERS)
def create() -> ResponseReturnValue:
    """Take it in; receipt and acknowledgement go out by themselves."""
    form = read_form()
    ticket_id = form.number("ticket", low=1)
    text = form.text("text", longest=STORY_MAX)
    about = form.choices("subjects", [user.actor for user in _staff()])
    if form.errors:
        return _opening(ticket_id, form.errors), 422
    with unit_of_work() as session:
        me = _me(session)
        _refuse_sales(me)
        ticket = access_ticket(session, me, ticket_id, lock=True)
        if ticket.complaint_answer is None:
            answer_complaint(session, ticket, me, yes=True, why=_("Opened as a complaint."))
        channel = latest_conversation(session, ticket.id).channel
        case = open_case(
            session,
            ticket,
            actor=me.actor,
            text=text,
            channel=channel,
            received_at=ticket.created_at,
            subjects=about,
        )
        reference = case.reference
    flash(
        _("The complaint %(reference)s is open, and its customer has been told.", reference=reference), "good"
    )
    return redirect(f"/complaints/{reference}", 303)


@blueprint.get("/<reference>")
@signed_in(*EVERYBODY)
def show(reference: str) -> ResponseReturnValue:
    """One case: everything for those who handle complaints, where it stands for the ticket's team."""
    return _case_page(reference, "", {})


@blueprint.post("/<reference>/events/<event>")
@signed_in(*EVERYBODY)
def act(reference: str, event: str) -> ResponseReturnValue:
    """Do one step, or show beside the button every rule that forbids it."""
    if event not in forms.FORMS:
        raise NotFound(_("There is no such step."))
    form = read_form()
    try:
        with unit_of_work() as session:
            me = _me(session)
            case, seen = access_case(session, me, reference)
            refuse_step(seen, event)
            data = forms.read_data(event, form, view_case(session, case), _staff_of(session))
            outcome = apply(session, case, event, me.actor, data)
    except DomainError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return _case_page(reference, event, field_errors(error)), error.status
    if outcome.accepted:
        flash(_("Done."), "good")
        return redirect(f"/complaints/{reference}", 303)
    return _case_page(reference, event, {}, outcome.violations), Conflict.status


def _case_page(reference: str, event: str, errors: dict[str, str], refused: Sequence[Violation] = ()) -> str:
    with unit_of_work() as session:
        me = _me(session)
        case, seen = access_case(session, me, reference)
        steps = FRONT_STEPS if seen is View.STATUS else forms.FORMS
        view = view_case(session, case)
        context = {
            "case": case,
            "steps": STEPS,
            "choices": [one for one in dry_run(session, case, me.actor) if one.event in steps],
            "forms": forms.FORMS,
            "findings": forms.FINDINGS,
            "labels": forms.labels,
            "defaults": forms.defaults(view, me, clock.now()),
            "staff": [(user.actor, user.name) for user in _staff_of(session)],
            "opened": event,
            "errors": errors,
            "refused": refused,
        }
        if seen is View.STATUS:
            status = view_status(session, case)
            return render_template("complaints/status.html", status=status, view=forms.NO_EVIDENCE, **context)
        return render_template("complaints/case.html", view=view, **context)


def _opening(ticket_id: int, errors: dict[str, str]) -> str:
    with unit_of_work() as session:
        me = _me(session)
        _refuse_sales(me)
        ticket = access_ticket(session, me, ticket_id)
        if ticket.complaint_ref is not None:
            raise Conflict(
                _("This ticket has the complaint %(reference)s already.", reference=ticket.complaint_ref)
            )
        query = select(Message.body).where(Message.ticket_id == ticket.id, Message.author == Author.CUSTOMER)
        story = "\n\n".join(session.scalars(query.order_by(Message.rev)))
        people = [(user.actor, user.name) for user in _staff_of(session)]
        return render_template("complaints/new.html", ticket=ticket, story=story, staff=people, errors=errors)


def _refuse_sales(me: User) -> None:
    if not may_see_complaints(me):
        raise NotAllowed(_("Your role may not read complaint data."))


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)


def _staff() -> list[User]:
    with unit_of_work() as session:
        return _staff_of(session)


def _staff_of(session: Session) -> list[User]:
    """Everybody who may act in a complaint."""
    query = select(User).where(User.active, User.service.is_(False)).order_by(User.name)
    return [user for user in session.scalars(query) if may_see_complaints(user)]

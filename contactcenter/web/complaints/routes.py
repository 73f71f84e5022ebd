"""The complaints desk, opening a case, one case, its steps and its customer's links."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints
from contactcenter.complaints import words
from contactcenter.complaints.access import FRONT_STEPS, View, access_case, refuse_step
from contactcenter.complaints.comparison import compare
from contactcenter.complaints.follow_ups import VIEWS as FOLLOW_UPS
from contactcenter.complaints.follow_ups import count_follow_ups, list_follow_ups
from contactcenter.complaints.letter_kinds import WRITES
from contactcenter.complaints.links import count_links, revoke_links
from contactcenter.complaints.lists import VIEWS, Wish, count_cases, list_cases
from contactcenter.complaints.model import Violation
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.post import can_write, renew_link
from contactcenter.complaints.precedents import find_neighbours
from contactcenter.complaints.queries import STEPS, view_case, view_status, words_of
from contactcenter.complaints.render import LINK_HERE
from contactcenter.complaints.reported import view_reports
from contactcenter.complaints.service import PreviewedLetter, apply, dry_run, open_case, preview
from contactcenter.conversations.service import latest_conversation
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, DomainError, NotAllowed, NotFound, NotSignedIn
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.errors import answer_http, answer_refusal, wants_json
from contactcenter.edge.once import form_id, make_once
from contactcenter.edge.requests import Form, field_errors, read_form, read_query
from contactcenter.edge.security import comes_from_us
from contactcenter.edge.sessions import current_user
from contactcenter.reporting.satisfaction import PERIODS, satisfaction_with_complaints
from contactcenter.tickets.access import access_ticket, may_see
from contactcenter.tickets.service import answer_complaint
from contactcenter.web.complaints import forms

blueprint = Blueprint("complaints", __name__, url_prefix="/complaints")
EVERYBODY = (Role.AGENT, Role.SUPERVISOR, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
OPENERS = (Role.AGENT, Role.SUPERVISOR)  # whoever speaks with customers
STORY_MAX = 20_000
NOTHING: MultiDict[str, str] = MultiDict()
Errors = Mapping[str, str]


@blueprint.get("")
@signed_in(*EVERYBODY)
def index() -> ResponseReturnValue:
    """Cases, the nearest date first: all that are open, mine, late, due soon, or over."""
    query = read_query()
    wish = Wish(
        query.choice("view", VIEWS, default=VIEWS[0]), query.choice("state", ("", *words.STATES), default="")
    )
    period = query.choice("period", PERIODS, default=next(iter(PERIODS)))
    query.check()
    with unit_of_work() as session:
        me = _me(session)
        return render_template(
            "complaints/index.html",
            page=list_cases(session, me, wish, after=request.args.get("after")),
            counts=count_cases(session, me, wish.state),
            follow_ups=count_follow_ups(session, me),
            wish=wish,
            satisfaction=satisfaction_with_complaints(session, me, period),
            now=clock.now(),
        )


@blueprint.get("/follow-ups")
@signed_in(*EVERYBODY)
def follow_ups() -> ResponseReturnValue:
    """The contacts that follow what was settled: late, due today or coming, and whose turn each is."""
    query = read_query()
    view = query.choice("view", FOLLOW_UPS, default=FOLLOW_UPS[0])
    query.check()
    with unit_of_work() as session:
        me = _me(session)
        return render_template(
            "complaints/follow_ups.html",
            page=list_follow_ups(session, me, view, after=request.args.get("after")),
            follow_ups=count_follow_ups(session, me),
            counts=count_cases(session, me),
            view=view,
        )


@blueprint.get("/new")
@signed_in(*OPENERS)
def new() -> ResponseReturnValue:
    """Open a complaint from a ticket: its words are there already, nobody tells the story twice."""
    return _opening(read_query().number("ticket", low=1), {}, client_id=form_id())


@blueprint.post("")
@signed_in(*OPENERS)
def create() -> ResponseReturnValue:
    """Take it in; receipt and acknowledgement go out by themselves."""
    form = read_form()
    ticket_id = form.number("ticket", low=1)
    try:
        reference = _open(form, ticket_id)
    except DomainError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return _opening(ticket_id, field_errors(error), form.fields, form_id(error)), error.status
    flash(
        _("The complaint %(reference)s is open, and its customer has been told.", reference=reference), "good"
    )
    return redirect(f"/complaints/{reference}", 303)


@blueprint.get("/<reference>")
@signed_in(*EVERYBODY)
def show(reference: str) -> ResponseReturnValue:
    """One case: everything for those who handle complaints, where it stands for the ticket's team."""
    query = read_query()
    before = query.row_id("before")
    query.check()
    return _case_page(reference, before=before)


@blueprint.post("/<reference>/events/<event>")
@signed_in(*EVERYBODY)
def act(reference: str, event: str) -> ResponseReturnValue:
    """Do one step, or show beside the button every rule that forbids it; what was typed stays in its form."""
    form = read_form()
    try:
        with unit_of_work() as session:
            me, case, data = _wished(session, reference, event, form)
            outcome = apply(session, case, event, me.actor, data)
    except DomainError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return _case_page(reference, event, field_errors(error), typed=form.fields), error.status
    if outcome.accepted:
        flash(_("Done."), "good")
        return redirect(f"/complaints/{reference}", 303)
    return _case_page(reference, event, refused=outcome.violations, typed=form.fields), Conflict.status


@blueprint.post("/<reference>/events/<event>/preview")
@signed_in(*EVERYBODY)
def show_letter(reference: str, event: str) -> ResponseReturnValue:
    """The letter that a step would send, beside its form, or what forbids the step; nothing is done."""
    form = read_form()
    try:
        with unit_of_work() as session:
            me, case, data = _wished(session, reference, event, form)
            shown = preview(session, case, event, me.actor, data)
    except DomainError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        return _case_page(reference, event, field_errors(error), typed=form.fields), error.status
    return _case_page(reference, event, refused=shown.violations, typed=form.fields, letters=shown.letters)


def _wished(
    session: Session, reference: str, event: str, form: Form
) -> tuple[User, ComplaintCase, dict[str, Any]]:  # Any: JSON of the event
    """Who wants the step, on which case, with what data. Raises NotFound, NotAllowed, Invalid."""
    if event not in forms.FORMS:
        raise NotFound(_("There is no such step."))
    me = _me(session)
    case, seen = access_case(session, me, reference)
    refuse_step(seen, event)
    return me, case, forms.read_data(event, form, view_case(session, case), _staff_of(session))


@blueprint.post("/<reference>/links/renew")
@signed_in(*EVERYBODY)
def renew(reference: str) -> ResponseReturnValue:
    """Send the customer a new link, to an address we know."""
    with unit_of_work() as session:
        me = _me(session)
        case, _seen = access_case(session, me, reference)
        if not can_write(session, case):
            raise Conflict(_("There is no address that we could write to."))
        renew_link(session, case, actor=me.actor)
    flash(_("The customer gets a new link."), "good")
    return redirect(f"/complaints/{reference}", 303)


@blueprint.post("/<reference>/links/revoke")
@signed_in(*EVERYBODY)
def revoke(reference: str) -> ResponseReturnValue:
    """End every link of the case, for instance because a mail went to the wrong person."""
    with unit_of_work() as session:
        me = _me(session)
        case, _seen = access_case(session, me, reference)
        revoke_links(session, case, actor=me.actor)
    flash(_("No link to this complaint opens any more. Send the customer a new one."), "good")
    return redirect(f"/complaints/{reference}", 303)


@blueprint.errorhandler(CSRFError)
def keep_typed(error: CSRFError) -> ResponseReturnValue:
    """A form whose token has gone comes back as it was typed, with a new token: it is sent again by one click."""
    form, errors = read_form(), {"": _("This form was out of date. Look it over and send it again.")}
    asked = request.view_args or {}
    try:
        if request.endpoint == "complaints.create":
            page = _opening(form.number("ticket", low=1), errors, form.fields, form_id(error))
        else:
            page = _case_page(asked["reference"], asked.get("event", ""), errors, typed=form.fields)
    except DomainError as refusal:  # nobody answers what an error's own answer raises
        return answer_refusal(refusal)
    return page, NotAllowed.status


@blueprint.errorhandler(NotSignedIn)
def keep_written(error: NotSignedIn) -> ResponseReturnValue:
    """Whoever was signed out while he wrote keeps his words: the page holds them until he has signed in again."""
    try:
        fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    except HTTPException as refusal:  # too much; nobody answers what an error's own answer raises
        return answer_http(refusal)
    if not fields or wants_json() or not comes_from_us():
        return answer_refusal(error)
    reference = (request.view_args or {}).get("reference", "")
    back = urlencode({"next": f"/complaints/{reference}".rstrip("/")})
    page = render_template("complaints/signed_out.html", fields=fields, action=request.path, back=back)
    return page, NotSignedIn.status


def _open(form: Form, ticket_id: int) -> str:
    """The reference of the case opened from the form."""
    with unit_of_work() as session:
        text = form.text("text", longest=STORY_MAX)
        about = form.choices("subjects", [user.actor for user in _staff_of(session)])
        form.check()
        me = _me(session)
        _refuse_sales(me)
        case_id = make_once(session, form, lambda: _open_case(session, me, ticket_id, text, about).id)
        return session.get_one(ComplaintCase, case_id).reference


def _open_case(session: Session, me: User, ticket_id: int, text: str, about: Sequence[str]) -> ComplaintCase:
    ticket = access_ticket(session, me, ticket_id, lock=True)
    if ticket.complaint_answer is None:
        answer_complaint(session, ticket, me, yes=True, why=_("Opened as a complaint."))
    return open_case(
        session,
        ticket,
        actor=me.actor,
        text=text,
        channel=latest_conversation(session, ticket.id).channel,
        received_at=ticket.created_at,
        subjects=about,
    )


def _case_page(
    reference: str,
    event: str = "",
    errors: Errors | None = None,
    *,
    refused: Sequence[Violation] = (),
    typed: MultiDict[str, str] = NOTHING,
    before: int | None = None,
    letters: Sequence[PreviewedLetter] = (),
) -> str:
    with unit_of_work() as session:
        me = _me(session)
        case, seen = access_case(session, me, reference)
        steps = FRONT_STEPS if seen is View.STATUS else forms.FORMS
        view = view_case(session, case, before=before)
        reported = view_reports(session, case, view.facts)
        precedents = find_neighbours(session, case)
        context = {
            "case": case,
            "steps": STEPS,
            "choices": [
                one for one in dry_run(session, case, me.actor, precedents=precedents) if one.event in steps
            ],
            "forms": forms.FORMS,
            "labels": forms.labels,
            "defaults": forms.defaults(view, me, clock.now(), reported.at_hand),
            "reported": reported,
            "staff": [(user.actor, user.name) for user in _staff_of(session)],
            "opened": event,
            "errors": errors or {},
            "refused": refused,
            "typed": typed,
            "nothing": NOTHING,
            "letters": letters,
            "link_here": LINK_HERE,
            "writes": WRITES,
            "links": _links(session, case),
            "may_open_ticket": may_see(session, me, case.ticket),
        }
        if seen is View.STATUS:
            status = view_status(session, case, before=before)
            return render_template("complaints/status.html", status=status, view=forms.NO_EVIDENCE, **context)
        return render_template(
            "complaints/case.html", view=view, compared=compare(session, me, case, precedents), **context
        )


def _links(session: Session, case: ComplaintCase) -> dict[str, int | bool]:
    return {"n": count_links(session, case), "can_write": can_write(session, case)}


def _opening(
    ticket_id: int, errors: Errors, typed: MultiDict[str, str] = NOTHING, client_id: str = ""
) -> str:
    with unit_of_work() as session:
        me = _me(session)
        _refuse_sales(me)
        ticket = access_ticket(session, me, ticket_id)
        if ticket.complaint_ref is not None:
            raise Conflict(
                _("This ticket has the complaint %(reference)s already.", reference=ticket.complaint_ref)
            )
        story, whole = words_of(session, ticket, longest=STORY_MAX)
        return render_template(
            "complaints/new.html",
            ticket=ticket,
            story=typed.get("text", story),
            whole=whole,
            staff=[(user.actor, user.name) for user in _staff_of(session)],
            about=typed.getlist("subjects"),
            client_id=client_id,
            errors=errors,
        )


def _refuse_sales(me: User) -> None:
    if not may_see_complaints(me):
        raise NotAllowed(_("Your role may not read complaint data."))


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)


def _staff_of(session: Session) -> list[User]:
    """Everybody who may act in a complaint."""
    query = select(User).where(User.active, User.service.is_(False)).order_by(User.name)
    return [user for user in session.scalars(query) if may_see_complaints(user)]

"""The public status page of a complaint. Reading changes no complaint (mail scanners follow links); what is done is a POST."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from contactcenter.complaints.links import case_behind
from contactcenter.complaints.mailbox import notes_of
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.own_file import own_file
from contactcenter.complaints.post import ask_for_link, can_write
from contactcenter.complaints.queries import STEPS, view_status
from contactcenter.complaints.references import read_reference
from contactcenter.complaints.render import money_text, promise_of, subject_of
from contactcenter.complaints.service import dry_run
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, DomainError, NotFound, TooMany
from contactcenter.core.i18n import LANGUAGES, speak
from contactcenter.core.i18n import gettext as _
from contactcenter.core.idempotency import KeyReused
from contactcenter.core.ids import new_token
from contactcenter.core.security import digest
from contactcenter.edge.deco import proof, public
from contactcenter.edge.language import ARGUMENT, COOKIE
from contactcenter.edge.limits import check_rate, limiter, who_asks
from contactcenter.edge.requests import Form, read_form, read_query
from contactcenter.web.portal.actions import ACTIONS, FILES_MAX
from contactcenter.web.portal.words import clock_name, sentence_of

blueprint = Blueprint("portal", __name__, url_prefix="/complaint")
CONTACT_MAX = 320
PACE = "30 per minute"
ASKING_PACE = ("5 per minute", "30 per hour")
LINKS_PACE = "3 per hour"  # for one reference and address
NOTHING: MultiDict[str, str] = MultiDict()


@blueprint.get("")
@public
def lost() -> ResponseReturnValue:
    """Ask for a new link with the reference and the address one complained from."""
    return _lost_page(200)


@blueprint.post("")
@proof()
def ask() -> ResponseReturnValue:
    """Always the same answer, so that nobody learns which references and addresses exist."""
    form = read_form()
    reference = form.text("reference", longest=40)
    contact = form.text("contact", longest=CONTACT_MAX)
    if form.errors:
        return _lost_page(422, form.errors, form.fields)
    try:
        for rule in ASKING_PACE:
            check_rate(rule, "complaint-links", who_asks())
        named = f"{read_reference(reference) or reference} {contact}"
        check_rate(LINKS_PACE, "complaint-link", digest(named.casefold()))
    except TooMany as error:
        return _too_many(_lost_page(error.status, {"": error.message}, form.fields), error)
    with unit_of_work() as session:
        ask_for_link(session, reference, contact)
    return _lost_page(200, asked=True)


@blueprint.get("/<token>")
@limiter.limit("60 per minute")
@proof()
def status(token: str) -> ResponseReturnValue:
    """Where it stands: step, who holds the ball, next date, what was said, what may be done."""
    query = read_query()
    before = query.row_id("before")
    query.check()
    with unit_of_work() as session:
        case = _case(session, token)
        if case is None:
            return _lost_page(NotFound.status, expired=True)
        return _page(session, token, case, before=before)


@blueprint.get("/<token>/file")
@limiter.limit("20 per minute")
@proof()
def file(token: str) -> ResponseReturnValue:
    """The customer's own copy of the whole file, to keep: one page that stands alone."""
    with unit_of_work() as session:
        case = _case(session, token)
        if case is None:
            return _lost_page(NotFound.status, expired=True)
        copy = own_file(session, case)
        if copy is None:
            page = _page(
                session,
                token,
                case,
                _(
                    "The log of this complaint does not verify, so we give out no copy. We are looking into it."
                ),
            )
            page.status_code = Conflict.status
            return page
        words = {"subject_of": subject_of, "clock_name": clock_name, "sentence": sentence_of(case.state)}
        answer = _unseen(
            make_response(render_template("portal/own_file.html", file=copy, at=clock.now(), **words))
        )
    answer.headers["Content-Disposition"] = f'attachment; filename="{case.reference}.html"'
    return answer


def opens_a_case() -> bool:
    """Whether the address of this request carries a living link."""
    with unit_of_work() as session:
        return _case(session, (request.view_args or {}).get("token", "")) is not None


@blueprint.post("/<token>/<action>")
@proof(may_upload=opens_a_case)
def act(token: str, action: str) -> ResponseReturnValue:
    """One of ACTIONS. What is refused says why, changes nothing, and leaves what was typed in its form."""
    if action not in ACTIONS:
        raise NotFound(_("There is no such step."))
    form = read_form()
    try:
        check_rate(PACE, "complaint-page", who_asks())
        with unit_of_work() as session:
            case = _case(session, token)
            if case is None:
                return _lost_page(NotFound.status, expired=True)
            outcome = ACTIONS[action](session, case, form)
    except DomainError as error:
        return _refused(token, action, form, _said(error), error)
    if outcome is not None and not outcome.accepted:
        sentence = " ".join(one.message for one in outcome.violations)
        return _refused(token, action, form, sentence, Conflict(sentence))
    flash(_("Thank you. We have noted it."), "good")
    return redirect(f"/complaint/{token}", 303)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """What was sent was not even read: say so on the page it came from."""
    limit = get_settings().upload_max_bytes // 1_048_576
    sentence = _(
        "That is too large: at most %(limit)s MB at once. Send less, or in several parts.", limit=limit
    )
    asked = request.view_args or {}
    if "token" not in asked:
        return _lost_page(RequestEntityTooLarge.code, {"": sentence})
    with unit_of_work() as session:
        case = _case(session, asked["token"])
        if case is None:
            return _lost_page(RequestEntityTooLarge.code, expired=True)
        page = _page(session, asked["token"], case, sentence, action=asked.get("action", ""))
    page.status_code = RequestEntityTooLarge.code
    return page


def _case(session: Session, token: str) -> ComplaintCase | None:
    """The case behind a living link, its language spoken from here on unless the visitor chose another."""
    case = case_behind(session, token) if len(token) < 200 else None
    if case is None:
        return None
    chosen = request.args.get(ARGUMENT) or request.cookies.get(COOKIE)
    speak(chosen if chosen in LANGUAGES else case.language, case.zone)
    return case


def _page(
    session: Session,
    token: str,
    case: ComplaintCase,
    error: str = "",
    *,
    action: str = "",
    typed: MultiDict[str, str] = NOTHING,
    before: int | None = None,
) -> Response:
    choices = dry_run(session, case, case.customer.actor)
    view = view_status(session, case, before=before)
    page = render_template(
        "portal/complaint.html",
        status=view,
        sentence=sentence_of(view.state),
        notes=notes_of(session, case),
        here_only=not can_write(session, case),
        promise_of=promise_of,
        clock_name=clock_name,
        subject_of=subject_of,
        money=lambda minor: money_text(minor, view.calendar),
        token=token,
        steps=STEPS,
        allowed={one.event for one in choices if one.allowed and one.offered},
        error=error,
        action=action,
        typed=typed,
        client_id=typed.get("client_id") or new_token(16),
        files_max=FILES_MAX,
        upload_max_bytes=get_settings().upload_max_bytes,
    )
    return _unseen(make_response(page))


def _lost_page(
    code: int,
    errors: Mapping[str, str] | None = None,
    typed: MultiDict[str, str] = NOTHING,
    *,
    expired: bool = False,
    asked: bool = False,
) -> Response:
    page = render_template(
        "portal/lost_link.html", errors=errors or {}, typed=typed, expired=expired, asked=asked
    )
    return _unseen(make_response(page, code))


def _unseen(response: Response) -> Response:
    """No cache, no search engine and no other site learns the address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _refused(token: str, action: str, form: Form, sentence: str, error: DomainError) -> Response:
    with unit_of_work() as session:
        case = _case(session, token)
        if case is None:
            return _lost_page(NotFound.status, expired=True)
        typed = form.fields.copy()
        if isinstance(error, KeyReused):
            typed.poplist("client_id")  # what he sends now is something new
        page = _page(session, token, case, sentence, action=action, typed=typed)
    page.status_code = error.status
    return _too_many(page, error) if isinstance(error, TooMany) else page


def _too_many(page: Response, error: TooMany) -> Response:
    page.headers["Retry-After"] = str(error.retry_after_s)
    return page


def _said(error: DomainError) -> str:
    """The sentence of the first field that is wrong: each of these forms asks for one thing."""
    return next((str(one["message"]) for one in error.details if "message" in one), error.message)

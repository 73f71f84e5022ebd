"""The public status page of a complaint. Reading changes nothing (mail scanners follow links); what is done is a POST."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.complaints.answers import answer_expectation, answer_survey
from contactcenter.complaints.links import case_behind
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.queries import STEPS, view_status
from contactcenter.complaints.service import Outcome, apply, dry_run
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author
from contactcenter.conversations.service import latest_conversation, wake
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict, DomainError, NotFound
from contactcenter.core.i18n import LANGUAGES, speak
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.edge.deco import proof
from contactcenter.edge.limits import limiter
from contactcenter.edge.requests import Form, read_form

blueprint = Blueprint("portal", __name__, url_prefix="/complaint")
TEXT_MAX = 10_000
Data = dict[str, Any]  # Any: JSON of the event


@blueprint.get("/<token>")
@limiter.limit("60 per minute")
@proof()
def status(token: str) -> ResponseReturnValue:
    """Where it stands: step, who holds the ball, next date, what was said, what may be done."""
    with unit_of_work() as session:
        return _page(session, token, _case(session, token), {})


@blueprint.post("/<token>/<action>")
@limiter.limit("30 per minute")
@proof()
def act(token: str, action: str) -> ResponseReturnValue:
    """One of ACTIONS. What is refused says why, and nothing is changed."""
    if action not in ACTIONS:
        raise NotFound(_("There is no such step."))
    form = read_form()
    try:
        with unit_of_work() as session:
            outcome = ACTIONS[action](session, _case(session, token), form)
    except NotFound:
        raise
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, token, _case(session, token), {"": error.message}), error.status
    if outcome is not None and not outcome.accepted:
        sentence = " ".join(one.message for one in outcome.violations)
        with unit_of_work() as session:
            return _page(session, token, _case(session, token), {"": sentence}), Conflict.status
    flash(_("Thank you. We have noted it."), "good")
    return redirect(f"/complaint/{token}", 303)


def _case(session: Session, token: str) -> ComplaintCase:
    """The case behind a living link, its language spoken from here on unless the visitor chose another."""
    case = case_behind(session, token) if len(token) < 200 else None
    if case is None:
        raise NotFound(_("This link has expired. Write to us with your reference, and you get a new one."))
    if case.language in LANGUAGES:
        speak(case.language, case.zone)
    return case


def _page(session: Session, token: str, case: ComplaintCase, errors: Mapping[str, str]) -> Response:
    allowed = {
        one.event
        for one in dry_run(session, case, f"customer:{case.customer_id}")
        if one.allowed or one.needs_data
    }
    page = render_template(
        "portal/complaint.html",
        status=view_status(session, case),
        token=token,
        steps=STEPS,
        allowed=allowed,
        errors=errors,
        client_id=new_token(16),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _event(name: str, read: Callable[[Form], Data] = lambda _form: {}) -> Callable[..., Outcome | None]:
    """An action that is one event of the customer's."""

    def run(session: Session, case: ComplaintCase, form: Form) -> Outcome:
        data = read(form)
        form.check()
        return apply(session, case, name, f"customer:{case.customer_id}", data)

    return run


def _reply(session: Session, case: ComplaintCase, form: Form) -> None:
    """A message into the ticket: staff see it where they see everything. The same page sent twice is one message."""
    text, key = form.text("text", longest=TEXT_MAX), form.text("client_id", longest=40, required=False)
    form.check()
    conversation = latest_conversation(session, case.ticket_id)
    message = NewMessage(
        author=Author.CUSTOMER,
        body=text,
        customer_id=case.customer_id,
        client_id=f"portal:{key}" if key else None,
        meta={"by": "portal"},
    )
    if not append_message(session, conversation.id, message).duplicate:
        wake(session, conversation, actor=f"customer:{case.customer_id}")


def _expect(session: Session, case: ComplaintCase, form: Form) -> None:
    """`a` of c = b/a, asked before."""
    value = form.number("expectation", low=1, high=10)
    form.check()
    answer_expectation(session, case, value)


def _survey(session: Session, case: ComplaintCase, form: Form) -> Outcome:
    """`b` of c = b/a, and whether it is solved."""
    values = {
        "perception": form.number("perception", low=1, high=10),
        "resolved": int(form.choice("resolved", ("0", "1")) or 0),
    }
    form.check()
    return answer_survey(session, case, values)


def _words(name: str) -> Callable[[Form], Data]:
    return lambda form: {name: form.text(name, longest=TEXT_MAX, required=False)}


ACTIONS: dict[str, Callable[[Session, ComplaintCase, Form], Outcome | None]] = {
    "reply": _reply,
    "expect": _expect,
    "survey": _survey,
    "accept": _event("accept"),
    "no_remedy_ok": _event("no_remedy_ok"),
    "dispute": _event("dispute", _words("grounds")),
    "challenge": _event("challenge", _words("text")),
    "unhappy": _event("unhappy"),
    "withdraw": _event("withdraw"),
    "reopen": _event(
        "reopen", lambda form: {"reason": form.choice("reason", ("none", "remedy_failed", "new_evidence"))}
    ),
    "customer_comment": _event(
        "customer_comment", lambda form: {"id": form.text("id", longest=200), "waived": form.flag("waived")}
    ),
    "verify_fail": _event("verify_fail", _words("cause")),
}

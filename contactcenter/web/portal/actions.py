"""What a customer may do by his link: each action reads its form and does one thing to his case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from contactcenter.complaints.answers import answer_expectation, answer_survey
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.queries import view_status
from contactcenter.complaints.service import Outcome, apply
from contactcenter.complaints.slots import choose_slot
from contactcenter.conversations.append import NewMessage, append_message, refuse_other_words
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.ports import File, Received
from contactcenter.conversations.service import attach_files, latest_conversation, wake
from contactcenter.core.db import lock_row
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.storage import safe_filename
from contactcenter.edge.requests import Form

TEXT_MAX = 10_000
FILES_MAX = 5
Data = dict[str, Any]  # Any: JSON of the event


def _event(name: str, read: Callable[[Form], Data] = lambda _form: {}) -> Callable[..., Outcome | None]:
    """An action that is one event of the customer's."""

    def run(session: Session, case: ComplaintCase, form: Form) -> Outcome:
        data = read(form)
        form.check()
        return apply(session, case, name, case.customer.actor, data)

    return run


@dataclass(frozen=True, slots=True)
class _Words:
    """What she wrote; `key` is of the page she wrote it on."""

    text: str
    key: str
    files: Sequence[File]


def _reply(session: Session, case: ComplaintCase, form: Form) -> None:
    """A message into the ticket: staff see it where they see everything."""
    words = _read_words(form)
    form.check()
    _say(session, case, latest_conversation(session, case.ticket_id), words)


def _read_words(form: Form) -> _Words:
    text, key = form.text("text", longest=TEXT_MAX), form.text("client_id", longest=40, required=False)
    files = [File(one.filename, one.read()) for one in request.files.getlist("files") if one.filename]
    if len(files) > FILES_MAX:
        form.errors["files"] = _("Send at most %(n)s files at once.", n=FILES_MAX)
    return _Words(text, key, files)


def _say(session: Session, case: ComplaintCase, conversation: Conversation, words: _Words) -> None:
    """The same page sent twice is one message. Raises KeyReused if its words changed in between."""
    message = NewMessage(
        author=Author.CUSTOMER,
        body=words.text,
        customer_id=case.customer_id,
        client_id=f"portal:{words.key}" if words.key else None,
        meta={"by": "portal"},
    )
    received = append_message(session, conversation.id, message)
    if received.duplicate:
        refuse_other_words(session, received, message)
        return
    for file in words.files:
        _attach(session, received, file, case.customer.actor)
    wake(session, conversation, actor=case.customer.actor)


def _attach(session: Session, received: Received, file: File, actor: str) -> None:
    try:
        attach_files(session, received, [file], actor=actor, check=True)
    except Invalid as error:
        named = _("%(file)s: %(problem)s", file=safe_filename(file.filename), problem=error.message)
        raise Invalid(named, field="files") from error


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


def _call(session: Session, case: ComplaintCase, form: Form) -> None:
    """When to be called: one of the offered times, or another; and where, if we do not know or it is another number."""
    typed = form.text("other", required=False, longest=40) or form.text("slot", longest=40)
    zone, number = form.text("zone", longest=60), form.text("number", required=False, longest=40)
    form.check()
    try:
        wall = datetime.strptime(typed, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - a wall time, without a zone
    except ValueError as error:
        raise Invalid(_("Choose a day and a time."), field="slot") from error
    choose_slot(session, case, wall, zone, number)


def _arrived(session: Session, case: ComplaintCase, form: Form) -> Outcome:
    """The customer confirms the remedy that was carried out."""
    form.check()
    proof_given = dict(view_status(session, case).delivered)
    return apply(session, case, "verify", case.customer.actor, {"proof": proof_given, "customer": "yes"})


def _refer(session: Session, case: ComplaintCase, form: Form) -> Outcome:
    """The file goes to the outside body that the case's rules name; of several to the one he chose."""
    bodies = {one.pack: one.name for one in view_status(session, case).bodies}
    chosen = form.choice("body", bodies) if len(bodies) > 1 else case.pack
    form.check()
    return apply(session, case, "refer_out", case.customer.actor, {"body": bodies[chosen or case.pack]})


def _comment(session: Session, case: ComplaintCase, form: Form) -> Outcome:
    """What the customer says to a piece of evidence goes into the ticket, if it is not too late to say it (F-06)."""
    evidence, waived = form.text("id", longest=200), form.flag("waived")
    words = None if waived else _read_words(form)
    form.check()
    conversation = latest_conversation(session, case.ticket_id)
    lock_row(session, Conversation, conversation.id)  # before the case and its ticket, as every message does
    data = {"id": evidence, "waived": waived}
    outcome = apply(session, case, "customer_comment", case.customer.actor, data)
    if outcome.accepted and words is not None:
        _say(session, case, conversation, words)
    return outcome


def _words(name: str) -> Callable[[Form], Data]:
    return lambda form: {name: form.text(name, longest=TEXT_MAX, required=False)}


ACTIONS: dict[str, Callable[[Session, ComplaintCase, Form], Outcome | None]] = {
    "reply": _reply,
    "expect": _expect,
    "survey": _survey,
    "call": _call,
    "accept": _event("accept"),
    "no_remedy_ok": _event("no_remedy_ok"),
    "accept_no_remedy": _event("accept_no_remedy"),
    "dispute": _event("dispute", _words("grounds")),
    "challenge": _event("challenge", _words("text")),
    "unhappy": _event("unhappy"),
    "withdraw": _event("withdraw"),
    "reopen": _event(
        "reopen", lambda form: {"reason": form.choice("reason", ("none", "remedy_failed", "new_evidence"))}
    ),
    "customer_comment": _comment,
    "verify": _arrived,
    "verify_fail": _event("verify_fail", _words("cause")),
    "refer_out": _refer,
}

"""Administration of mailboxes: where mail comes from, how it leaves, and a test that says what fails."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.channels.email.check import Finding, check_mailbox
from contactcenter.channels.email.mailboxes import (
    AUTH,
    SECRETS,
    SECURITY,
    create_mailbox,
    edit_mailbox,
    list_mailboxes,
)
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.queues.queries import all_queues
from contactcenter.web.admin.forms import Errors, administrators, answer_form, found

blueprint = Blueprint("mailboxes", __name__, url_prefix="/admin/mailboxes")

SIDES = ("imap", "smtp")
SIGNATURE_MAX = 2000
SECRET_MAX = 4000  # access tokens are long
NEW = {
    "address": "",
    "queue_id": "",
    "from_name": "",
    "signature": "",
    "plus_addresses": True,
    "trusted_server": "",
    "active": True,
    "auth": "password",
    "imap_host": "",
    "imap_port": 993,
    "imap_security": "tls",
    "imap_user": "",
    "imap_folder": "INBOX",
    "smtp_host": "",
    "smtp_port": 587,
    "smtp_security": "starttls",
    "smtp_user": "",
    "version": 0,
}


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All mailboxes."""
    with unit_of_work() as session:
        return render_template("admin/mailboxes.html", mailboxes=list_mailboxes(session))


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new mailbox."""

    def store() -> str:
        form = read_form()
        queue_id, values = form.number("queue_id", low=1), _read(form)
        form.check()
        with unit_of_work() as session:
            queue = found(session.get(Queue, queue_id))
            mailbox = create_mailbox(session, queue, actor=current_user().actor, **values)
            return f"/admin/mailboxes/{mailbox.id}"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:mailbox_id>")
@administrators
def show(mailbox_id: int) -> ResponseReturnValue:
    """One mailbox's form."""
    return _page(mailbox_id, {})


@blueprint.post("/<int:mailbox_id>")
@administrators
def save(mailbox_id: int) -> ResponseReturnValue:
    """What was changed about a mailbox; a password left empty stays."""

    def store() -> str:
        form = read_form()
        version = form.number("version")
        values = {**_read(form), "queue_id": form.number("queue_id", low=1)}
        form.check()
        with unit_of_work() as session:
            mailbox = found(session.get(Mailbox, mailbox_id))
            edit_mailbox(session, mailbox, version, values, actor=current_user().actor)
        return f"/admin/mailboxes/{mailbox_id}"

    return answer_form(store, lambda errors: _page(mailbox_id, errors))


@blueprint.post("/<int:mailbox_id>/test")
@administrators
def test(mailbox_id: int) -> ResponseReturnValue:
    """Connect for real, as saved; the database is let go meanwhile, for a server may take its time."""
    with unit_of_work() as session:
        mailbox = found(session.get(Mailbox, mailbox_id))
    return _page(mailbox_id, {}, findings=check_mailbox(mailbox))


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    values: dict[str, Any] = {  # Any: as above
        "address": form.text("address", longest=254),
        "from_name": form.text("from_name", longest=100, required=False),
        "signature": form.text("signature", longest=SIGNATURE_MAX, required=False),
        "trusted_server": form.text("trusted_server", longest=253, required=False),
        "plus_addresses": form.flag("plus_addresses"),
        "active": form.flag("active"),
        "auth": form.choice("auth", AUTH),
        "imap_folder": form.text("imap_folder", longest=200, required=False) or "INBOX",
    }
    for side in SIDES:
        values |= {
            f"{side}_host": form.text(f"{side}_host", longest=253, required=False),
            f"{side}_port": form.number(f"{side}_port", low=1, high=65535),
            f"{side}_security": form.choice(f"{side}_security", SECURITY),
            f"{side}_user": form.text(f"{side}_user", longest=254, required=False),
        }
    for secret in SECRETS:
        values[secret] = form.fields.get(secret, "")
        if len(values[secret]) > SECRET_MAX:
            form.errors[secret] = _("At most %(n)s characters.", n=SECRET_MAX)
    return values


def _page(mailbox_id: int | None, errors: Errors, *, findings: list[Finding] | None = None) -> str:
    with unit_of_work() as session:
        mailbox = None if mailbox_id is None else found(session.get(Mailbox, mailbox_id))
        queues = [(queue.id, f"{queue.brand.name}: {queue.name}") for queue in all_queues(session)]
    stored = dict(NEW) if mailbox is None else {field: getattr(mailbox, field) for field in NEW}
    return render_template(
        "admin/mailbox.html",
        mailbox=mailbox,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        queues=queues,
        kept={side: bool(mailbox and getattr(mailbox, f"{side}_secret")) for side in SIDES},
        findings=findings or [],
    )

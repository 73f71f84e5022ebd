"""Administration of mailboxes: where mail comes from, how it leaves, and a test that says what fails."""

from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.channels.email.check import check_mailbox
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
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.web.admin.forms import administrators, chosen, queue_choices
from contactcenter.web.admin.screen import Context, Screen, doors
from contactcenter.web.forms import found

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


def _listed(session: Session) -> Context:
    return {"mailboxes": list_mailboxes(session)}


def _fields(_session: Session, mailbox: Mailbox | None) -> Context:
    """Without the secrets: they are written, never shown; `kept` says on which side there is one."""
    if mailbox is None:
        return NEW
    return {field: getattr(mailbox, field) for field in NEW}


def _choices(session: Session) -> Context:
    return {"queues": queue_choices(session)}


def _store(session: Session, form: Form, mailbox: Mailbox | None) -> Mailbox:
    """A password left empty stays."""
    queue_id, values, version = form.number("queue_id", low=1), _read(form), form.number("version", default=0)
    form.check()
    queue, actor = chosen(session, Queue, queue_id, "queue_id"), current_user().actor
    if mailbox is None:
        return create_mailbox(session, queue, actor=actor, **values)
    edit_mailbox(session, mailbox, version, {**values, "queue_id": queue.id}, actor=actor)
    return mailbox


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


SCREEN = Screen("mailboxes", "mailbox", Mailbox, _listed, _fields, _store, _choices, stay=True)
blueprint = doors(SCREEN)


@blueprint.post("/<int:mailbox_id>/test")
@administrators
def test(mailbox_id: int) -> ResponseReturnValue:
    """Connect for real, as saved; the database is let go meanwhile, for a server may take its time."""
    with unit_of_work() as session:
        mailbox = found(session.get(Mailbox, mailbox_id))
    return SCREEN.page(mailbox_id, {}, findings=check_mailbox(mailbox))

"""Set up mailboxes, and find the one a mail belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.brands import create_brand, list_brands
from contactcenter.accounts.models import Team
from contactcenter.accounts.teams import create_team
from contactcenter.channels.email.events import MailboxChanged, MailboxCreated
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.own import without_plus
from contactcenter.channels.email.parse import ParsedMail
from contactcenter.core.config import get_settings
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.health import forget
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import seal, unseal
from contactcenter.customers.service import canonical_address
from contactcenter.queues.models import Queue
from contactcenter.queues.service import create_queue

Values = Mapping[str, Any]  # Any: form values, checked here
SECURITY = ("tls", "starttls", "plain")
AUTH = ("password", "xoauth2")
SECRETS = ("imap_secret", "smtp_secret")
EDITABLE: Mapping[str, type] = {
    "address": str,
    "from_name": str,
    "signature": str,
    "plus_addresses": bool,
    "trusted_server": str,
    "active": bool,
    "auth": str,
    "imap_host": str,
    "imap_port": int,
    "imap_security": str,
    "imap_user": str,
    "imap_secret": str,
    "imap_folder": str,
    "smtp_host": str,
    "smtp_port": int,
    "smtp_security": str,
    "smtp_user": str,
    "smtp_secret": str,
}


def create_mailbox(session: Session, queue: Queue, *, actor: str, **values: Any) -> Mailbox:  # Any: EDITABLE
    """A mailbox whose mail goes to `queue`, for that queue's brand. Raises Conflict if the address is in use."""
    mailbox = Mailbox(brand_id=queue.brand_id, queue_id=queue.id)
    _apply(session, mailbox, values)
    if not mailbox.address:
        raise Invalid(_("A mailbox needs an address."), field="address")
    session.add(mailbox)
    session.flush()  # the event needs the id
    session.refresh(mailbox)
    record(session, MailboxCreated(mailbox.id, mailbox.address), actor=actor, subject=Subject())
    return mailbox


def edit_mailbox(session: Session, mailbox: Mailbox, version: int, changes: Values, *, actor: str) -> None:
    """Change fields of EDITABLE and `queue_id`; an empty secret keeps the old one.

    Raises Conflict if somebody changed the mailbox since `version` was shown.
    """
    if mailbox.version != version:
        raise Conflict(_("Somebody changed this mailbox meanwhile. Reload and try again."))
    wanted = {name: value for name, value in changes.items() if value or name not in SECRETS}
    forget(session, part_of(mailbox))  # what failed may have been what is changed now
    if "queue_id" in wanted:
        _move(session, mailbox, wanted.pop("queue_id"))
    _apply(session, mailbox, wanted)
    mailbox.version += 1
    record(session, MailboxChanged(mailbox.id, sorted(changes)), actor=actor, subject=Subject())


def part_of(mailbox: Mailbox) -> str:
    """What its reader calls itself when it says how it is doing."""
    return f"mailbox {mailbox.address}"


def list_mailboxes(session: Session) -> Sequence[Mailbox]:
    """All mailboxes by address."""
    return session.scalars(select(Mailbox).order_by(Mailbox.address)).all()


def secret_of(sealed: str) -> str:
    """The password or token in the clear; empty if there is none or it was sealed with another key."""
    return (unseal(get_settings().secret_keys, sealed) or "") if sealed else ""


def mailbox_for(session: Session, mailbox_id: int | None, mail: ParsedMail) -> Mailbox | None:
    """Where it was fetched; for mail from elsewhere the mailbox it is addressed to, else the first there is."""
    if mailbox_id is not None:
        return session.get(Mailbox, mailbox_id)
    named = (one.address for one in (*mail.delivered_to, *mail.to, *mail.cc) if one.address)
    wanted = [without_plus(address) for address in named]
    mailboxes = session.scalars(select(Mailbox).order_by(Mailbox.id)).all()
    addressed = next((one for address in wanted for one in mailboxes if one.address == address), None)
    return addressed or (mailboxes[0] if mailboxes else None)


def default_queue_id(session: Session) -> int:
    """The first queue; one is made where nothing is set up yet, for no mail may be lost for want of a place."""
    first = session.scalar(select(Queue.id).order_by(Queue.id).limit(1))
    if first is not None:
        return first
    brands = list_brands(session)
    brand = brands[0] if brands else create_brand(session, slug="main", name=_("Our company"), actor="system")
    team = session.scalar(select(Team).order_by(Team.id).limit(1))
    team = team or create_team(session, name=_("Support"), actor="system")
    return create_queue(session, name=_("Mail"), brand=brand, team=team, actor="system").id


def _move(session: Session, mailbox: Mailbox, queue_id: int) -> None:
    queue = session.get(Queue, queue_id)
    if queue is None:
        raise NotFound(_("This queue does not exist."))
    mailbox.queue, mailbox.brand = queue, queue.brand


def _apply(session: Session, mailbox: Mailbox, values: Values) -> None:
    for name, value in values.items():
        if name not in EDITABLE or not isinstance(value, EDITABLE[name]):
            raise Invalid(_("%(field)s cannot be set to that.", field=name), field=name)
        setattr(mailbox, name, _checked(session, mailbox, name, value))


def _checked(
    session: Session, mailbox: Mailbox, name: str, value: Any
) -> Any:  # Any: of the type EDITABLE names
    if name == "address":
        return _free_address(session, mailbox, value)
    if name in SECRETS:
        return seal(get_settings().secret_key, value) if value else ""
    if name.endswith("_security") and value not in SECURITY:
        raise Invalid(_("Choose one of the offered values."), field=name)
    if name == "auth" and value not in AUTH:
        raise Invalid(_("Choose one of the offered values."), field=name)
    if name.endswith("_port") and not 1 <= value <= 65535:
        raise Invalid(_("A port is a number from 1 to 65535."), field=name)
    return value.strip() if isinstance(value, str) and name != "signature" else value


def _free_address(session: Session, mailbox: Mailbox, value: str) -> str:
    address = canonical_address("email", value, field="address")
    taken = session.scalar(select(Mailbox.id).where(Mailbox.address == address))
    if taken is not None and taken != mailbox.id:
        raise Conflict(_("There is a mailbox of this address already."), details=[{"field": "address"}])
    return address

"""What visitors do: start, write, read, rate, leave, complain; and what staff set up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.chat.events import WidgetChanged
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.visitors import current_conversation
from contactcenter.conversations import service as conversations
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author, Conversation, State
from contactcenter.conversations.ports import File, Inbound, Received, Sender
from contactcenter.conversations.service import attach_files, end_conversation, receive, wake
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import readable_code
from contactcenter.core.urls import read_url
from contactcenter.customers.claims import claim_email
from contactcenter.customers.service import canonical_address
from contactcenter.edge.visitors import Visitor
from contactcenter.queues.hours import is_open
from contactcenter.queues.models import Queue
from contactcenter.surveys.service import About, answer
from contactcenter.tickets.events import ComplaintProposed
from contactcenter.tickets.models import Ticket

NAME = "chat"
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MESSAGE_MAX = 4000


@dataclass(frozen=True, slots=True)
class Opening:
    """What a visitor gives with his first words; name and address are optional while we are open."""

    body: str
    client_id: str
    language: str
    name: str = ""
    email: str = ""


def start_chat(session: Session, visitor: Visitor, key: WidgetKey, opening: Opening) -> Received:
    """Open a ticket and its chat with the first message; the same client id again changes nothing.

    Out of hours the chat cannot be live: then an address is needed, and the answer goes there by e-mail.
    """
    running = current_conversation(session, visitor)
    if running is not None and running.state != State.ENDED:
        return say(session, running, opening.body, opening.client_id)
    if not is_open(key.queue, clock.now()):
        return leave_message(session, visitor, key, opening)
    _check_text(opening.body, opening.client_id)
    received = receive(
        session,
        Inbound(
            channel=NAME,
            queue_id=key.queue_id,
            sender=Sender("visitor", visitor.id, opening.name),
            body=opening.body,
            language=opening.language,
            client_id=opening.client_id,
        ),
    )
    if opening.email.strip():
        conversation = session.get_one(Conversation, received.conversation_id)
        claim_email(session, conversation.customer, opening.email)
    return received


def leave_message(session: Session, visitor: Visitor, key: WidgetKey, opening: Opening) -> Received:
    """Closed: the words become a ticket that is answered by e-mail. Raises Invalid without an address.

    The visitor only says that the address is his: the ticket is his own, whoever has that address.
    """
    if not opening.email.strip():
        raise Invalid(
            _("We are closed now. Leave your e-mail address, and we will answer there."), field="email"
        )
    _check_text(opening.body, opening.client_id)
    canonical_address("email", opening.email)  # before anything is written
    received = receive(
        session,
        Inbound(
            channel="email",
            queue_id=key.queue_id,
            sender=Sender("visitor", visitor.id, opening.name),
            body=opening.body,
            subject=opening.body[:80],
            language=opening.language,
            client_id=opening.client_id,
        ),
    )
    conversation = session.get_one(Conversation, received.conversation_id)
    conversation.address = claim_email(session, conversation.customer, opening.email)
    return received


def say(
    session: Session, conversation: Conversation, body: str, client_id: str, files: Sequence[File] = ()
) -> Received:
    """One message into a running (or again running) chat: one statement, plus what waking an ended one needs."""
    _check_text(body, client_id)
    message = NewMessage(
        author=Author.CUSTOMER,
        body=body,
        customer_id=conversation.customer_id,
        client_id=client_id,
        meta={"files": len(files)} if files else {},
    )
    received = append_message(session, conversation.id, message)
    if not received.duplicate:
        attach_files(session, received, files, actor=f"customer:{conversation.customer_id}", check=True)
    if received.asleep:
        wake(session, conversation, actor=f"customer:{conversation.customer_id}")
    return received


def leave(session: Session, conversation: Conversation) -> None:
    """The visitor ends the chat."""
    actor = f"customer:{conversation.customer_id}"
    if conversation.state != State.ENDED:
        conversations.add_system_line(session, conversation, "customer_left")
        end_conversation(session, conversation.id, by="customer", reason="left", actor=actor)


def rate_chat(session: Session, conversation: Conversation, rating: int, comment: str = "") -> None:
    """One to five stars after the chat."""
    conversations.rate(session, conversation, rating)
    about = About("conversation", str(conversation.id))
    answer(session, about, "csat", rating, customer_id=conversation.customer_id, comment=comment)


def call_it_complaint(session: Session, conversation: Conversation) -> None:
    """The visitor pressed "this is a complaint": staff must answer rule C-01 before the ticket can be solved.

    A "no" that was said before it is asked again, once.
    """
    session.get_one(Conversation, conversation.id, with_for_update={"of": Conversation})  # before its ticket
    ticket = session.get_one(Ticket, conversation.ticket_id, with_for_update={"of": Ticket})
    if ticket.complaint_ref is None and ticket.complaint_declared_at is None:
        ticket.complaint_declared_at = clock.now()
        if ticket.complaint_answer is not None and not ticket.complaint_answer["yes"]:
            ticket.complaint_answer = None
        conversations.add_system_line(session, conversation, "complaint_button")
        event = ComplaintProposed(ticket.id, None, [])
        actor = f"customer:{conversation.customer_id}"
        record(session, event, actor=actor, subject=conversations.about(conversation))


def save_widget(
    session: Session,
    widget: WidgetKey,
    *,
    actor: str,
    name: str,
    sites: Sequence[str],
    queue: Queue | None = None,
    calls: bool = True,
    active: bool = True,
) -> WidgetKey:
    """Create or change a widget; `queue` (None: as before) takes its chats and names its brand.

    Raises Invalid for a site that is not an exact origin.
    """
    what = "changed" if widget.id else "created"
    widget.key = widget.key or f"wk_{readable_code(16)}"
    widget.name = name.strip()[:80] or _("Chat")
    widget.sites = [checked_origin(site) for site in sites if site.strip()]
    widget.calls, widget.active = calls, active
    if queue is not None:
        widget.queue, widget.brand = queue, queue.brand
    if widget.id:
        widget.version += 1
    session.add(widget)
    session.flush()  # the event needs the id
    record(session, WidgetChanged(widget.id, what), actor=actor, subject=Subject())
    return widget


def list_widgets(session: Session) -> Sequence[WidgetKey]:
    """All widgets, by name."""
    return session.scalars(select(WidgetKey).order_by(WidgetKey.name, WidgetKey.id)).all()


def checked_origin(site: str) -> str:
    """`https://shop.example[:port]` in lower case; http only for this very machine."""
    parts = read_url(site.strip().lower())
    local = parts.hostname in {"localhost", "127.0.0.1"}
    whole = parts.scheme == "https" or (parts.scheme == "http" and local)
    if not whole or not parts.hostname or parts.path.strip("/") or parts.query or "*" in site or "@" in site:
        raise Invalid(
            _("Write a site as https://shop.example, without a path: %(site)s", site=site), field="sites"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _check_text(body: str, client_id: str) -> None:
    if not CLIENT_ID.fullmatch(client_id):
        raise Invalid(
            _("The message carries no usable client_id (8 to 64 letters, digits, - or _)."), field="client_id"
        )
    if len(body) > MESSAGE_MAX:
        raise Invalid(
            _("The message is longer than %(n)s characters. Send it in parts.", n=MESSAGE_MAX), field="body"
        )


def demo_key(session: Session) -> WidgetKey:
    """The first active widget, for the demo page. Raises NotFound if none is set up."""
    key = session.scalar(select(WidgetKey).where(WidgetKey.active).order_by(WidgetKey.id).limit(1))
    if key is None:
        raise NotFound(_("No chat widget has been set up yet."))
    return key

"""Send letters on the customer's own channel: a job per letter, so that each leaves once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.events import LetterSent, LinkRenewed
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.mailbox import is_mailbox
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.record import about_case
from contactcenter.complaints.references import read_reference
from contactcenter.complaints.render import LINK_HERE, subject_of
from contactcenter.complaints.service import find_case
from contactcenter.complaints.vault import bring_out
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import OVER, Author, Conversation, Message
from contactcenter.conversations.personal_link import kept_beside, without_key
from contactcenter.conversations.ports import channel_of
from contactcenter.core import outbox
from contactcenter.core.errors import Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import speaking
from contactcenter.core.ids import new_token
from contactcenter.customers.claims import email_of
from contactcenter.customers.persons import addresses_of

WRITTEN = "email"
SEND_LINK = "complaints.link"


def send_letter(session: Session, args: dict[str, Any]) -> None:  # Any: JSON
    """Job `complaints.letter`: put one letter into the customer's conversation and let its channel send it.

    Where there is none that can carry it, the letter stays on the status page. Running again changes nothing.
    """
    letter = session.get(ComplaintLetter, args["letter_id"], with_for_update=True)
    if letter is None or letter.delivery != "page":
        return
    case = session.get_one(ComplaintCase, letter.case_id)
    text, conversation = bring_out(case, letter.sealed), _conversation(session, case)
    if text is None or conversation is None:
        return
    with speaking(letter.language, case.zone):
        subject = subject_of(letter.kind)
    link = issue_link(session, case)
    body = f"{subject}\n\n{text.replace(LINK_HERE, without_key(link))}"
    meta = {"subject": subject, "complaint": case.reference, "letter": letter.kind, **kept_beside(link)}
    letter.message_id = _post(session, conversation, body, f"complaint-letter:{letter.id}", meta)
    letter.delivery = "sent"
    about = Subject(case.ticket_id, conversation.id, case.customer_id)
    record(
        session, LetterSent(case.reference, letter.kind, conversation.channel), actor="system", subject=about
    )


def ask_for_link(session: Session, reference: str, contact: str) -> None:
    """Somebody lost the link: send a new one to the customer, if `contact` is an address of that customer.

    Says nothing either way, so that nobody learns which references or addresses exist.
    """
    written = read_reference(reference)
    case = find_case(session, written) if written else None
    if case is None or case.case_key is None:
        return
    known = [email_of(session, case.customer)]
    known += [one for kind in ("email", "phone") for one in addresses_of(session, case.customer, kind)]
    if contact.strip().casefold() in {one.casefold() for one in known if one}:
        renew_link(session, case, actor=case.customer.actor)


def renew_link(session: Session, case: ComplaintCase, *, actor: str) -> None:
    """Send the customer a new link, to an address that is known already; older links stay as they are."""
    outbox.enqueue(session, SEND_LINK, {"case_id": case.id, "asked": new_token(8)})
    record(session, LinkRenewed(case.reference), actor=actor, subject=about_case(case))


def can_write(session: Session, case: ComplaintCase) -> bool:
    """Whether a letter or a link can reach the customer, other than on the status page."""
    return _conversation(session, case) is not None


def send_link(session: Session, args: dict[str, Any]) -> None:  # Any: JSON
    """Job `complaints.link`: a fresh link on the customer's own channel; running again changes nothing."""
    case = session.get_one(ComplaintCase, args["case_id"])
    conversation = _conversation(session, case)
    if conversation is None:
        return
    with speaking(case.language, case.zone):
        link = issue_link(session, case)
        body = _(
            "Here is the new link to your complaint %(reference)s: %(link)s",
            reference=case.reference,
            link=without_key(link),
        )
    meta = {"complaint": case.reference, **kept_beside(link)}
    _post(session, conversation, body, f"complaint-link:{args['asked']}", meta)


def _post(
    session: Session, conversation: Conversation, body: str, client_id: str, meta: dict[str, str]
) -> int:
    """A line of ours that no person wrote; the same `client_id` twice is one message. Returns its id."""
    channel = channel_of(conversation.channel)
    message = NewMessage(
        author=Author.AGENT,
        body=body,
        client_id=client_id,
        delivery="sent" if channel.live else "queued",
        meta=meta,
    )
    received = append_message(session, conversation.id, message)
    if not received.duplicate:
        channel.send(session, conversation, session.get_one(Message, received.message_id))
    return received.message_id


def _conversation(session: Session, case: ComplaintCase) -> Conversation | None:
    """The ticket's mail conversation, else the one the complaint came by if the customer can still read there."""
    query = select(Conversation).where(Conversation.ticket_id == case.ticket_id)
    found = session.scalars(query.order_by(Conversation.id.desc())).all()
    fitting = [one for one in found if one.channel == WRITTEN] or [
        one for one in found if one.channel == case.channel and one.state not in OVER
    ]
    return next((one for one in fitting if _can_send(one.channel) and not is_mailbox(one)), None)


def _can_send(channel: str) -> bool:
    try:
        channel_of(channel)
    except Invalid:
        return False
    return True

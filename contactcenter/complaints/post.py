"""Send letters on the customer's own channel: a job per letter, so that each leaves once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.events import LetterSent
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.render import LINK_HERE, subject_of
from contactcenter.complaints.vault import bring_out
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import OVER, Author, Conversation, Message
from contactcenter.conversations.ports import channel_of
from contactcenter.core.errors import Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import speaking

WRITTEN = "email"


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
    message = NewMessage(
        author=Author.AGENT,
        body=f"{subject}\n\n{text.replace(LINK_HERE, issue_link(session, case))}",
        client_id=f"complaint-letter:{letter.id}",
        delivery="sent" if channel_of(conversation.channel).live else "queued",
        meta={"subject": subject, "complaint": case.reference, "letter": letter.kind},
    )
    received = append_message(session, conversation.id, message)
    letter.delivery, letter.message_id = "sent", received.message_id
    channel_of(conversation.channel).send(
        session, conversation, session.get_one(Message, received.message_id)
    )
    about = Subject(case.ticket_id, conversation.id, case.customer_id)
    record(
        session, LetterSent(case.reference, letter.kind, conversation.channel), actor="system", subject=about
    )


def _conversation(session: Session, case: ComplaintCase) -> Conversation | None:
    """The ticket's mail conversation, else the one the complaint came by if the customer can still read there."""
    query = select(Conversation).where(Conversation.ticket_id == case.ticket_id)
    found = session.scalars(query.order_by(Conversation.id.desc())).all()
    fitting = [one for one in found if one.channel == WRITTEN] or [
        one for one in found if one.channel == case.channel and one.state not in OVER
    ]
    return next((one for one in fitting if _can_send(one.channel)), None)


def _can_send(channel: str) -> bool:
    try:
        channel_of(channel)
    except Invalid:
        return False
    return True

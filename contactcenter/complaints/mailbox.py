"""Who gave no address, or one that nobody can write to, reads and writes on his status page: it is his mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.by_form import CHANNEL
from contactcenter.complaints.models import ComplaintCase
from contactcenter.conversations.models import Author, Conversation, Message

SHOWN = 50
"""The latest so many; the first are in the file."""


@dataclass(frozen=True, slots=True)
class Note:
    """One message as its customer reads it: `ours` is from somebody of the house."""

    ours: bool
    at: datetime
    text: str


def is_mailbox(conversation: Conversation) -> bool:
    """Whether what is written there can be read on the status page alone."""
    return conversation.channel == CHANNEL and "@" not in conversation.address


def notes_of(session: Session, case: ComplaintCase) -> Sequence[Note]:
    """What was written in the case's mailbox, the newest first; empty for whoever can be written to, and once it is erased.

    Letters stand on the page by themselves, and what staff note for each other, or were told had failed, is none of it.
    """
    if case.case_key is None:
        return []
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.ticket_id == case.ticket_id,
            Conversation.channel == CHANNEL,
            Conversation.address.not_like("%@%"),
            Message.author.in_((Author.CUSTOMER, Author.AGENT)),
            Message.internal.is_(False),
            Message.delivery == "sent",
            Message.meta["letter"].astext.is_(None),
        )
        .order_by(Message.rev.desc())
        .limit(SHOWN)
    )
    return [Note(one.author == Author.AGENT, one.created_at, one.body) for one in session.scalars(query)]

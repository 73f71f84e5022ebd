"""What a visitor may reach: his own chat and its files, nothing else."""

from sqlalchemy import Text, bindparam, select
from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.conversations.models import Conversation
from contactcenter.core.config import get_settings
from contactcenter.core.errors import NotAllowed, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import sign, unsign
from contactcenter.customers.models import Customer
from contactcenter.customers.persons import person_at
from contactcenter.customers.service import find_by_identity
from contactcenter.edge.visitors import Visitor

# Made once: a visitor's every event asks it.
_CURRENT = (
    select(Conversation)
    .where(
        Conversation.customer_id.in_(person_at("visitor", bindparam("visitor", type_=Text))),
        Conversation.channel == "chat",
        Conversation.address == bindparam("visitor", type_=Text),
    )
    .order_by(Conversation.id.desc())
    .limit(1)
)

FILE_PURPOSE = "chat.file"
FILE_LINK_S = 3600


def find_key(session: Session, key: str) -> WidgetKey:
    """The active widget of that public key. Raises NotFound."""
    found = session.scalar(select(WidgetKey).where(WidgetKey.key == key, WidgetKey.active))
    if found is None:
        raise NotFound(_("This chat does not exist (any more)."))
    return found


def customer_of(session: Session, visitor: Visitor) -> Customer | None:
    """The customer behind a visitor, once he has written."""
    return find_by_identity(session, "visitor", visitor.id)


def current_conversation(session: Session, visitor: Visitor) -> Conversation | None:
    """The newest chat of this browser (running or ended): what a reload or a second tab shows.

    By the visitor's own address, so that being joined to somebody shows him nothing of that person's.
    """
    return session.scalar(_CURRENT, {"visitor": visitor.id})


def access_conversation(session: Session, visitor: Visitor | None) -> Conversation:
    """The visitor's own chat; there is no way to name another. Raises NotAllowed, or NotFound before the first word."""
    if visitor is None:
        raise NotAllowed(_("This chat session has ended. Start again."))
    conversation = current_conversation(session, visitor)
    if conversation is None:
        raise NotFound(_("Write a first message to start the chat."))
    return conversation


def file_token(attachment_id: int, conversation_id: int) -> str:
    """A link part that opens one file of one conversation for an hour."""
    return sign(get_settings().secret_key, FILE_PURPOSE, [attachment_id, conversation_id])


def file_of_token(token: str) -> tuple[int, int] | None:
    """(attachment id, conversation id) of such a link part, or None."""
    value = unsign(get_settings().secret_keys, FILE_PURPOSE, token, max_age_s=FILE_LINK_S)
    return (value[0], value[1]) if value else None

"""What calls do when a customer is erased: the caller's browser is nobody's; when and how long they were stays."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contactcenter.channels.voice.models import Call
from contactcenter.conversations.models import Conversation
from contactcenter.core.events import Recorded
from contactcenter.customers.erasure import CustomerErased


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction."""
    talks = select(Conversation.id).where(Conversation.customer_id.in_(recorded.event.customer_ids))
    session.execute(update(Call).where(Call.conversation_id.in_(talks)).values(visitor=""))

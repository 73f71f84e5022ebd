"""Whose words may go to a customer: one rule for the console and for programs."""

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import may_supervise
from contactcenter.conversations.models import OVER, Conversation
from contactcenter.conversations.ports import channel_of
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _
from contactcenter.tickets.models import Ticket


def may_reply(session: Session, user: User, ticket: Ticket, conversation: Conversation) -> bool:
    """Whether the user's words may go to the customer: it is his, and the customer can read them, and is there."""
    if _has_left(conversation) or not channel_of(conversation.channel).written:
        return False
    return user.id in (conversation.agent_id, ticket.owner_id) or may_supervise(
        session, user, ticket.queue.team_id
    )


def refuse_reply(session: Session, user: User, ticket: Ticket, conversation: Conversation) -> None:
    """Raises Conflict with the reason if the user may not reply; notes are free."""
    if may_reply(session, user, ticket, conversation) or not channel_of(conversation.channel).written:
        return  # where nothing is read, the channel itself says so
    if _has_left(conversation):
        raise Conflict(_("The customer has left this conversation. Write an e-mail or a note instead."))
    if ticket.owner is not None:
        raise Conflict(
            _("%(name)s answers this customer. Write a note, or ask for a hand-over.", name=ticket.owner.name)
        )
    raise Conflict(_("This is offered to whoever is ready. Write a note, or wait for the offer."))


def _has_left(conversation: Conversation) -> bool:
    return channel_of(conversation.channel).live and conversation.state in OVER

"""What a contact was about: a word of its queue's list, chosen when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import may_supervise
from contactcenter.assignment.events import WrapUpCodeChosen
from contactcenter.assignment.handover import subject_of
from contactcenter.assignment.presence import LIVE_CHANNELS
from contactcenter.conversations.models import OVER, Conversation, State
from contactcenter.conversations.queries import conversations_of
from contactcenter.core.db import lock_row
from contactcenter.core.errors import Invalid, NotAllowed, NotFound
from contactcenter.core.events import record
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Status, Ticket

DONE = (Status.SOLVED, Status.CLOSED)
RESTING = (Status.PENDING, Status.ON_HOLD)


@dataclass(frozen=True, slots=True)
class WrapUp:
    """A conversation that is over, and the words to choose from; the chosen one may no longer be among them."""

    conversation: Conversation
    codes: Sequence[str]


def wrap_up_of(session: Session, user: User, ticket: Ticket) -> WrapUp | None:
    """What `user` may say now about the ticket's latest conversation, or the one he wraps up; None: nothing."""
    latest = max(conversations_of(session, ticket.id), key=_wrap_up_first, default=None)
    if latest is None:
        return None
    codes = session.get_one(Queue, latest.queue_id).wrap_up_codes
    return WrapUp(latest, codes) if codes and _may_choose(session, user, latest) else None


def _wrap_up_first(conversation: Conversation) -> tuple[bool, int]:
    return conversation.state == State.WRAP_UP, conversation.id


def choose_code(session: Session, user: User, conversation_id: int, code: str) -> Conversation:
    """Note what it was about; the same again changes nothing. Raises NotAllowed, Invalid for a word not on the list."""
    conversation = lock_row(session, Conversation, conversation_id)
    if conversation is None:
        raise NotFound(_("This conversation does not exist."))
    if not _may_choose(session, user, conversation):
        message = _("Its agent says this once it is over, while he wraps up; later its supervisor may.")
        raise NotAllowed(message)
    if code not in session.get_one(Queue, conversation.queue_id).wrap_up_codes:
        raise Invalid(_("Choose one of the codes of its queue."), field="code")
    was, conversation.wrap_up_code = conversation.wrap_up_code, code
    if was != code:
        event = WrapUpCodeChosen(conversation.id, conversation.ticket_id, user.id, code, was)
        record(session, event, actor=user.actor, subject=subject_of(conversation, user.id))
    return conversation


def _may_choose(session: Session, user: User, conversation: Conversation) -> bool:
    if not _is_over(conversation):
        return False
    if _had_it(user, conversation) and _is_still_open(conversation):
        return True
    return may_supervise(session, user, session.get_one(Queue, conversation.queue_id).team_id)


def _is_over(conversation: Conversation) -> bool:
    """Mail is over when its ticket is solved; while that waits for the customer it only rests."""
    if conversation.channel in LIVE_CHANNELS:
        return conversation.state in OVER
    status = conversation.ticket.status
    return status in DONE or (conversation.state in OVER and status not in RESTING)


def _had_it(user: User, conversation: Conversation) -> bool:
    return user.id == (conversation.agent_id or conversation.ticket.owner_id)


def _is_still_open(conversation: Conversation) -> bool:
    """A choice stands once the wrap-up is over; mail has none, and nobody is kept from a first choice."""
    wraps_up = conversation.state == State.WRAP_UP or conversation.channel not in LIVE_CHANNELS
    return wraps_up or conversation.wrap_up_code is None

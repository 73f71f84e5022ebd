"""Who knows a customer's matter already: its owner, or else whoever of the queue's team helped him last."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.models import Offer
from contactcenter.conversations.models import Conversation
from contactcenter.core import clock
from contactcenter.queues.models import Queue
from contactcenter.tickets.access import is_kept_from

REMEMBERED = timedelta(days=30)


def keep_for_who_knows(session: Session, conversation: Conversation) -> None:
    """Let a new conversation wait for that person alone as long as its queue says; the router asks whether he is there."""
    queue = session.get_one(Queue, conversation.queue_id)
    if not queue.sticky_s or conversation.target_user_id is not None:
        return
    known = conversation.ticket.owner or _last_helper(session, conversation)
    if known is None or not _still_works(known, queue) or is_kept_from(session, known, conversation.ticket):
        return
    conversation.target_user_id = known.id
    conversation.target_until = conversation.enqueued_at + timedelta(seconds=queue.sticky_s)


def _last_helper(session: Session, conversation: Conversation) -> User | None:
    talks = select(User).join(Offer, Offer.user_id == User.id).join(Offer.conversation)
    talks = talks.where(
        Conversation.customer_id == conversation.customer_id,
        Conversation.queue_id == conversation.queue_id,
        Offer.accepted_at > clock.now() - REMEMBERED,
    )
    return session.scalar(talks.order_by(Offer.id.desc()).limit(1))


def _still_works(user: User, queue: Queue) -> bool:
    return user.has(Role.AGENT) and user.team_id == queue.team_id

"""A shift at work: people, conversations, a clock that stands still, and a router that takes turns when told to."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.lease import Lease, leave_lease, take_lease
from contactcenter.assignment.models import Offer, Presence
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.router import Router
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import end_conversation, open_conversation
from contactcenter.core.clock import frozen
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from contactcenter.tickets.service import open_ticket
from tests.due import fire_next
from tests.world import World

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Shift:
    """What happens on it; every move commits, and `turn` lets the router act."""

    session: Session
    world: World
    lease: Lease
    router: Router

    def ready(self, *users: User) -> None:
        for user in users:
            set_presence(self.session, user, "ready", by=user.actor)
        self.session.commit()

    def arrives(self, channel: str = "chat", queue: Queue | None = None, priority: int = 0) -> Conversation:
        ticket = open_ticket(
            self.session,
            self.world.wang_li,
            queue or self.world.support,
            "Where is my order?",
            actor=self.world.wang_li.actor,
            priority=priority,
        )
        conversation = open_conversation(self.session, ticket, channel, actor=self.world.wang_li.actor)
        self.session.commit()
        return conversation

    def leaves(self, conversation: Conversation) -> bool:
        """The customer goes; False if the conversation had ended."""
        actor = f"customer:{conversation.customer_id}"
        return end_conversation(self.session, conversation.id, by="customer", reason="left", actor=actor)

    def turn(self) -> None:
        self.session.commit()
        self.router.turn()
        self.session.expire_all()

    def new_router(self) -> None:
        """The leader is replaced; his successor knows only the database."""
        leave_lease(self.session, self.lease)
        lease = take_lease(self.session, 0, f"successor of {self.lease.fence}")
        assert lease is not None
        self.lease, self.router = lease, Router(lease)
        self.session.commit()

    def fire_timers(self) -> None:
        while True:
            with unit_of_work() as session:
                if not fire_next(session):
                    break
        self.session.expire_all()

    def offer(self, conversation: Conversation) -> Offer | None:
        query = select(Offer).where(Offer.conversation_id == conversation.id, Offer.state == "offered")
        return self.session.scalar(query)

    def offered_to(self, conversation: Conversation) -> User | None:
        offer = self.offer(conversation)
        return offer.user if offer else None

    def presence(self, user: User) -> Presence:
        return self.session.get_one(Presence, user.id, populate_existing=True)


def at(seconds: float) -> AbstractContextManager[None]:
    """The clock stands at so many seconds after MORNING."""
    return frozen(MORNING + timedelta(seconds=seconds))

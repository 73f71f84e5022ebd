"""A shift at work: people, conversations, a clock that stands still, and a router that takes turns when told to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.lease import take_lease
from contactcenter.assignment.models import Offer, Presence
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.router import Router
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import open_conversation
from contactcenter.core import timers
from contactcenter.core.clock import frozen, now
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from contactcenter.tickets.service import open_ticket
from tests.world import World

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Shift:
    """`at(seconds)` sets the clock (from MORNING) and lets everybody act: timers, then the router."""

    session: Session
    world: World
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

    def turn(self) -> None:
        self.session.commit()
        self.router.turn()
        self.session.expire_all()

    def new_router(self) -> None:
        """The leader's process dies; its successor knows only the database."""
        with frozen(now() + timedelta(seconds=6)):
            lease = take_lease(self.session, 0, f"successor of {self.router}")
        assert lease is not None
        self.router = Router(lease)

    def fire_timers(self) -> None:
        while True:
            with unit_of_work() as session:
                if not timers.fire_next(session):
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


def at(seconds: float) -> "frozen":
    return frozen(MORNING + timedelta(seconds=seconds))

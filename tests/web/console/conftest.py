"""What the console's tests start from: a chat from Wang Li in Alice's hands."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner
from tests.world import World


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation with its ticket and first message."""

    ticket: Ticket
    conversation: Conversation
    message: Message

    @property
    def path(self) -> str:
        return f"/console/tickets/{self.ticket.id}"


Say = Callable[..., Chat]


@pytest.fixture
def say(db_session: Session, world: World) -> Say:
    """`say("…")` is a chat message of Wang Li on a ticket of the support queue that nobody has."""

    def write(body: str, *, ticket: Ticket | None = None, channel: str = "chat") -> Chat:
        inbound = Inbound(
            channel=channel,
            queue_id=world.support.id,
            sender=Sender("email", "wang.li@example.cn"),
            body=body,
            ticket_id=ticket.id if ticket else None,
            language="zh",
        )
        with unit_of_work() as session:
            received = receive(session, inbound)
        db_session.expire_all()
        return Chat(
            db_session.get_one(Ticket, received.ticket_id),
            db_session.get_one(Conversation, received.conversation_id),
            db_session.get_one(Message, received.message_id),
        )

    return write


@pytest.fixture
def take(db_session: Session) -> Callable[[Chat, User], None]:
    """`take(chat, world.alice)`: she answers it now."""

    def hand_over(chat: Chat, user: User) -> None:
        assign_owner(db_session, chat.ticket, user, actor=user.actor)
        db_session.flush()
        take_conversation(db_session, user, chat.conversation.id)
        db_session.commit()

    return hand_over


@pytest.fixture
def chat(say: Say, take: Callable[[Chat, User], None], world: World) -> Chat:
    """A chat in Alice's hands."""
    started = say("宽带又断了")
    take(started, world.alice)
    return started

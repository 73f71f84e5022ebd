"""Two at the same ticket in the same instant: nothing is overlooked, and nobody waits in a circle."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.channels.chat.service import call_it_complaint
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import receive
from contactcenter.tickets.models import Status, Ticket
from contactcenter.tickets.service import set_status
from tests.world import build_world


@pytest.fixture
def first(clean_database: Engine) -> Received:
    """王丽 has written to a queue; committed, for several connections to see."""
    with Session(clean_database) as session, session.begin():
        world = build_world(session)
        sender = Sender("email", "wang.li@example.cn")
        return receive(session, Inbound("chat", world.support.id, sender, "hello"))


def test_message_opens_a_ticket_that_was_solved_while_it_arrived(
    clean_database: Engine, first: Received
) -> None:
    with Session(clean_database) as arriving, arriving.begin():
        ticket = arriving.get_one(Ticket, first.ticket_id)
        with Session(clean_database) as agents, agents.begin():
            seen = agents.get_one(Ticket, first.ticket_id)
            set_status(agents, seen, Status.SOLVED, actor="system")
        sender = Sender("email", "wang.li@example.cn")
        more = Inbound("chat", ticket.queue_id, sender, "still broken", conversation_id=first.conversation_id)
        receive(arriving, more)
    with Session(clean_database) as later:
        assert later.get_one(Ticket, first.ticket_id).status == Status.OPEN


def test_complaint_button_waits_for_the_conversation_before_it_holds_the_ticket(
    clean_database: Engine, first: Received
) -> None:
    with Session(clean_database) as writing, Session(clean_database) as pressing:
        pressed = pressing.get_one(Conversation, first.conversation_id)
        writing.get_one(Conversation, first.conversation_id, with_for_update={"of": Conversation})
        pressing.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(OperationalError):
            call_it_complaint(pressing, pressed)
        ticket = select(Ticket.id).where(Ticket.id == first.ticket_id)
        assert writing.scalar(ticket.with_for_update(nowait=True)) == first.ticket_id

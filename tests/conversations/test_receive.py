"""A customer's message becomes a ticket, once, in order."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.queries import replay, timeline
from contactcenter.conversations.service import add_note, end_conversation, receive
from contactcenter.core.errors import Invalid
from contactcenter.core.events import EventRow
from contactcenter.core.outbox import OutboxRow
from contactcenter.tickets.models import Ticket
from tests.world import World


def written(world: World, body: str, **more: object) -> Inbound:
    sender = Sender("email", "Wang.Li@example.cn")
    return Inbound(channel="email", queue_id=world.support.id, sender=sender, body=body, **more)  # type: ignore[arg-type]


def test_first_message_opens_ticket_conversation_and_asks_for_analysis(
    db_session: Session, world: World
) -> None:
    received = receive(db_session, written(world, "我的订单还没有到", subject="订单", client_id="m1"))
    ticket = db_session.get_one(Ticket, received.ticket_id)
    assert (received.created, received.seq, received.rev) == (True, 1, 1)
    assert (ticket.customer_id, ticket.subject, ticket.status) == (world.wang_li.id, "订单", "new")
    names = db_session.scalars(select(EventRow.name).where(EventRow.ticket_id == ticket.id)).all()
    assert {"ticket.opened", "conversation.opened", "message.added"} <= set(names)
    job = db_session.scalars(select(OutboxRow).where(OutboxRow.task == "nlp.analyse")).one()
    assert job.args == {"message_ids": [received.message_id]}


def test_same_client_id_twice_is_one_message(db_session: Session, world: World) -> None:
    first = receive(db_session, written(world, "hello", client_id="m1"))
    again = receive(
        db_session,
        written(
            world, "hello", client_id="m1", ticket_id=first.ticket_id, conversation_id=first.conversation_id
        ),
    )
    assert again.duplicate
    assert again.message_id == first.message_id
    assert db_session.scalar(select(func.count()).select_from(Message)) == 1
    assert db_session.get_one(Conversation, first.conversation_id).last_seq == 1


def test_note_counts_for_staff_and_not_for_the_customer(db_session: Session, world: World) -> None:
    first = receive(db_session, written(world, "hello"))
    conversation = db_session.get_one(Conversation, first.conversation_id)
    note = add_note(db_session, world.alice, conversation, "call her back")
    assert (note.seq, note.rev) == (None, 2)
    assert [message.body for message in replay(db_session, conversation.id, 0)] == ["hello"]
    assert [message.body for message in timeline(db_session, first.ticket_id)] == ["hello", "call her back"]


def test_message_into_ended_conversation_lets_it_wait_again(db_session: Session, world: World) -> None:
    first = receive(db_session, written(world, "hello"))
    end_conversation(db_session, first.conversation_id, by="agent", reason="solved", actor=world.alice.actor)
    receive(db_session, written(world, "one more thing", ticket_id=first.ticket_id))
    db_session.expire_all()
    conversation = db_session.get_one(Conversation, first.conversation_id)
    assert (conversation.state, conversation.last_seq) == ("waiting", 2)


@pytest.mark.parametrize("body", ["", "   \n", "\0"])
def test_empty_message_is_refused_with_a_sentence(db_session: Session, world: World, body: str) -> None:
    with pytest.raises(Invalid, match="Write something first"):
        receive(db_session, written(world, body))


def test_lone_surrogate_and_nul_are_kept_as_text(db_session: Session, world: World) -> None:
    received = receive(db_session, written(world, "a\0b\ud800c"))
    message = db_session.get_one(Message, received.message_id)
    assert (message.body, message.author) == ("ab?c", Author.CUSTOMER)

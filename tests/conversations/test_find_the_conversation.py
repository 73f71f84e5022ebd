"""A message goes where somebody waits for it; what ended waits again, for its owner, without the past's leftovers."""

from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from contactcenter.accounts.service import deactivate_user
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, open_conversation, receive
from contactcenter.core.events import EventRow
from contactcenter.tickets.models import Ticket
from tests.world import World


def written(world: World, body: str = "hello", **more: object) -> Inbound:
    sender = Sender("email", "wang.li@example.cn")
    return Inbound("email", world.support.id, sender, body, **more)  # type: ignore[arg-type]  # fields of Inbound


def end(session: Session, conversation_id: int, world: World) -> None:
    end_conversation(session, conversation_id, by="agent", reason="solved", actor=world.alice.actor)


def test_message_reaches_the_conversation_that_runs_not_a_newer_one_that_ended(
    db_session: Session, world: World
) -> None:
    first = receive(db_session, written(world))
    ticket = db_session.get_one(Ticket, first.ticket_id)
    newer = open_conversation(db_session, ticket, "email", actor="system")
    end(db_session, newer.id, world)
    again = receive(db_session, written(world, ticket_id=ticket.id))
    assert again.conversation_id == first.conversation_id
    end(db_session, first.conversation_id, world)
    assert receive(db_session, written(world, ticket_id=ticket.id)).conversation_id == newer.id


def test_resumed_conversation_waits_for_its_owner_and_forgets_how_it_ended(
    db_session: Session, world: World
) -> None:
    first = receive(db_session, written(world))
    conversation = db_session.get_one(Conversation, first.conversation_id)
    conversation.ticket.owner = world.alice
    conversation.target_until = datetime(2026, 1, 1, tzinfo=UTC)
    end(db_session, conversation.id, world)
    receive(db_session, written(world, "one more thing", ticket_id=first.ticket_id))
    db_session.refresh(conversation)
    assert (conversation.state, conversation.target_user_id) == ("waiting", world.alice.id)
    left_over = ("agent_id", "ended_at", "end_reason", "target_until", "wrap_until")
    assert [name for name in left_over if getattr(conversation, name) is not None] == []
    resumed = select(func.count()).where(EventRow.name == "conversation.resumed")
    assert db_session.scalar(resumed) == 1


def test_resumed_conversation_waits_for_nobody_who_has_left(db_session: Session, world: World) -> None:
    first = receive(db_session, written(world))
    conversation = db_session.get_one(Conversation, first.conversation_id)
    conversation.ticket.owner = world.alice
    conversation.ticket.status = "solved"
    end(db_session, conversation.id, world)
    deactivate_user(db_session, world.alice, actor="system")
    receive(db_session, written(world, "one more thing", ticket_id=first.ticket_id))
    db_session.refresh(conversation)
    assert (conversation.state, conversation.target_user_id) == ("waiting", None)


def test_message_on_another_channel_opens_a_conversation_of_its_own(
    db_session: Session, world: World
) -> None:
    first = receive(db_session, written(world))
    other = Inbound(
        "form", world.support.id, Sender("email", "wang.li@example.cn"), "hi", ticket_id=first.ticket_id
    )
    second = receive(db_session, other)
    assert second.ticket_id == first.ticket_id
    assert second.conversation_id != first.conversation_id
    assert (second.seq, second.rev, second.created) == (1, 2, False)


def test_conversation_ends_once(db_session: Session, world: World) -> None:
    received = receive(db_session, written(world))
    ends = [
        end_conversation(db_session, received.conversation_id, by="customer", reason="left", actor="system")
        for _ in range(2)
    ]
    assert ends == [True, False]


def test_ticket_with_more_words_than_the_index_holds_still_takes_messages(
    db_session: Session, world: World
) -> None:
    received = receive(db_session, written(world))
    many = "SELECT to_tsvector('simple', string_agg(md5(n::text), ' ')) FROM generate_series(1, 28500) n"
    db_session.execute(text(f"UPDATE ticket SET search = ({many}) WHERE id = {received.ticket_id}"))
    noise = " ".join(f"{n:x}word{n * 7919:x}" for n in range(1500))
    for words in (noise, noise[::-1]):
        receive(db_session, written(world, words[:20_000], ticket_id=received.ticket_id))
    said = select(func.count()).where(Message.ticket_id == received.ticket_id)
    assert db_session.scalar(said) == 3

"""Work goes from hand to hand: transfer, taking, ending, giving up. It keeps its age."""

import pytest
from sqlalchemy import select

from contactcenter.assignment.models import Offer
from contactcenter.assignment.presence import set_capacity, set_presence
from contactcenter.assignment.service import (
    accept_offer,
    complete_conversation,
    take_conversation,
    transfer_to_agent,
    transfer_to_queue,
)
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import wake
from contactcenter.core.errors import Conflict, Invalid, NotAllowed
from contactcenter.core.events import EventRow
from contactcenter.tickets.models import Status
from contactcenter.tickets.service import edit_ticket, set_status
from tests.assignment.shift import Shift, at


def test_transfer_to_a_queue_keeps_the_age_and_moves_the_ticket(shift: Shift) -> None:
    world = shift.world
    chat = active(shift)
    enqueued_at = chat.enqueued_at
    with at(60):
        younger = shift.arrives(queue=world.other_queue)
    with at(120):
        transfer_to_queue(shift.session, world.alice, chat.id, world.other_queue.id)
        shift.turn()
        assert (chat.state, chat.enqueued_at) == ("waiting", enqueued_at)
        assert (chat.ticket.queue_id, chat.ticket.owner_id) == (world.other_queue.id, None)
        set_capacity(shift.session, world.mallory.id, "chat", 1, by=world.bob.actor)
        shift.ready(world.mallory)
        shift.turn()
    assert shift.offered_to(chat) == world.mallory
    assert shift.offered_to(younger) is None


def test_transferred_work_does_not_come_back_to_who_passed_it_on(shift: Shift) -> None:
    chat = active(shift)
    transfer_to_queue(shift.session, shift.world.alice, chat.id, shift.world.support.id)
    shift.turn()
    assert shift.offered_to(chat) is None
    with at(30.1):
        shift.turn()
    assert shift.offered_to(chat) == shift.world.alice


def test_transfer_to_an_agent_reaches_him_alone_then_anybody(shift: Shift) -> None:
    world = shift.world
    chat = active(shift)
    shift.ready(world.bob, world.carol)
    with at(10):
        transfer_to_agent(shift.session, world.alice, chat.id, world.carol)
        shift.turn()
        offer = shift.offer(chat)
        assert offer is not None
        assert offer.user == world.carol
    with at(31):
        shift.turn()
    assert shift.presence(world.carol).state == "away"
    assert shift.offered_to(chat) == world.bob, "who is kept for somebody away need not wait"


def test_transferred_ticket_belongs_to_who_accepts_it(shift: Shift) -> None:
    world = shift.world
    chat = active(shift)
    shift.ready(world.carol)
    transfer_to_agent(shift.session, world.alice, chat.id, world.carol)
    shift.turn()
    accept(shift, chat)
    assert (chat.ticket.owner_id, chat.target_user_id) == (world.carol.id, None)


def test_transfer_to_somebody_away_is_refused_with_his_name(shift: Shift) -> None:
    chat = active(shift)
    with pytest.raises(Invalid, match="Carol Chen is away"):
        transfer_to_agent(shift.session, shift.world.alice, chat.id, shift.world.carol)


def test_stranger_may_neither_transfer_nor_take_nor_end(shift: Shift) -> None:
    chat = active(shift)
    shift.ready(shift.world.carol)
    mallory = shift.world.mallory
    for attempt in (
        lambda: transfer_to_queue(shift.session, mallory, chat.id, shift.world.other_queue.id),
        lambda: transfer_to_agent(shift.session, mallory, chat.id, shift.world.carol),
        lambda: take_conversation(shift.session, mallory, chat.id),
        lambda: complete_conversation(shift.session, mallory, chat.id),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_supervisor_gives_waiting_work_to_a_person(shift: Shift) -> None:
    world = shift.world
    shift.ready(world.mallory)
    waiting = shift.arrives()
    shift.turn()
    transfer_to_agent(shift.session, world.bob, waiting.id, world.mallory)
    shift.turn()
    assert shift.offered_to(waiting) == world.mallory


def test_supervisor_takes_what_rings_elsewhere(shift: Shift) -> None:
    world = shift.world
    shift.ready(world.alice)
    chat = shift.arrives()
    shift.turn()
    take_conversation(shift.session, world.bob, chat.id)
    shift.turn()
    assert (chat.state, chat.agent_id, chat.ticket.owner_id) == ("active", world.bob.id, world.bob.id)
    states = shift.session.scalars(select(Offer.state).order_by(Offer.id)).all()
    assert states == ["withdrawn", "accepted"]
    following = shift.arrives()
    shift.turn()
    assert shift.offered_to(following) == world.alice, "who lost the offer is free without penalty"


def test_taking_what_somebody_has_is_a_conflict(shift: Shift) -> None:
    chat = active(shift)
    with pytest.raises(Conflict, match="Somebody else has"):
        take_conversation(shift.session, shift.world.bob, chat.id)


def test_customer_who_leaves_while_it_rings_frees_the_agent(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    call = shift.arrives("voice")
    shift.turn()
    with at(8):
        assert shift.leaves(call)
        following = shift.arrives("voice")
        shift.turn()
    assert shift.offered_to(following) == shift.world.alice
    gone = shift.session.scalars(select(EventRow).where(EventRow.name == "conversation.abandoned")).one()
    assert gone.data["waited_s"] == 8
    assert not shift.leaves(call), "twice is once"


def test_customer_who_leaves_a_chat_lets_the_agent_wrap_up(shift: Shift) -> None:
    chat = active(shift)
    shift.leaves(chat)
    assert chat.state == "wrap_up"
    assert shift.presence(shift.world.alice).state == "wrap_up"
    names = set(shift.session.scalars(select(EventRow.name)))
    assert "wrap_up.started" in names
    assert "conversation.abandoned" not in names


def test_solving_the_ticket_frees_the_capacity(shift: Shift) -> None:
    letter = active(shift, "email")
    set_status(shift.session, letter.ticket, Status.SOLVED, actor=shift.world.alice.actor)
    shift.session.commit()
    shift.fire_timers()
    assert (letter.state, letter.end_reason) == ("ended", "solved")
    assert shift.session.scalars(select(Offer.state)).all() == ["ended"]


def test_chat_goes_on_while_its_ticket_is_pending(shift: Shift) -> None:
    chat = active(shift)
    set_status(shift.session, chat.ticket, Status.PENDING, actor=shift.world.alice.actor)
    shift.session.commit()
    shift.fire_timers()
    assert chat.state == "active"


def test_raised_priority_moves_what_waits_forward(shift: Shift) -> None:
    first, second = shift.arrives("voice"), shift.arrives("voice")
    shift.turn()
    edit_ticket(
        shift.session, second.ticket, second.ticket.version, {"priority": 1}, actor=shift.world.bob.actor
    )
    shift.session.commit()
    shift.fire_timers()
    shift.turn()
    shift.ready(shift.world.alice)
    shift.turn()
    assert shift.offered_to(second) == shift.world.alice
    assert shift.offered_to(first) is None


def test_reopened_letter_waits_for_its_owner_on_a_break_but_not_for_one_away(shift: Shift) -> None:
    world = shift.world
    letter = active(shift, "email")
    complete_conversation(shift.session, world.alice, letter.id)
    set_presence(shift.session, world.alice, "break", "Lunch", by=world.alice.actor)
    shift.ready(world.carol)
    wake(shift.session, letter, actor=world.wang_li.actor)
    shift.turn()
    assert (letter.state, letter.target_user_id) == ("waiting", world.alice.id)
    assert shift.offered_to(letter) is None
    set_presence(shift.session, world.alice, "away", "End of shift", by=world.alice.actor)
    shift.turn()
    assert shift.offered_to(letter) == world.carol


def test_reopened_chat_does_not_wait_for_a_break(shift: Shift) -> None:
    world = shift.world
    chat = active(shift)
    complete_conversation(shift.session, world.alice, chat.id)
    set_presence(shift.session, world.alice, "break", "Lunch", by=world.alice.actor)
    shift.ready(world.carol)
    wake(shift.session, chat, actor=world.wang_li.actor)
    shift.turn()
    assert shift.offered_to(chat) == world.carol


def test_agent_on_a_break_keeps_his_active_chat(shift: Shift) -> None:
    chat = active(shift)
    set_presence(shift.session, shift.world.alice, "break", "Lunch", by=shift.world.alice.actor)
    shift.turn()
    assert (chat.state, chat.agent_id) == ("active", shift.world.alice.id)


def active(shift: Shift, channel: str = "chat") -> Conversation:
    shift.ready(shift.world.alice)
    conversation = shift.arrives(channel)
    shift.turn()
    accept(shift, conversation)
    shift.turn()
    return conversation


def accept(shift: Shift, conversation: Conversation) -> None:
    offer = shift.offer(conversation)
    assert offer is not None
    accept_offer(shift.session, offer.user, offer.id)

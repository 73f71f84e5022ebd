"""An agent chooses what to do; the system sets him away only when he misses an offer or his console is gone."""

import pytest
from sqlalchemy import select

from contactcenter.assignment.presence import (
    cancel_planned_break,
    end_wrap_up,
    finish_then_break,
    force_presence,
    set_capacity,
    set_presence,
)
from contactcenter.assignment.service import accept_offer, complete_conversation
from contactcenter.core.errors import Invalid, NotAllowed
from contactcenter.core.events import EventRow
from tests.assignment.shift import Shift, at


def test_break_without_a_reason_is_refused(shift: Shift) -> None:
    with pytest.raises(Invalid, match="Say why"):
        set_presence(shift.session, shift.world.alice, "break", " ", by=shift.world.alice.actor)


@pytest.mark.parametrize("state", ["busy", "wrap_up", "asleep", ""])
def test_only_ready_break_and_away_can_be_chosen(shift: Shift, state: str) -> None:
    with pytest.raises(Invalid, match="Choose ready, break or away"):
        set_presence(shift.session, shift.world.alice, state, "because", by=shift.world.alice.actor)


def test_going_on_a_break_returns_the_ringing_offer_to_the_next(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    with at(3):
        shift.ready(shift.world.carol)
        set_presence(shift.session, shift.world.alice, "break", "Lunch", by=shift.world.alice.actor)
        shift.turn()
    assert shift.offered_to(chat) == shift.world.carol
    assert shift.presence(shift.world.alice).reason == "Lunch"
    withdrawn = shift.session.scalars(select(EventRow).where(EventRow.name == "offer.withdrawn")).one()
    assert withdrawn.data["reason"] == "agent_unavailable"


def test_finish_then_break_takes_nothing_new_and_breaks_after_the_last_chat(shift: Shift) -> None:
    alice = shift.world.alice
    chat = _active_chat(shift)
    finish_then_break(shift.session, alice, "Lunch", by=alice.actor)
    other = shift.arrives()
    shift.turn()
    assert shift.offered_to(other) is None
    assert (shift.presence(alice).state, shift.presence(alice).then_break) == ("ready", "Lunch")
    complete_conversation(shift.session, alice, chat)
    shift.turn()
    assert shift.presence(alice).state == "wrap_up"
    end_wrap_up(shift.session, alice)
    shift.turn()
    assert (shift.presence(alice).state, shift.presence(alice).reason) == ("break", "Lunch")
    assert shift.offered_to(other) is None


def test_ready_while_wrapping_up_begins_the_planned_break(shift: Shift) -> None:
    alice = shift.world.alice
    chat = _active_chat(shift)
    finish_then_break(shift.session, alice, "Lunch", by=alice.actor)
    complete_conversation(shift.session, alice, chat)
    assert shift.presence(alice).state == "wrap_up"
    set_presence(shift.session, alice, "ready", by=alice.actor)
    now = shift.presence(alice)
    assert (now.state, now.reason, now.then_break) == ("break", "Lunch", None)


def test_ready_with_work_in_hand_keeps_the_planned_break(shift: Shift) -> None:
    alice = shift.world.alice
    _active_chat(shift)
    finish_then_break(shift.session, alice, "Lunch", by=alice.actor)
    set_presence(shift.session, alice, "ready", by=alice.actor)
    assert (shift.presence(alice).state, shift.presence(alice).then_break) == ("ready", "Lunch")


def test_who_cancels_the_planned_break_gets_work_again(shift: Shift) -> None:
    alice = shift.world.alice
    _active_chat(shift)
    finish_then_break(shift.session, alice, "Lunch", by=alice.actor)
    waiting = shift.arrives()
    shift.turn()
    assert shift.offered_to(waiting) is None
    cancel_planned_break(shift.session, alice, by=alice.actor)
    shift.turn()
    assert shift.presence(alice).then_break is None
    assert shift.offered_to(waiting) == alice


def test_ready_from_a_supervisor_is_ready_whatever_was_planned(shift: Shift) -> None:
    alice = shift.world.alice
    chat = _active_chat(shift)
    finish_then_break(shift.session, alice, "Lunch", by=alice.actor)
    complete_conversation(shift.session, alice, chat)
    force_presence(shift.session, shift.world.bob, alice, "ready", "")
    assert (shift.presence(alice).state, shift.presence(alice).then_break) == ("ready", None)


def test_finish_then_break_with_nothing_to_finish_breaks_at_once(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    finish_then_break(shift.session, shift.world.alice, "Lunch", by=shift.world.alice.actor)
    assert shift.presence(shift.world.alice).state == "break"


def test_supervisor_of_the_team_may_force_a_state_and_nobody_else(shift: Shift) -> None:
    world = shift.world
    shift.ready(world.alice)
    force_presence(shift.session, world.bob, world.alice, "away", "End of shift")
    assert shift.presence(world.alice).state == "away"
    changed = select(EventRow).where(EventRow.name == "presence.changed").order_by(EventRow.id.desc())
    assert shift.session.scalars(changed.limit(1)).one().actor == world.bob.actor
    for stranger in (world.carol, world.mallory):
        with pytest.raises(NotAllowed):
            force_presence(shift.session, stranger, world.alice, "ready", "")


def test_wrap_up_keeps_new_work_away_until_its_time_is_over(shift: Shift) -> None:
    alice = shift.world.alice
    complete_conversation(shift.session, alice, _active_chat(shift))
    waiting = shift.arrives()
    shift.turn()
    assert shift.presence(alice).state == "wrap_up"
    with at(14):
        shift.turn()
    assert shift.offered_to(waiting) is None
    with at(15.1):
        shift.turn()
    assert shift.offered_to(waiting) == alice


def test_wrap_up_ends_by_itself_and_with_it_the_conversation(shift: Shift) -> None:
    alice = shift.world.alice
    chat = _active_chat(shift)
    complete_conversation(shift.session, alice, chat)
    with at(15.1):
        shift.fire_timers()
    assert shift.presence(alice).state == "ready"
    ended = shift.session.scalars(select(EventRow).where(EventRow.name == "wrap_up.ended")).one()
    assert (ended.conversation_id, ended.data["early"]) == (chat, False)


def test_done_early_frees_the_agent_at_once(shift: Shift) -> None:
    alice = shift.world.alice
    complete_conversation(shift.session, alice, _active_chat(shift))
    waiting = shift.arrives()
    shift.turn()
    with at(4):
        end_wrap_up(shift.session, alice)
        shift.turn()
    assert shift.offered_to(waiting) == alice


def test_email_needs_no_wrap_up(shift: Shift) -> None:
    alice = shift.world.alice
    complete_conversation(shift.session, alice, _active_chat(shift, "email"))
    assert shift.presence(alice).state == "ready"


@pytest.mark.parametrize(("channel", "cap"), [("voice", 1), ("chat", 3), ("email", 5)])
def test_default_capacity_per_channel(shift: Shift, channel: str, cap: int) -> None:
    shift.ready(shift.world.alice)
    waiting = [shift.arrives(channel) for _ in range(cap + 1)]
    shift.turn()
    assert [shift.offered_to(each) for each in waiting] == [shift.world.alice] * cap + [None]


def test_forms_and_letters_count_as_email(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    waiting = [shift.arrives(channel) for channel in ("email", "form", "manual", "form", "email", "manual")]
    shift.turn()
    assert [shift.offered_to(each) for each in waiting] == [shift.world.alice] * 5 + [None]


def test_a_call_keeps_chats_away(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    call = shift.arrives("voice")
    chat = shift.arrives("chat")
    shift.turn()
    assert shift.offered_to(call) == shift.world.alice
    assert shift.offered_to(chat) is None


def test_more_capacity_takes_effect_without_a_restart(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    waiting = [shift.arrives() for _ in range(4)]
    shift.turn()
    assert shift.offered_to(waiting[3]) is None
    set_capacity(shift.session, shift.world.alice.id, "chat", 4, by=shift.world.bob.actor)
    shift.turn()
    assert shift.offered_to(waiting[3]) == shift.world.alice


@pytest.mark.parametrize(("channel", "cap"), [("fax", 1), ("chat", -1), ("chat", 1000)])
def test_senseless_capacity_is_refused(shift: Shift, channel: str, cap: int) -> None:
    with pytest.raises(Invalid):
        set_capacity(shift.session, shift.world.alice.id, channel, cap, by=shift.world.bob.actor)


def _active_chat(shift: Shift, channel: str = "chat") -> int:
    shift.ready(shift.world.alice)
    conversation = shift.arrives(channel)
    shift.turn()
    offer = shift.offer(conversation)
    assert offer is not None
    accept_offer(shift.session, shift.world.alice, offer.id)
    shift.turn()
    return conversation.id

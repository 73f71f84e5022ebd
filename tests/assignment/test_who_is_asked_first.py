"""Administrators say who is asked first, when that eases, and what weighs; it holds from the next decision on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.reasons import why_waiting
from contactcenter.assignment.service import (
    accept_offer,
    complete_conversation,
    decline_offer,
    take_conversation,
)
from contactcenter.conversations.models import Conversation
from contactcenter.core.errors import Conflict, Invalid, NotAllowed
from contactcenter.core.events import EventRow
from contactcenter.core.i18n import speaking
from contactcenter.customers.service import edit_customer, identify
from contactcenter.queues.models import Queue
from contactcenter.queues.policy import edit_policy, read_policy
from contactcenter.queues.service import require_skills, set_agent_skills
from contactcenter.queues.steps import Easing, read_steps, set_steps
from contactcenter.tickets.service import assign_owner, edit_ticket
from tests.assignment.shift import Shift, at
from tests.browser import Browser

ADMIN = "user:1"


def setting(shift: Shift, queue: Queue | None = None, **values: Any) -> None:
    for name, value in values.items():
        setattr(queue or shift.world.support, name, value)
    shift.session.commit()


def policy(shift: Shift, **changes: Any) -> None:
    now = read_policy(shift.session)
    wanted: dict[str, Any] = {
        "handicap_s": now.handicap_s,
        "cooldown_s": now.cooldown_s,
        "vip": now.vip,
    } | changes
    edit_policy(shift.session, now.version, **wanted, actor=ADMIN)
    shift.session.commit()


def helped_by(shift: Shift, user: User) -> Conversation:
    """A chat that `user` answered and ended."""
    shift.ready(user)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    assert offer.user == user
    accept_offer(shift.session, user, offer.id)
    complete_conversation(shift.session, user, chat.id)
    assign_owner(shift.session, chat.ticket, None, actor=ADMIN)
    shift.turn()
    return chat


def test_whoever_speaks_the_language_is_asked_first_then_anybody(shift: Shift) -> None:
    world = shift.world
    setting(shift, language_s=60)
    world.carol.speaks = ["zh"]
    shift.ready(world.alice)
    chat = shift.arrives()
    shift.turn()
    assert shift.offered_to(chat) is None
    with speaking("en"):
        assert "Nobody has what it needs: 简体中文." not in why_waiting(shift.session, chat), "Carol is away"
    with at(10):
        shift.ready(world.carol)
        shift.turn()
        assert shift.offered_to(chat) == world.carol
    with at(60):
        set_presence(shift.session, world.carol, "away", "End of shift", by=ADMIN)
        shift.turn()
        assert shift.offered_to(chat) == world.alice


def test_a_language_nobody_speaks_is_named_to_who_asks_why(shift: Shift) -> None:
    setting(shift, language_s=60)
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    with speaking("en"):
        assert why_waiting(shift.session, chat) == ["Nobody has what it needs: 简体中文."]


def test_whoever_helped_last_is_asked_first(shift: Shift) -> None:
    world = shift.world
    setting(shift, sticky_s=30, wrap_up_s=0)
    helped_by(shift, world.alice)
    with at(5):
        shift.ready(world.carol)
        set_presence(shift.session, world.carol, "ready", by=ADMIN)
    with at(6):
        again = shift.arrives()
        shift.turn()
        assert shift.offered_to(again) == world.alice
        offer = shift.offer(again)
        assert offer is not None
        decline_offer(shift.session, world.alice, offer.id)
        shift.turn()
        assert shift.offered_to(again) == world.carol


def test_nobody_waits_for_who_helped_last_if_he_is_away_or_full_for_too_long(shift: Shift) -> None:
    world = shift.world
    setting(shift, sticky_s=30, wrap_up_s=0)
    helped_by(shift, world.alice)
    set_presence(shift.session, world.alice, "away", "End of shift", by=ADMIN)
    shift.ready(world.carol)
    chat = shift.arrives()
    shift.turn()
    assert shift.offered_to(chat) == world.carol, "she is away, so he does not wait"


def test_the_owner_of_the_ticket_comes_before_who_helped_last(shift: Shift) -> None:
    world = shift.world
    setting(shift, sticky_s=30, wrap_up_s=0)
    helped_by(shift, world.alice)
    set_presence(shift.session, world.alice, "break", "Lunch", by=ADMIN)
    other = helped_by(shift, world.carol)
    assert other.agent_id == world.carol.id
    shift.ready(world.alice)
    assert shift.arrives().target_user_id == world.carol.id


def test_what_work_needs_eases_step_by_step_and_keeps_its_place(shift: Shift) -> None:
    world, session = shift.world, shift.session
    require_skills(session, world.support, {"mandarin": 4}, actor=ADMIN)
    set_agent_skills(session, world.carol.id, {"mandarin": 2}, actor=ADMIN)
    steps = [Easing(60, {}, world.other_team.id), Easing(30, {"mandarin": 2})]
    set_steps(session, world.support, steps, actor=ADMIN)
    assert read_steps(world.support) == [steps[1], steps[0]], "they read as they were written, in order"
    chat = shift.arrives()
    shift.ready(world.carol, world.mallory)
    shift.turn()
    assert shift.offered_to(chat) is None
    with at(30):
        shift.turn()
        assert shift.offered_to(chat) == world.carol
        set_presence(session, world.carol, "away", "End of shift", by=ADMIN)
        shift.turn()
        assert shift.offered_to(chat) is None
    with at(60):
        shift.turn()
        assert shift.offered_to(chat) == world.mallory, "the second team helps"


@pytest.mark.parametrize("times", [(30, 30), (0,), (86_401,), (1, 2, 3, 4, 5, 6)])
def test_steps_that_make_no_sense_are_refused(shift: Shift, times: tuple[int, ...]) -> None:
    with pytest.raises(Invalid, match="its own time"):
        set_steps(shift.session, shift.world.support, [Easing(each) for each in times], actor=ADMIN)


def test_steps_of_a_running_queue_hold_at_once_and_are_told(shift: Shift) -> None:
    world, session = shift.world, shift.session
    require_skills(session, world.support, {"mandarin": 4}, actor=ADMIN)
    chat = shift.arrives()
    shift.ready(world.alice)
    shift.turn()
    assert shift.offered_to(chat) is None
    with at(40):
        set_steps(session, world.support, [Easing(30)], actor=ADMIN)
        shift.turn()
    assert shift.offered_to(chat) == world.alice
    changes = [row.data["changes"] for row in session.query(EventRow).where(EventRow.name == "queue.changed")]
    assert {"steps": [[], [[30, [[]]]]]} in changes


def first_offered(shift: Shift, *rivals: Conversation) -> Conversation:
    shift.ready(shift.world.alice)
    shift.turn()
    [first] = [each for each in rivals if shift.offered_to(each)]
    return first


def two_minutes_apart(shift: Shift) -> tuple[Conversation, Conversation]:
    """A call of somebody ordinary, and two minutes later one of a customer whose segment is gold."""
    earlier = shift.arrives("voice")
    somebody = identify(shift.session, "email", "gold@example.com")
    shift.world = replace(shift.world, wang_li=somebody)
    edit_customer(shift.session, somebody, 1, {"segment": "Gold"}, actor=ADMIN)
    with at(120):
        return earlier, shift.arrives("voice")


def test_an_important_customer_goes_first_by_as_many_minutes_as_points(shift: Shift) -> None:
    policy(shift, vip={"gold": 3})
    earlier, gold = two_minutes_apart(shift)
    assert gold.priority == 3
    with at(130):
        assert first_offered(shift, earlier, gold) == gold


def test_one_point_too_few_leaves_the_order(shift: Shift) -> None:
    policy(shift, vip={"gold": 1})
    earlier, gold = two_minutes_apart(shift)
    with at(130):
        assert first_offered(shift, earlier, gold) == earlier


def test_a_complaint_is_not_moved_by_who_complains(shift: Shift) -> None:
    policy(shift, vip={"gold": 3})
    edit_customer(shift.session, shift.world.wang_li, 1, {"segment": "gold"}, actor=ADMIN)
    chat = shift.arrives()
    assert chat.priority == 3
    edit_ticket(shift.session, chat.ticket, chat.ticket.version, {"kind": "complaint"}, actor=ADMIN)
    shift.session.commit()
    shift.fire_timers()
    assert chat.priority == 0


def test_a_change_of_what_a_segment_is_worth_moves_those_who_wait(shift: Shift) -> None:
    edit_customer(shift.session, shift.world.wang_li, 1, {"segment": "gold"}, actor=ADMIN)
    chat, other = shift.arrives(), shift.arrives(queue=shift.world.other_queue)
    policy(shift, vip={"gold": 7})
    shift.fire_timers()
    assert (chat.priority, other.priority) == (7, 7)
    edit_customer(shift.session, shift.world.wang_li, 2, {"segment": ""}, actor=ADMIN)
    shift.session.commit()
    shift.fire_timers()
    assert (chat.priority, other.priority) == (0, 0)


def test_a_declined_chat_stays_away_as_long_as_the_policy_says(shift: Shift) -> None:
    policy(shift, cooldown_s=5)
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    decline_offer(shift.session, shift.world.alice, offer.id)
    shift.turn()
    assert shift.offered_to(chat) is None
    with at(5.1):
        shift.turn()
    assert shift.offered_to(chat) == shift.world.alice


@pytest.mark.parametrize(("handicap_s", "chosen"), [(0, "alice"), (30, "carol")])
def test_who_can_do_everything_goes_behind_as_far_as_the_policy_says(
    shift: Shift, handicap_s: int, chosen: str
) -> None:
    world, session = shift.world, shift.session
    require_skills(session, world.other_queue, {"billing": 1, "mandarin": 1}, actor=ADMIN)
    set_agent_skills(session, world.alice.id, {"billing": 3, "mandarin": 3}, actor=ADMIN)
    policy(shift, handicap_s=handicap_s)
    shift.ready(world.alice)
    with at(10):
        shift.ready(world.carol)
        chat = shift.arrives()
        shift.turn()
    assert shift.offered_to(chat) == getattr(world, chosen)


def test_the_policy_refuses_two_at_once_and_points_beyond_an_hour(shift: Shift) -> None:
    policy(shift, vip={" Gold ": 5, "silver": 0})
    assert read_policy(shift.session).vip == {"gold": 5}
    with pytest.raises(Conflict, match="meanwhile"):
        edit_policy(shift.session, 1, handicap_s=10, cooldown_s=30, vip={}, actor=ADMIN)
    with pytest.raises(Invalid, match="from 0 to 60"):
        edit_policy(shift.session, 2, handicap_s=10, cooldown_s=30, vip={"gold": 61}, actor=ADMIN)


def test_agents_pick_only_where_their_queue_lets_them(shift: Shift) -> None:
    world = shift.world
    chat = shift.arrives()
    with pytest.raises(NotAllowed):
        take_conversation(shift.session, world.alice, chat.id)
    setting(shift, may_pick=True)
    with pytest.raises(NotAllowed):
        take_conversation(shift.session, world.mallory, chat.id)
    taken = take_conversation(shift.session, world.alice, chat.id)
    assert (taken.state, taken.agent_id) == ("active", world.alice.id)


def test_take_it_myself_stands_only_where_it_may_be_taken(
    shift: Shift, browse: Callable[[User | None], Browser]
) -> None:
    chat = shift.arrives()
    alice, path = browse(shift.world.alice), f"/console/tickets/{chat.ticket_id}/assign"
    assert "Take it myself" not in alice.get(path).text
    assert alice.post(path, {"owner": shift.world.alice.id}).status_code == 403
    assert "Take it myself" in browse(shift.world.bob).get(path).text, "he supervises the team"
    setting(shift, may_pick=True)
    assert "Take it myself" in alice.get(path).text
    assert alice.post(path, {"owner": shift.world.alice.id}).status_code == 200


def test_nobody_picks_what_rings_at_a_colleague(shift: Shift) -> None:
    world = shift.world
    setting(shift, may_pick=True)
    shift.ready(world.carol)
    chat = shift.arrives()
    shift.turn()
    assert shift.offered_to(chat) == world.carol
    with pytest.raises(NotAllowed):
        take_conversation(shift.session, world.alice, chat.id)


def test_declined_after_it_was_no_longer_kept_it_goes_to_the_next_at_once(shift: Shift) -> None:
    world = shift.world
    setting(shift, sticky_s=30, wrap_up_s=0, ring_s=120)
    helped_by(shift, world.alice)
    with at(5):
        shift.ready(world.carol)
        again = shift.arrives()
        shift.turn()
    offer = shift.offer(again)
    assert offer is not None
    assert offer.user == world.alice
    with at(60):
        decline_offer(shift.session, world.alice, offer.id)
        shift.turn()
    assert shift.offered_to(again) == world.carol


def test_an_offer_the_database_refuses_is_no_second_decline(shift: Shift) -> None:
    alice = shift.world.alice
    setting(shift, wrap_up_s=15)
    shift.ready(alice)
    first = shift.arrives()
    shift.turn()
    offer = shift.offer(first)
    assert offer is not None
    accept_offer(shift.session, alice, offer.id)
    second = shift.arrives()
    shift.turn()
    offer = shift.offer(second)
    assert offer is not None
    decline_offer(shift.session, alice, offer.id)
    shift.turn()
    with at(40):  # 30 s after it was declined she may have it again, but in this very moment she wraps up
        complete_conversation(shift.session, alice, first.id)
        shift.turn()
        shift.turn()
    with at(56):
        shift.fire_timers()
        shift.turn()
    assert shift.offered_to(second) == alice

"""Places, estimates and reasons that people can read, in both languages."""

from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment import waiting
from contactcenter.assignment.facts import AgentFact, read_agents
from contactcenter.assignment.kept_reasons import WHOLE_FLOOR_MAX
from contactcenter.assignment.models import Offer
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.reasons import why_me, why_waiting
from contactcenter.assignment.service import accept_offer, transfer_to_agent
from contactcenter.assignment.staff import agent_now, agents_now
from contactcenter.assignment.waiting import Place, place_of
from contactcenter.core import clock
from contactcenter.queues.service import edit_queue, require_skills, set_agent_skills
from tests.assignment.shift import Shift, at


def test_place_counts_those_of_the_same_kind_with_an_earlier_key(shift: Shift) -> None:
    first = shift.arrives("voice")
    with at(10):
        second = shift.arrives("voice")
        letter = shift.arrives("email")
        urgent = shift.arrives("voice", priority=1)
    places = [place_of(shift.session, each) for each in (urgent, first, second, letter)]
    assert [place.position for place in places if place] == [1, 2, 3, 1]


def test_nobody_estimates_a_wait_without_history_or_people(shift: Shift) -> None:
    call = shift.arrives("voice")
    assert place_of(shift.session, call) == Place(1, None)
    _handled(shift, minutes=[4, 4, 5, 6, 30])
    assert place_of(shift.session, call) == Place(1, None), "nobody is there"


def test_estimate_is_the_median_per_free_slot_in_whole_minutes(shift: Shift) -> None:
    _handled(shift, minutes=[4, 4, 5, 6, 30])
    shift.ready(shift.world.alice, shift.world.carol)
    calls = [shift.arrives("voice") for _ in range(3)]
    assert place_of(shift.session, calls[0]) == Place(1, 180)
    assert place_of(shift.session, calls[2]) == Place(3, 480)


def test_only_agents_of_the_team_are_looked_at_for_an_estimate(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every visitor who comes asks, and so does everybody who waits beside him."""
    looked_at: list[Collection[int]] = []

    def look(session: Session, ids: Collection[int]) -> list[AgentFact]:
        looked_at.append(ids)
        return read_agents(session, ids)

    monkeypatch.setattr(waiting, "read_agents", look)
    call = shift.arrives("voice")
    place_of(shift.session, call)
    assert looked_at == [], "without history nobody can say, whoever is there"
    _handled(shift, minutes=[4, 4, 5, 6, 30])
    place_of(shift.session, call)
    people = [shift.session.get_one(User, one) for one in looked_at[0]]
    assert {one.team_id for one in people} == {shift.world.support.team_id}
    assert shift.world.alice.id in looked_at[0]


def test_active_conversation_has_no_place(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    accept_offer(shift.session, shift.world.alice, offer.id)
    assert place_of(shift.session, chat) is None


@pytest.mark.parametrize("whole_floor_max", [WHOLE_FLOOR_MAX, 1], ids=["small floor", "large floor"])
def test_why_me_names_skill_and_idle_time(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, whole_floor_max: int
) -> None:
    monkeypatch.setattr("contactcenter.assignment.board.WHOLE_FLOOR_MAX", whole_floor_max)
    require_skills(shift.session, shift.world.support, {"billing": 3}, actor="system")
    for user in (shift.world.alice, shift.world.carol):
        set_agent_skills(shift.session, user.id, {"billing": 4}, actor="system")
    shift.ready(shift.world.alice)
    with at(30):
        shift.ready(shift.world.carol)
        chat = shift.arrives()
        shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    sentences = why_me(offer)
    assert sentences[0] == "You can do what it needs: billing (level 3 or above)."
    assert sentences[1].startswith("1 other agent could, too; you had been free longest, since 09:00")
    assert sentences[2] == "The customer had waited 0:00."


def test_why_waiting_says_what_keeps_each_agent_from_it(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    rings = shift.arrives("voice")
    shift.turn()
    with at(5):
        shift.arrives("voice")
        third = shift.arrives("voice")
        shift.turn()
        assert why_waiting(shift.session, third) == [
            "1 is ahead of it.",
            "1 has all hands full.",
            "2 who could take it are not there.",
        ]
    assert why_waiting(shift.session, rings) == []


def test_why_waiting_tells_of_closed_queue_missing_skill_and_kept_work(shift: Shift) -> None:
    session, world = shift.session, shift.world
    waiting = shift.arrives()
    require_skills(session, world.support, {"mandarin": 2}, actor="system")
    assert why_waiting(session, waiting) == ["Nobody has what it needs: mandarin (level 2 or above)."]
    set_agent_skills(session, world.carol.id, {"mandarin": 5}, actor="system")
    assert why_waiting(session, waiting) == ["1 who could take it is not there."]
    shift.ready(world.carol)
    transfer_to_agent(session, world.bob, waiting.id, world.carol)
    assert why_waiting(session, waiting)[0].startswith("It is kept for Carol Chen until 09:01")
    edit_queue(session, world.support, world.support.version, {"open": False}, actor="system")
    assert why_waiting(session, waiting) == ["Its queue is closed."]


@pytest.mark.parametrize("channel", ["voice", "chat"])
def test_agent_with_full_hands_is_busy(shift: Shift, channel: str) -> None:
    shift.ready(shift.world.alice)
    for _ in range(3):
        shift.arrives(channel)
    shift.turn()
    now = agent_now(shift.session, shift.world.alice)
    assert (now.state, now.load[channel], now.caps[channel]) == (
        "busy",
        1 if channel == "voice" else 3,
        now.load[channel],
    )


def test_agents_of_a_team_are_listed_with_state_and_reason(shift: Shift) -> None:
    set_presence(shift.session, shift.world.alice, "break", "Lunch", by=shift.world.alice.actor)
    found = {
        each.user.name: (each.state, each.reason) for each in agents_now(shift.session, {shift.world.team.id})
    }
    assert found == {
        "Alice Agnew": ("break", "Lunch"),
        "Bob Barrow": ("away", ""),
        "Carol Chen": ("away", ""),
    }


def _handled(shift: Shift, minutes: list[int]) -> None:
    """Calls that were taken and took so long."""
    for took in minutes:
        conversation = shift.arrives("voice")
        conversation.state = "ended"
        ended_at = clock.now() - timedelta(hours=1)
        accepted_at = ended_at - timedelta(minutes=took)
        shift.session.add(
            Offer(
                conversation_id=conversation.id,
                user_id=shift.world.alice.id,
                state="ended",
                offered_at=accepted_at,
                accepted_at=accepted_at,
                ended_at=ended_at,
            )
        )
    shift.session.commit()

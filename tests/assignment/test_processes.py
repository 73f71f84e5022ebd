"""Real connections and real router processes: rivals, wake-up by NOTIFY, and a leader that is killed."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Engine, func, select, update

from contactcenter.accounts.models import User
from contactcenter.assignment.lease import TTL_S
from contactcenter.assignment.models import AgentCapacity, Offer, RouterInbox, RouterLease
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import accept_offer, take_conversation
from contactcenter.conversations.models import Conversation
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict
from tests.assignment.processes import (
    STARTED_WITHIN_S,
    chat_arrives,
    has_leader,
    router_process,
    wait_for_line,
    wait_until,
)
from tests.world import World, build_world


@pytest.fixture
def house(clean_database: Engine) -> World:
    """The world, committed for real; Alice and Carol are ready for fifty chats each, and let them ring for long."""
    with unit_of_work() as session:
        world = build_world(session)
        world.support.ring_s = 600
        for user in (world.alice, world.carol):
            session.add(AgentCapacity(user_id=user.id, channel="chat", cap=50))  # more than a form allows
            set_presence(session, user, "ready", by=user.actor)
    return world


def test_agent_and_supervisor_grasp_at_once_and_one_has_it(house: World) -> None:
    for _ in range(10):
        conversation_id = chat_arrives(house)
        offer_id = ring(conversation_id, house.alice)
        both = threading.Barrier(2)
        refused: list[str] = []

        def accept(both: threading.Barrier = both, offer_id: int = offer_id) -> None:
            with unit_of_work() as session:
                alice = session.get_one(User, house.alice.id)
                both.wait()
                accept_offer(session, alice, offer_id)

        def take(both: threading.Barrier = both, conversation_id: int = conversation_id) -> None:
            with unit_of_work() as session:
                bob = session.get_one(User, house.bob.id)
                both.wait()
                take_conversation(session, bob, conversation_id)

        rivals = [threading.Thread(target=noting, args=(act, refused)) for act in (accept, take)]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()
        with unit_of_work() as session:
            conversation = session.get_one(Conversation, conversation_id)
            held = select(Offer).where(Offer.conversation_id == conversation_id, Offer.state == "accepted")
            assert [offer.user_id for offer in session.scalars(held)] == [conversation.agent_id]
            assert len(refused) == 1


def test_new_chat_rings_within_a_second(house: World) -> None:
    with router_process():
        wait_until(has_leader, STARTED_WITHIN_S)
        took = []
        for _ in range(4):
            conversation_id = chat_arrives(house)
            took.append(wait_until(partial(rings, conversation_id), STARTED_WITHIN_S))
        assert sorted(took[1:])[1] < 1.0, "the median, once it has read the house"


def test_killed_leader_is_followed_without_a_loss_or_a_double(house: World) -> None:
    with router_process() as first:
        wait_until(has_leader, STARTED_WITHIN_S)
        with router_process() as second:
            wait_for_line(second, "router_waits")
            arrived = [chat_arrives(house) for _ in range(15)]
            first.kill()
            killed_at = time.monotonic()
            arrived += [chat_arrives(house) for _ in range(15)]
            wait_until(lambda: rings(arrived[-1]), STARTED_WITHIN_S)
            assert time.monotonic() - killed_at < TTL_S + 2
            wait_until(lambda: all(rings(each) for each in arrived), STARTED_WITHIN_S)
    with unit_of_work() as session:
        made = Counter(session.scalars(select(Offer.conversation_id)))
        assert made == Counter(arrived)
        assert session.scalar(select(RouterLease.fence)) == 2
        todo = select(func.count()).select_from(RouterInbox).where(RouterInbox.done_at.is_(None))
        assert session.scalar(todo) == 0


def test_router_told_to_stop_lets_the_next_lead_at_once(house: World) -> None:
    with router_process() as first:
        wait_until(has_leader, STARTED_WITHIN_S)
        first.terminate()
        assert first.wait(5) == 0
        assert not has_leader()
        with router_process() as second:
            wait_until(has_leader, STARTED_WITHIN_S)
            second.terminate()
            assert second.wait(5) == 0


def noting(act: Callable[[], None], refused: list[str]) -> None:
    try:
        act()
    except Conflict as refusal:
        refused.append(refusal.message)


def ring(conversation_id: int, user: User) -> int:
    """An offer as the router makes it."""
    with unit_of_work() as session:
        session.execute(
            update(Conversation).where(Conversation.id == conversation_id).values(state="offered")
        )
        offer = Offer(
            conversation_id=conversation_id, user_id=user.id, state="offered", offered_at=func.now()
        )
        session.add(offer)
    return offer.id


def rings(conversation_id: int) -> bool:
    with unit_of_work() as session:
        live = select(Offer.id).where(Offer.conversation_id == conversation_id, Offer.state == "offered")
        return session.scalar(live) is not None

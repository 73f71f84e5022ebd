"""Two routers for minutes at fifty events a second, and whoever leads is killed again and again."""

import itertools
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, func, select

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.lease import TTL_S
from contactcenter.assignment.models import AgentCapacity, Offer, RouterInbox, RouterLease
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import accept_offer, complete_conversation, decline_offer
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import end_conversation
from contactcenter.core import push
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError
from tests.assignment.processes import (
    STARTED_WITHIN_S,
    chat_arrives,
    has_leader,
    router_process,
    wait_for_line,
    wait_until,
)
from tests.world import World, build_world

EVENTS_PER_S = 50
KILLS_N = 18
KILL_EVERY_S = 10
AGENTS_N, CAP = 20, 10
BUSY_ENOUGH_N = 100
THREADS_N = 4
SETTLED_WITHIN_S = 120


@pytest.fixture
def nobody_looks() -> Iterator[None]:
    """No browser is there to be told, so nothing is rendered for one."""
    push.use(lambda *_args, **_kwargs: None, lambda _rooms, _namespace: ())
    yield
    push.use(lambda *_args, **_kwargs: None)


@pytest.fixture
def house(clean_database: Engine, nobody_looks: None) -> World:
    """Twenty agents of one team, ready for ten chats each; chats ring for long and need no wrap-up."""
    with unit_of_work() as session:
        world = build_world(session)
        world.support.ring_s, world.support.wrap_up_s = 600, 0
        for number in range(AGENTS_N):
            agent = User(email=f"agent{number}@example.com", name=f"Agent {number}", password_hash="")
            agent.team, agent.roles = world.team, [Role.AGENT.value]
            session.add(agent)
            session.flush()
            session.add(AgentCapacity(user_id=agent.id, channel="chat", cap=CAP))
            set_presence(session, agent, "ready", by=agent.actor)
    return world


@dataclass
class Crowd:
    """Customers who come and leave, and agents who accept, decline and finish, at a steady pace on several threads."""

    house: World
    arrived: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    events_n: int = 0
    faults: list[BaseException] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seed: int) -> None:
        dice, due = random.Random(seed), time.monotonic()
        while not self.stopped.is_set():
            try:
                with suppress(DomainError):  # somebody was faster
                    self._act(dice)
            except BaseException as fault:  # noqa: BLE001 — told by the test, on its own thread
                self.faults.append(fault)
            with self._lock:
                self.events_n += 1
            due += THREADS_N / EVENTS_PER_S
            self.stopped.wait(max(0.0, due - time.monotonic()))

    def _act(self, dice: random.Random) -> None:
        with unit_of_work() as session:
            ringing = session.execute(
                select(Offer.id, Offer.user_id).where(Offer.state == "offered").order_by(Offer.id).limit(20)
            ).all()
            active = session.execute(
                select(Conversation.id, Conversation.agent_id)
                .where(Conversation.state == "active")
                .order_by(Conversation.id)
                .limit(BUSY_ENOUGH_N)
            ).all()
        luck = dice.random()
        if ringing and luck < 0.4:
            self._answer(*dice.choice(ringing), declines=luck < 0.02)
        elif active and (luck < 0.7 or len(active) == BUSY_ENOUGH_N):
            self._complete(*dice.choice(active))
        elif self.arrived and luck < 0.72:
            self._leave(dice.choice(self.arrived[-50:]))
        elif not self.closing.is_set():
            self.arrived.append(chat_arrives(self.house))

    def _answer(self, offer_id: int, user_id: int, *, declines: bool) -> None:
        with unit_of_work() as session:
            agent = session.get_one(User, user_id)
            (decline_offer if declines else accept_offer)(session, agent, offer_id)

    def _complete(self, conversation_id: int, agent_id: int | None) -> None:
        with unit_of_work() as session:
            complete_conversation(session, session.get_one(User, agent_id), conversation_id)

    def _leave(self, conversation_id: int) -> None:
        with unit_of_work() as session:
            end_conversation(session, conversation_id, by="customer", reason="left", actor="system")
        self.left.add(conversation_id)


@pytest.mark.soak
def test_leader_killed_every_ten_seconds_loses_and_doubles_nothing(
    house: World, capsys: pytest.CaptureFixture[str]
) -> None:
    crowd, took = Crowd(house), []
    with ExitStack() as leaving:
        rivals = [leaving.enter_context(router_process())]
        wait_until(has_leader, STARTED_WITHIN_S)
        rivals.append(leaving.enter_context(router_process()))
        wait_for_line(rivals[-1], "router_waits")
        threads = [threading.Thread(target=crowd.run, args=(seed,)) for seed in range(THREADS_N)]
        leaving.callback(crowd.stopped.set)
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for number in range(KILLS_N):
            time.sleep(max(0.0, started + (number + 1) * KILL_EVERY_S - time.monotonic()))
            leader = rivals.pop(0)
            leader.kill()
            leader.wait()
            last = latest_offer()
            killed_at = time.monotonic()
            wait_until(partial(is_newer_offer_than, last), STARTED_WITHIN_S)
            took.append(time.monotonic() - killed_at)
            rivals.append(leaving.enter_context(router_process()))
            wait_for_line(rivals[-1], "router_waits")
        rate = crowd.events_n / (time.monotonic() - started)
        crowd.closing.set()
        wait_until(lambda: not open_conversations(), SETTLED_WITHIN_S)
        crowd.stopped.set()
        for thread in threads:
            thread.join()
        wait_until(inbox_is_empty, STARTED_WITHIN_S)
    with capsys.disabled():
        spread = " ".join(f"{one:.1f}" for one in sorted(took))
        sys.stdout.write(
            f"\n{len(took)} kills, {len(crowd.arrived)} conversations, {rate:.0f} events/s; took over after {spread} s\n"
        )
    assert crowd.faults == []
    assert max(took) < TTL_S + 2
    nothing_is_lost(crowd)
    nothing_is_doubled()


def nothing_is_lost(crowd: Crowd) -> None:
    """Each one was accepted by somebody, unless its customer left; and nobody made up any."""
    with unit_of_work() as session:
        assert set(session.scalars(select(Conversation.id))) == set(crowd.arrived)
        answered = set(session.scalars(select(Offer.conversation_id).where(Offer.accepted_at.is_not(None))))
        assert set(crowd.arrived) - answered <= crowd.left
        assert session.scalar(select(RouterLease.fence)) == KILLS_N + 1


def nothing_is_doubled() -> None:
    """Nobody accepted what somebody else had, no offer overlaps another of its conversation, nobody had too many."""
    with unit_of_work() as session:
        offers = session.scalars(select(Offer).order_by(Offer.id)).all()
    accepted = Counter(offer.conversation_id for offer in offers if offer.accepted_at is not None)
    assert set(accepted.values()) == {1}
    by_conversation, by_agent = defaultdict(list), defaultdict(list)
    for offer in offers:
        span = (offer.offered_at, offer.ended_at or datetime.max.replace(tzinfo=UTC))
        by_conversation[offer.conversation_id].append(span)
        by_agent[offer.user_id].append(span)
    assert max(most_at_once(spans) for spans in by_conversation.values()) == 1
    assert max(most_at_once(spans) for spans in by_agent.values()) <= CAP


def most_at_once(spans: list[tuple[datetime, datetime]]) -> int:
    """How many of the spans overlap at most; one may begin at the instant in which another ends."""
    steps = sorted(itertools.chain(((begin, 1) for begin, _ in spans), ((end, -1) for _, end in spans)))
    return max(itertools.accumulate(step for _, step in steps))


def latest_offer() -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.max(Offer.id))) or 0


def is_newer_offer_than(last: int) -> bool:
    return latest_offer() > last


def open_conversations() -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).where(Conversation.state != "ended")) or 0


def inbox_is_empty() -> bool:
    with unit_of_work() as session:
        todo = select(func.count()).select_from(RouterInbox).where(RouterInbox.done_at.is_(None))
        return session.scalar(todo) == 0

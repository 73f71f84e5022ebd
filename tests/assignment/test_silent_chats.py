"""A chat whose customer is silent takes no slot; when he writes again it is his agent's at once, as one too many at most."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import Offer, PresenceState
from contactcenter.assignment.presence import finish_then_break, set_capacity, set_presence
from contactcenter.assignment.service import accept_offer, take_conversation, transfer_to_queue
from contactcenter.assignment.silence import on_silent
from contactcenter.assignment.staff import agent_now
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import add_note, end_conversation, receive, reply
from contactcenter.core.clock import after, frozen
from contactcenter.core.events import EventRow
from contactcenter.queues.service import edit_queue
from tests.assignment.shift import Shift, at
from tests.rivals import until_somebody_waits
from tests.world import World, build_world

SILENT_S = 600


@dataclass
class Talk:
    """A shift on which Alice takes two chats at once."""

    shift: Shift

    @property
    def world(self) -> World:
        return self.shift.world

    def taken(self, user: User | None = None, channel: str = "chat") -> Conversation:
        """A conversation that came, was offered to whoever is next, and is his."""
        conversation = self.shift.arrives(channel)
        self.customer_says(conversation)
        return self.accepted(conversation, user or self.world.alice)

    def accepted(self, conversation: Conversation, user: User) -> Conversation:
        self.shift.turn()
        offer = self.shift.offer(conversation)
        assert offer is not None
        assert offer.user == user
        accept_offer(self.shift.session, user, offer.id)
        self.shift.turn()
        return conversation

    def answered(self, user: User | None = None, channel: str = "chat") -> Conversation:
        conversation = self.taken(user, channel)
        self.agent_says(conversation, user)
        return conversation

    def agent_says(self, conversation: Conversation, user: User | None = None) -> None:
        reply(self.shift.session, user or self.world.alice, conversation, "Is it better now?")
        self.shift.session.commit()

    def customer_says(self, conversation: Conversation) -> None:
        words = NewMessage(Author.CUSTOMER, "没有", customer_id=conversation.customer_id)
        append_message(self.shift.session, conversation.id, words)
        self.shift.turn()

    def time_passes(self) -> None:
        self.shift.fire_timers()
        self.shift.turn()

    def load(self, user: User) -> int:
        self.shift.session.expire_all()
        return agent_now(self.shift.session, user).load["chat"]

    def holder(self, conversation: Conversation) -> tuple[str, User | None]:
        self.shift.session.refresh(conversation)
        return conversation.state, conversation.agent


@pytest.fixture
def talk(shift: Shift) -> Talk:
    set_capacity(shift.session, shift.world.alice.id, "chat", 2, by="system")
    shift.ready(shift.world.alice)
    return Talk(shift)


def test_silence_after_an_answer_lets_the_agent_take_another(talk: Talk) -> None:
    first, second = talk.answered(), talk.answered()
    third = talk.shift.arrives()
    talk.shift.turn()
    assert talk.shift.offered_to(third) is None
    with at(SILENT_S - 1):
        talk.time_passes()
        assert talk.shift.offered_to(third) is None
    with at(SILENT_S):
        talk.time_passes()
        assert talk.shift.offered_to(third) == talk.world.alice
        assert talk.holder(first) == talk.holder(second) == ("active", talk.world.alice)
        assert talk.load(talk.world.alice) == 1


def test_who_waits_for_an_answer_is_not_silent(talk: Talk) -> None:
    """Only she has not written: he waits for her, however long."""
    chat = talk.taken()
    with at(5 * SILENT_S):
        talk.time_passes()
        talk.shift.session.refresh(chat)
        assert chat.silent_at is None
        talk.agent_says(chat)
    with at(6 * SILENT_S - 1):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 1
    with at(6 * SILENT_S):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 0


def test_time_counts_from_the_last_answer_and_notes_are_none(talk: Talk) -> None:
    chat = talk.answered()
    with at(500):
        talk.agent_says(chat)
    with at(900):
        add_note(talk.shift.session, talk.world.alice, chat, "He is looking for the number.")
        talk.time_passes()
        assert talk.load(talk.world.alice) == 1
    with at(500 + SILENT_S):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 0


def test_he_writes_again_and_it_is_hers_at_once_as_one_too_many(talk: Talk) -> None:
    first, second = talk.answered(), talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        third, fourth = talk.answered(), talk.answered()
        assert talk.load(talk.world.alice) == 2
        talk.customer_says(first)
        assert talk.holder(first) == ("active", talk.world.alice)
        assert talk.load(talk.world.alice) == 3
        fifth = talk.shift.arrives()
        talk.shift.turn()
        assert talk.shift.offered_to(fifth) is None
        for chat in (third, fourth):
            talk.shift.leaves(chat)
        talk.shift.turn()
        assert talk.load(talk.world.alice) == 1
        assert second.silent_at is not None


def test_the_second_who_comes_back_goes_to_somebody_else_at_its_old_place(talk: Talk) -> None:
    first, second = talk.answered(), talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        talk.answered()
        talk.answered()
        later = talk.shift.arrives()
        talk.customer_says(first)
        talk.customer_says(second)
        assert talk.load(talk.world.alice) == 3
        assert talk.holder(second) == ("waiting", None)
        talk.shift.ready(talk.world.carol)
        set_capacity(talk.shift.session, talk.world.carol.id, "chat", 1, by="system")
        talk.shift.turn()
        assert talk.shift.offered_to(second) == talk.world.carol
        assert talk.shift.offered_to(later) is None


def test_a_call_meanwhile_lets_him_go_to_somebody_else(talk: Talk) -> None:
    """Nobody writes and talks at once; the call came because no chat was in her hands."""
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        talk.taken(channel="voice")
        talk.customer_says(chat)
        assert talk.holder(chat) == ("waiting", None)


@pytest.mark.parametrize("state", ["break", "away"])
def test_who_is_not_there_does_not_get_it_back(talk: Talk, state: str) -> None:
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        set_presence(talk.shift.session, talk.world.alice, state, "Lunch", by="system")
        talk.shift.turn()
        assert talk.holder(chat) == ("active", talk.world.alice)
        talk.customer_says(chat)
        assert talk.holder(chat) == ("waiting", None)


def test_a_planned_break_does_not_wait_for_the_silent(talk: Talk) -> None:
    talk.answered()
    finish_then_break(talk.shift.session, talk.world.alice, "Lunch", by=talk.world.alice.actor)
    with at(SILENT_S):
        talk.time_passes()
        assert talk.shift.presence(talk.world.alice).state == PresenceState.BREAK


def test_once_back_his_silence_counts_anew(talk: Talk) -> None:
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        talk.customer_says(chat)
        talk.agent_says(chat)
    with at(2 * SILENT_S - 1):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 1
    with at(2 * SILENT_S):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 0


def test_a_silent_chat_that_ends_is_wrapped_up(talk: Talk) -> None:
    """The router knows of the wrap-up: nothing is offered, nor refused by the database."""
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        end_conversation(talk.shift.session, chat.id, by="agent", reason="completed", actor="system")
        waiting = talk.shift.arrives()
        talk.shift.turn()
        assert talk.shift.presence(talk.world.alice).state == PresenceState.WRAP_UP
        assert talk.shift.offered_to(waiting) is None
    with at(SILENT_S + 15):
        talk.time_passes()
        assert talk.shift.offered_to(waiting) == talk.world.alice


@pytest.mark.parametrize("how", ["back", "put back", "ended", "handed on"])
def test_time_of_silence_is_counted_however_it_ends(talk: Talk, how: str) -> None:
    """Silent from 600 s on, for 90 s; a second silence of 10 s adds to it."""
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
    with at(SILENT_S + 90):
        if how == "put back":
            set_presence(talk.shift.session, talk.world.alice, "away", "Lunch", by="system")
        if how == "ended":
            end_conversation(talk.shift.session, chat.id, by="agent", reason="completed", actor="system")
        elif how == "handed on":
            transfer_to_queue(talk.shift.session, talk.world.alice, chat.id, talk.world.support.id)
        else:
            talk.customer_says(chat)
        talk.shift.session.refresh(chat)
        assert (chat.silent_at, chat.silent_for_s) == (None, 90)
        if how != "back":
            return
        talk.agent_says(chat)
    with at(2 * SILENT_S + 90):
        talk.time_passes()
    with at(2 * SILENT_S + 100):
        talk.customer_says(chat)
        talk.shift.session.refresh(chat)
        assert chat.silent_for_s == 100


def test_a_silent_chat_handed_on_does_not_come_straight_back(talk: Talk) -> None:
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        transfer_to_queue(talk.shift.session, talk.world.alice, chat.id, talk.world.support.id)
        talk.shift.turn()
        assert talk.holder(chat) == ("waiting", None)
        assert talk.shift.offered_to(chat) is None
        talk.shift.ready(talk.world.carol)
        talk.shift.turn()
        assert talk.shift.offered_to(chat) == talk.world.carol


def test_next_router_knows_who_is_silent(talk: Talk) -> None:
    first, _second = talk.answered(), talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        talk.shift.new_router()
        talk.answered()
        talk.customer_says(first)
        assert talk.load(talk.world.alice) == 2
        waiting = talk.shift.arrives()
        talk.shift.turn()
        assert talk.shift.offered_to(waiting) is None


@pytest.mark.parametrize(("channel", "silent_s"), [("chat", 0), ("email", SILENT_S), ("voice", SILENT_S)])
def test_only_chats_of_queues_that_want_it(talk: Talk, channel: str, silent_s: int) -> None:
    support = talk.world.support
    edit_queue(talk.shift.session, support, support.version, {"silent_s": silent_s}, actor="system")
    conversation = talk.taken(channel=channel)
    if channel != "voice":
        talk.agent_says(conversation)
    with at(10 * SILENT_S):
        talk.time_passes()
        talk.shift.session.refresh(conversation)
        assert conversation.silent_at is None


@pytest.mark.parametrize(("before", "now"), [(0, SILENT_S), (2 * SILENT_S, SILENT_S), (SILENT_S, 0)])
def test_another_patience_holds_for_chats_that_run(talk: Talk, before: int, now: int) -> None:
    support, session = talk.world.support, talk.shift.session
    edit_queue(session, support, support.version, {"silent_s": before}, actor="system")
    chat = talk.answered()
    edit_queue(session, support, support.version, {"silent_s": now}, actor="system")
    talk.time_passes()
    for seconds, is_silent in ((SILENT_S - 1, False), (SILENT_S, bool(now))):
        with at(seconds):
            talk.time_passes()
            session.refresh(chat)
            assert (chat.silent_at is not None) is is_silent


def test_both_are_told_in_the_log(talk: Talk) -> None:
    chat = talk.answered()
    with at(SILENT_S):
        talk.time_passes()
        talk.customer_says(chat)
    names = ("conversation.silent", "conversation.silence_broken")
    query = select(EventRow).where(EventRow.name.in_(names)).order_by(EventRow.id)
    rows = talk.shift.session.scalars(query).all()
    assert [(row.name, row.conversation_id) for row in rows] == [(name, chat.id) for name in names]


def test_nobody_holds_more_than_one_too_many_whatever_happens(talk: Talk) -> None:
    """Ten chats fall silent two by two; all come back at once: two and one are hers, each other one waits or is silent no more."""
    chats = []
    for step in range(5):
        with at(step * SILENT_S):
            talk.time_passes()
            chats += [talk.answered(), talk.answered()]
    with at(5 * SILENT_S):
        talk.time_passes()
        assert talk.load(talk.world.alice) == 0
        for chat in chats:
            talk.customer_says(chat)
            assert talk.load(talk.world.alice) <= 3
        hers = [chat for chat in chats if talk.holder(chat) == ("active", talk.world.alice)]
        held = select(Offer).where(Offer.state == "accepted", Offer.user_id == talk.world.alice.id)
        assert len(hers) == len(talk.shift.session.scalars(held).all()) == 3
        assert all(talk.holder(chat)[0] == "waiting" for chat in chats if chat not in hers)


@pytest.fixture
def answered(clean_database: Engine) -> int:
    """A chat that Bob has answered, committed, for several connections to see; returns its number."""
    with Session(clean_database) as session, session.begin():
        world = build_world(session)
        set_presence(session, world.bob, "ready", by="system")
        wrote = Inbound("chat", world.support.id, Sender("email", "wang.li@example.cn"), "hello")
        conversation = take_conversation(session, world.bob, receive(session, wrote).conversation_id)
        reply(session, world.bob, conversation, "Is it better now?")
        return conversation.id


def words_of(session: Session, conversation_id: int) -> NewMessage:
    customer_id = session.get_one(Conversation, conversation_id).customer_id
    return NewMessage(Author.CUSTOMER, "没有", customer_id=customer_id)


def test_words_that_come_while_he_is_called_silent_bring_the_chat_back(
    clean_database: Engine, answered: int
) -> None:
    with Session(clean_database) as clock_process, ThreadPoolExecutor() as pool:
        with seconds_from_now(SILENT_S):
            on_silent(clock_process, {"conversation_id": answered})
        arriving = pool.submit(says, clean_database, answered)
        until_somebody_waits(clean_database)
        clock_process.commit()
        arriving.result(10)
    with Session(clean_database) as later:
        assert later.get_one(Conversation, answered).silent_at is None
        assert later.scalar(select(EventRow.id).where(EventRow.name == "conversation.silence_broken"))


def test_who_writes_at_that_instant_is_not_called_silent(clean_database: Engine, answered: int) -> None:
    with Session(clean_database) as arriving, ThreadPoolExecutor() as pool:
        append_message(arriving, answered, words_of(arriving, answered))
        called = pool.submit(is_called_silent, clean_database, answered)
        until_somebody_waits(clean_database)
        arriving.commit()
        called.result(10)
    with Session(clean_database) as later:
        assert later.get_one(Conversation, answered).silent_at is None


def says(engine: Engine, conversation_id: int) -> None:
    with Session(engine) as session, session.begin():
        append_message(session, conversation_id, words_of(session, conversation_id))


def is_called_silent(engine: Engine, conversation_id: int) -> None:
    with seconds_from_now(SILENT_S), Session(engine) as session, session.begin():
        on_silent(session, {"conversation_id": conversation_id})


def seconds_from_now(seconds: float) -> AbstractContextManager[None]:
    """So long from now, by the real clock."""
    return frozen(after(seconds + 1))

"""When a contact is over its agent says what it was about, in a word of its queue's list."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.presence import end_wrap_up, set_presence
from contactcenter.assignment.service import complete_conversation, take_conversation
from contactcenter.assignment.wrap_up import choose_code, wrap_up_of
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core.errors import Invalid, NotAllowed, NotFound
from contactcenter.core.events import EventRow
from contactcenter.queues.service import edit_queue
from contactcenter.tickets.models import Status
from contactcenter.tickets.service import set_status
from tests.world import World

CODES = ["Refund", "Technical", "退款"]
Held = Callable[..., Conversation]


@pytest.fixture
def held(db_session: Session, world: World) -> Held:
    """`held("chat")` is a conversation in Bob's hands, of a queue that knows three codes."""
    edit_queue(db_session, world.support, world.support.version, {"wrap_up_codes": CODES}, actor="system")
    set_presence(db_session, world.bob, "ready", by="system")

    def take(channel: str) -> Conversation:
        inbound = Inbound(channel, world.support.id, Sender("email", "wang.li@example.cn"), "hello")
        conversation_id = receive(db_session, inbound).conversation_id
        return take_conversation(db_session, world.bob, conversation_id)

    return take


def leave(session: Session, conversation: Conversation) -> None:
    end_conversation(session, conversation.id, by="customer", reason="left", actor="system")
    session.flush()
    session.refresh(conversation)


def chosen(session: Session, conversation: Conversation) -> list[tuple[str | None, str, str]]:
    query = select(EventRow).where(EventRow.name == "wrap_up.code_chosen").order_by(EventRow.id)
    return [(row.data["was"], row.data["code"], row.actor) for row in session.scalars(query)]


def agent(world: World, session: Session) -> User:
    """Bob without his second role: only its agent."""
    world.bob.roles = [Role.AGENT.value]
    session.flush()
    return world.bob


def test_agent_chooses_while_wrapping_up_and_changes_his_mind(
    db_session: Session, world: World, held: Held
) -> None:
    chat, bob = held("chat"), agent(world, db_session)
    leave(db_session, chat)
    offered = wrap_up_of(db_session, bob, chat.ticket)
    assert offered is not None
    assert (offered.conversation.id, offered.codes) == (chat.id, CODES)
    choose_code(db_session, bob, chat.id, "Refund")
    choose_code(db_session, bob, chat.id, "Refund")
    choose_code(db_session, bob, chat.id, "退款")
    assert chat.wrap_up_code == "退款"
    assert chosen(db_session, chat) == [(None, "Refund", bob.actor), ("Refund", "退款", bob.actor)]


def test_once_the_wrap_up_is_over_only_a_supervisor_changes_it(
    db_session: Session, world: World, held: Held
) -> None:
    chat, bob = held("chat"), agent(world, db_session)
    leave(db_session, chat)
    choose_code(db_session, bob, chat.id, "Refund")
    end_wrap_up(db_session, bob)
    db_session.refresh(chat)
    assert wrap_up_of(db_session, bob, chat.ticket) is None
    with pytest.raises(NotAllowed):
        choose_code(db_session, bob, chat.id, "Technical")
    world.carol.roles = [Role.SUPERVISOR.value]
    db_session.flush()
    choose_code(db_session, world.carol, chat.id, "Technical")
    assert chat.wrap_up_code == "Technical"


def test_time_that_ran_out_without_a_choice_leaves_it_open(
    db_session: Session, world: World, held: Held
) -> None:
    chat, bob = held("chat"), agent(world, db_session)
    leave(db_session, chat)
    end_wrap_up(db_session, bob)
    db_session.refresh(chat)
    assert wrap_up_of(db_session, bob, chat.ticket) is not None
    choose_code(db_session, bob, chat.id, "Refund")
    assert wrap_up_of(db_session, bob, chat.ticket) is None


def test_a_running_conversation_has_nothing_to_choose(db_session: Session, world: World, held: Held) -> None:
    chat = held("chat")
    assert wrap_up_of(db_session, world.bob, chat.ticket) is None
    with pytest.raises(NotAllowed):
        choose_code(db_session, world.bob, chat.id, "Refund")


def test_a_mail_is_asked_about_once_it_is_solved_and_not_while_it_rests(
    db_session: Session, world: World, held: Held
) -> None:
    """Solving ends its conversation a moment later; nobody need wait for that moment. Pending is not the end."""
    mail, bob = held("email"), agent(world, db_session)
    set_status(db_session, mail.ticket, Status.PENDING, actor=bob.actor)
    end_conversation(db_session, mail.id, by="agent", reason="pending", actor="system")
    db_session.refresh(mail)
    assert wrap_up_of(db_session, bob, mail.ticket) is None
    set_status(db_session, mail.ticket, Status.SOLVED, actor=bob.actor)
    assert wrap_up_of(db_session, bob, mail.ticket) is not None
    choose_code(db_session, bob, mail.id, "Refund")
    choose_code(db_session, bob, mail.id, "Technical")
    assert mail.wrap_up_code == "Technical"


def test_a_mail_ended_by_hand_is_asked_about_too(db_session: Session, world: World, held: Held) -> None:
    mail, bob = held("email"), agent(world, db_session)
    complete_conversation(db_session, bob, mail.id)
    db_session.refresh(mail)
    assert wrap_up_of(db_session, bob, mail.ticket) is not None


def test_strangers_and_colleagues_choose_nothing(db_session: Session, world: World, held: Held) -> None:
    chat = held("chat")
    leave(db_session, chat)
    world.mallory.roles = [Role.SUPERVISOR.value, Role.AGENT.value]
    db_session.flush()
    for who in (world.alice, world.mallory, world.ivan):
        assert wrap_up_of(db_session, who, chat.ticket) is None
        with pytest.raises(NotAllowed):
            choose_code(db_session, who, chat.id, "Refund")
    assert chat.wrap_up_code is None


def test_only_words_of_the_queues_list_are_taken(db_session: Session, world: World, held: Held) -> None:
    chat = held("chat")
    leave(db_session, chat)
    for wrong in ("", "refund", "Something else"):
        with pytest.raises(Invalid):
            choose_code(db_session, world.bob, chat.id, wrong)
    with pytest.raises(NotFound):
        choose_code(db_session, world.bob, 999_999, "Refund")


def test_a_queue_without_codes_asks_nothing(db_session: Session, world: World, held: Held) -> None:
    chat = held("chat")
    leave(db_session, chat)
    edit_queue(db_session, world.support, world.support.version, {"wrap_up_codes": []}, actor="system")
    assert wrap_up_of(db_session, world.bob, chat.ticket) is None


def test_a_word_taken_off_the_list_stays_where_it_was_chosen(
    db_session: Session, world: World, held: Held
) -> None:
    chat = held("chat")
    leave(db_session, chat)
    choose_code(db_session, world.bob, chat.id, "Refund")
    edit_queue(db_session, world.support, world.support.version, {"wrap_up_codes": ["New"]}, actor="system")
    offered = wrap_up_of(db_session, world.bob, chat.ticket)
    assert offered is not None
    assert (offered.conversation.wrap_up_code, offered.codes) == ("Refund", ["New"])


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (["  Refund  due ", "", "Technical"], ["Refund due", "Technical"]),
        ([f"Code {n}" for n in range(40)], [f"Code {n}" for n in range(40)]),
        (["x" * 60], ["x" * 60]),
        ([], []),
    ],
)
def test_list_is_kept_tidy(db_session: Session, world: World, codes: list[str], kept: list[str]) -> None:
    edit_queue(db_session, world.support, world.support.version, {"wrap_up_codes": codes}, actor="system")
    assert world.support.wrap_up_codes == kept


@pytest.mark.parametrize(
    "codes", [["Refund", "refund "], [f"Code {n}" for n in range(41)], ["x" * 61], [1], "Refund", None]
)
def test_an_untidy_list_is_refused(db_session: Session, world: World, codes: object) -> None:
    with pytest.raises(Invalid) as refused:
        edit_queue(db_session, world.support, world.support.version, {"wrap_up_codes": codes}, actor="system")
    assert refused.value.details[0]["field"] == "wrap_up_codes"

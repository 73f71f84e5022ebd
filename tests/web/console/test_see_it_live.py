"""What is pushed, and that a pushed piece equals the same piece of a fresh page."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contactcenter.accounts.models import User
from contactcenter.conversations.analysis import Reading, correct_sentiment, record_analyses
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.conversations.service import mark_read, reply
from contactcenter.conversations.signals import Signal, send
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import move_to_queue
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.world import World

Browse = Callable[[User | None], Browser]
Pushed = list[tuple[str, str, dict[str, Any]]]


def fragment(pushed: Pushed, room: str, element_id: str) -> dict[str, Any]:  # Any: JSON
    found = [
        payload for where, _event, payload in pushed if where == room and payload.get("id") == element_id
    ]
    assert found, (
        f"nothing was pushed to {room} for {element_id}: {[(r, p.get('id')) for r, _e, p in pushed]}"
    )
    return found[-1]


def squeezed(html: str) -> str:
    without_ages = re.sub(r"(data-when=\"ago\"[^>]*>)[^<]*", r"\1", html)
    return re.sub(r"\s+", " ", without_ages).strip()


def reading(message: Message, threshold: float = 0.5) -> Reading:
    return Reading(
        message_id=message.id,
        model="test",
        language="zh",
        sentiment="negative",
        score=-0.9,
        confidence=0.93,
        complaint=0.9,
        topic="fault",
        urgency=2,
        threshold=threshold,
    )


def say_in_hand(user: User, chat: Chat, body: str) -> int:
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, chat.conversation.id)
        return reply(session, user, conversation, body, client_id=f"live-{body}").message_id


def test_a_pushed_line_equals_the_line_of_a_fresh_page(
    browse: Browse, world: World, chat: Chat, pushed: Pushed
) -> None:
    message_id = say_in_hand(world.alice, chat, "On it.")
    live = fragment(pushed, f"ticket:{chat.ticket.id}:en", f"message-{message_id}")
    page = browse(world.bob).get(chat.path).text
    assert squeezed(live["html"]) in squeezed(page)
    assert live["rev"] == 3  # after the customer's message and "Alice joined"


def test_a_pushed_row_equals_the_row_of_a_fresh_list(
    browse: Browse, world: World, chat: Chat, pushed: Pushed
) -> None:
    say_in_hand(world.alice, chat, "On it.")
    live = fragment(pushed, f"queue:{world.support.id}:en", f"row-{chat.ticket.id}")
    assert squeezed(live["html"]) in squeezed(browse(world.bob).get("/console?view=all").text)


def test_what_a_deed_changes_in_many_ways_is_shown_once(world: World, say: Say, pushed: Pushed) -> None:
    say("Hello?")  # a ticket opens, and a message comes
    rows = [room for room, _event, payload in pushed if payload.get("id", "").startswith("row-")]
    assert sorted(rows) == [f"queue:{world.support.id}:{language}" for language in ("en", "zh")]


def test_a_promise_kept_by_a_reply_is_seen_kept_as_on_a_fresh_page(
    browse: Browse, world: World, chat: Chat, pushed: Pushed
) -> None:
    say_in_hand(world.alice, chat, "On it.")
    room, page = f"ticket:{chat.ticket.id}:en", squeezed(browse(world.bob).get(chat.path).text)
    facts = fragment(pushed, room, f"facts-{chat.ticket.id}")["html"]
    assert "kept" in facts
    assert squeezed(facts) in page
    assert squeezed(fragment(pushed, room, f"head-{chat.ticket.id}")["html"]) in page


def test_each_language_gets_its_own_words(world: World, chat: Chat, pushed: Pushed) -> None:
    say_in_hand(world.alice, chat, "On it.")
    rooms = {room for room, _event, _payload in pushed}
    assert {f"ticket:{chat.ticket.id}:en", f"ticket:{chat.ticket.id}:zh"} <= rooms


def test_what_the_model_read_reaches_line_head_and_proposal(world: World, chat: Chat, pushed: Pushed) -> None:
    with unit_of_work() as session:
        record_analyses(session, [reading(session.get_one(Message, chat.message.id))])
    room = f"ticket:{chat.ticket.id}:en"
    assert "Unhappy" in fragment(pushed, room, f"message-{chat.message.id}")["html"]
    assert "Unhappy" in fragment(pushed, room, f"head-{chat.ticket.id}")["html"]
    assert "sounds like a complaint" in fragment(pushed, room, f"proposal-{chat.ticket.id}")["html"]


def test_lists_are_told_of_a_mood_only_when_it_turns(world: World, chat: Chat, pushed: Pushed) -> None:
    """Every line is read, and a list goes to everybody of its team."""
    read, row, told = reading(chat.message), f"row-{chat.ticket.id}", []
    for score in (-0.2, 0.1, -0.9, -0.8, 0.9):
        pushed.clear()
        with unit_of_work() as session:
            record_analyses(session, [replace(read, score=score, complaint=0.0)])
        rooms = {room for room, _event, payload in pushed if payload.get("id") == row}
        told.append(f"queue:{chat.ticket.queue_id}:en" in rooms)
        assert fragment(pushed, f"ticket:{chat.ticket.id}:en", f"head-{chat.ticket.id}")
    assert told == [False, False, True, False, True]


def test_a_corrected_mood_is_shown_as_a_persons(world: World, chat: Chat, pushed: Pushed) -> None:
    with unit_of_work() as session:
        record_analyses(session, [reading(session.get_one(Message, chat.message.id), 0.95)])
    with unit_of_work() as session:
        correct_sentiment(session, world.alice, session.get_one(Message, chat.message.id), "neutral")
    line = fragment(pushed, f"ticket:{chat.ticket.id}:en", f"message-{chat.message.id}")["html"]
    assert "corrected by a person" in line


def test_no_model_claims_to_be_quite_sure(chat: Chat, pushed: Pushed) -> None:
    with unit_of_work() as session:
        certain = replace(reading(chat.message), complaint=0.998, confidence=1.0)
        record_analyses(session, [certain])
    room = f"ticket:{chat.ticket.id}:en"
    assert (
        "The model is 99% sure; you decide." in fragment(pushed, room, f"proposal-{chat.ticket.id}")["html"]
    )
    assert "The model is 99% sure." in fragment(pushed, room, f"message-{chat.message.id}")["html"]


def test_answering_takes_the_proposal_away(browse: Browse, world: World, chat: Chat, pushed: Pushed) -> None:
    with unit_of_work() as session:
        record_analyses(session, [reading(session.get_one(Message, chat.message.id))])
    browse(world.alice).post(f"{chat.path}/complaint", {"answer": "no", "why": "asks for a date"})
    gone = fragment(pushed, f"ticket:{chat.ticket.id}:en", f"proposal-{chat.ticket.id}")
    assert gone["op"] == "drop"


def test_a_ticket_leaves_the_list_of_the_queue_it_left(world: World, chat: Chat, pushed: Pushed) -> None:
    with unit_of_work() as session:
        fleet = session.get_one(Queue, world.other_queue.id)
        move_to_queue(session, session.get_one(Ticket, chat.ticket.id), fleet, actor="system")
    old = fragment(pushed, f"queue:{world.support.id}:en", f"row-{chat.ticket.id}")
    new = fragment(pushed, f"queue:{world.other_queue.id}:en", f"row-{chat.ticket.id}")
    assert (old["op"], new["op"]) == ("drop", "put")


def test_what_the_customer_has_read_shows_two_ticks(world: World, chat: Chat, pushed: Pushed) -> None:
    message_id = say_in_hand(world.alice, chat, "On it.")
    with unit_of_work() as session:
        seq = session.get_one(Message, message_id).seq or 0
        mark_read(session, chat.conversation.id, seq, by=Author.CUSTOMER)
    send(Signal("read", chat.ticket.id, chat.conversation.id, Author.CUSTOMER, seq=seq))
    line = fragment(pushed, f"ticket:{chat.ticket.id}:en", f"message-{message_id}")["html"]
    assert 'data-state="read"' in line


def test_a_customer_who_types_is_seen_typing(world: World, chat: Chat, pushed: Pushed) -> None:
    send(Signal("typing", chat.ticket.id, chat.conversation.id, Author.CUSTOMER, on=True, name="王丽"))
    told = [payload for room, event, payload in pushed if event == "typing"]
    assert {"ticket": chat.ticket.id, "by": "customer", "on": True} in told


def test_new_work_shows_in_the_queues_list(world: World, say: Say, pushed: Pushed) -> None:
    waiting = say("有人吗？")
    row = fragment(pushed, f"queue:{world.support.id}:en", f"row-{waiting.ticket.id}")
    assert "有人吗" in row["html"]

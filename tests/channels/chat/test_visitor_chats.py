"""A visitor writes, reads, reloads, comes back, rates and leaves."""

from collections.abc import Callable

from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.service import add_note, reply
from contactcenter.core.db import unit_of_work
from contactcenter.edge.visitors import visitor_of
from contactcenter.queues.service import edit_queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.ports import objections_to_closing
from contactcenter.tickets.service import answer_complaint
from tests.channels.chat.conftest import Visitor
from tests.world import World

Visit = Callable[..., Visitor]


def opened(visitor: Visitor, body: str = "Hello, my bill is wrong", client_id: str = "message-1") -> int:
    answer = visitor.ask("open", body=body, client_id=client_id)
    assert answer["seq"] == 1, answer
    return int(answer["ticket"])


def test_first_words_become_a_ticket_that_waits(db_session: Session, world: World, visit: Visit) -> None:
    ticket = db_session.get_one(Ticket, opened(visit()))
    conversation = db_session.scalars(select(Conversation).where(Conversation.ticket_id == ticket.id)).one()
    assert (ticket.queue_id, ticket.subject, conversation.channel) == (
        world.support.id,
        "Hello, my bill is wrong",
        "chat",
    )
    assert conversation.state == "waiting"


def test_same_client_id_after_a_lost_answer_is_one_message(db_session: Session, visit: Visit) -> None:
    visitor = visit()
    opened(visitor)
    again = visitor.ask("message", body="Hello, my bill is wrong", client_id="message-1")
    assert again == {"seq": 1}
    assert db_session.scalar(select(func.count()).select_from(Message)) == 1


def test_chat_that_could_not_be_stored_is_listened_to_by_nobody(
    db_session: Session, socketio: SocketIO, visit: Visit
) -> None:
    visitor = visit()
    fails = OperationalError(None, None, Exception())

    def fail(_session: Session) -> None:
        raise fails

    event.listen(Session, "before_commit", fail)
    try:
        answer = visitor.ask("open", body="Hello", client_id="message-1")
    finally:
        event.remove(Session, "before_commit", fail)
    assert answer["code"] == "not_ready"
    assert [name for name in socketio.server.manager.rooms[NAMESPACE] if "conversation" in str(name)] == []


def test_second_tab_sees_the_same_chat_and_hears_new_words(visit: Visit) -> None:
    first = visit()
    opened(first)
    second = visit(first.token)
    seen = second.ask("replay", after=0)
    assert [message["body"] for message in seen["messages"]] == ["Hello, my bill is wrong"]
    first.ask("message", body="Are you there?", client_id="message-2")
    assert [message["body"] for message in second.heard("message")] == ["Are you there?"]


def test_reload_replays_only_what_is_missing_in_order(visit: Visit) -> None:
    visitor = visit()
    opened(visitor)
    for number in range(2, 8):
        visitor.ask("message", body=f"line {number}", client_id=f"message-{number}")
    missed = visitor.ask("replay", after=4)["messages"]
    assert [(message["seq"], message["body"]) for message in missed] == [
        (5, "line 5"),
        (6, "line 6"),
        (7, "line 7"),
    ]


def test_agent_s_reply_arrives_and_notes_do_not(db_session: Session, world: World, visit: Visit) -> None:
    visitor = visit()
    opened(visitor)
    with unit_of_work() as session:
        conversation = session.scalars(select(Conversation)).one()
        add_note(session, world.alice, conversation, "careful, third call")
        reply(session, world.alice, conversation, "Good morning! I am looking.")
    heard = visitor.heard("message")
    assert [(message["body"], message["name"]) for message in heard][-1:] == [
        ("Good morning! I am looking.", "Alice")
    ]
    everything = visitor.ask("replay", after=0)["messages"]
    assert "careful, third call" not in [message["body"] for message in everything]


def test_read_and_got_are_kept(db_session: Session, world: World, visit: Visit) -> None:
    visitor = visit()
    opened(visitor)
    visitor.ask("got", seq=1)
    visitor.ask("read", seq=1)
    visitor.ask("read", seq=99)
    conversation = db_session.scalars(select(Conversation)).one()
    db_session.refresh(conversation)
    assert (conversation.customer_got_seq, conversation.customer_read_seq) == (1, 1)


def test_complaint_button_asks_staff_to_decide(db_session: Session, visit: Visit) -> None:
    visitor = visit()
    ticket = opened(visitor)
    assert visitor.ask("complain") == {"ok": True}
    stored = db_session.get_one(Ticket, ticket, populate_existing=True)
    assert (stored.complaint_likely, stored.complaint_declared_at is not None) == (None, True)
    assert [message["code"] for message in visitor.heard("message") if message["author"] == "system"] == [
        "complaint_button"
    ]


def test_customer_s_word_counts_however_sure_the_model_was_and_whatever_was_answered(
    db_session: Session, world: World, visit: Visit
) -> None:
    visitor = visit()
    ticket = db_session.get_one(Ticket, opened(visitor), populate_existing=True)
    ticket.complaint_likely = 1.0
    answer_complaint(db_session, ticket, world.alice, yes=False, why="She only asks.")
    db_session.commit()
    for _ in range(2):
        assert visitor.ask("complain") == {"ok": True}
        db_session.refresh(ticket)
        assert ticket.complaint_answer is None
    objections = [one.rule for one in objections_to_closing(db_session, ticket)]
    assert objections == ["C-01"]
    answer_complaint(db_session, ticket, world.alice, yes=False, why="She means the weather.")
    db_session.commit()
    visitor.ask("complain")
    db_session.refresh(ticket)
    assert ticket.complaint_answer is not None
    lines = [one["code"] for one in visitor.heard("message") if one["author"] == "system"]
    assert lines == ["complaint_button"]


def test_leaving_ends_the_chat_and_writing_again_resumes_it(db_session: Session, visit: Visit) -> None:
    visitor = visit()
    ticket = opened(visitor)
    visitor.ask("leave")
    conversation = db_session.scalars(select(Conversation)).one()
    db_session.refresh(conversation)
    assert conversation.state == "ended"
    visitor.ask("rate", rating=4)
    assert db_session.get_one(Conversation, conversation.id, populate_existing=True).rating == 4
    again = visitor.ask("message", body="One more thing", client_id="message-2")
    db_session.refresh(conversation)
    assert (conversation.state, conversation.ticket_id, again["seq"]) == ("waiting", ticket, 3)


def test_out_of_hours_an_address_is_needed_and_the_answer_goes_there(
    db_session: Session, world: World, widget: WidgetKey, visit: Visit
) -> None:
    edit_queue(db_session, world.support, world.support.version, {"open": False}, actor="system")
    db_session.commit()
    visitor = visit()
    refused = visitor.ask("open", body="Anybody there?", client_id="message-1")
    assert "e-mail address" in refused["error"]
    left = visitor.ask("open", body="Anybody there?", client_id="message-1", email="maria@example.org")
    assert left["left"] is True
    conversation = db_session.scalars(select(Conversation)).one()
    assert (conversation.channel, conversation.address) == ("email", "maria@example.org")


def test_browser_that_stores_nothing_brings_the_visitor_back_by_a_cookie_of_that_site(
    app: Flask, widget: WidgetKey
) -> None:
    browser = app.test_client()
    wish = {"key": widget.key}
    first = browser.post("/widget/session", json=wish, base_url="https://localhost")
    cookie = first.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=None", "Partitioned"} <= set(cookie.split("; "))
    again = browser.post("/widget/session", json=wish, base_url="https://localhost")
    known, stranger = (visitor_of(one.get_json()["token"]) for one in (first, again))
    assert known is not None
    assert known == stranger
    other = app.test_client().post("/widget/session", json=wish, base_url="https://localhost")
    assert visitor_of(other.get_json()["token"]) != known

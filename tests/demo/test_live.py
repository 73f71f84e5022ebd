"""`demo --live`: customers come, answer, mail and complain, so that a console moves."""

import itertools
import smtplib
import threading
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sqlalchemy import func, select

from contactcenter.accounts.models import User
from contactcenter.cli import demo_live
from contactcenter.cli.demo_mail import mail_server
from contactcenter.cli.demo_organisation import user_called
from contactcenter.cli.demo_script import IMPATIENT, VISITS
from contactcenter.conversations.models import OVER, Author, Conversation, Message
from contactcenter.conversations.service import reply
from contactcenter.core import clock
from contactcenter.core.config import Settings
from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from workers.analysis import Reader

Pushed = list[tuple[str, str, dict[str, Any]]]
AT_ONCE = threading.Event()
AT_ONCE.set()  # a customer who need not think


def answer(text: str, channel: str) -> int:
    """Amy answers the newest open conversation; its id."""
    with unit_of_work() as session:
        query = select(Conversation).where(Conversation.channel == channel, Conversation.state.not_in(OVER))
        conversation = session.scalars(query.order_by(Conversation.id.desc())).first()
        assert conversation is not None
        reply(session, amy(session), conversation, text)
        return conversation.id


def amy(session: Any) -> User:  # Any: the session of the unit of work
    return user_called(session, "amy")


def lines_of(conversation_id: int, author: Author) -> list[str]:
    with unit_of_work() as session:
        query = select(Message.body).where(
            Message.conversation_id == conversation_id, Message.author == author
        )
        return list(session.scalars(query.order_by(Message.rev)))


def test_chat_mail_and_proposal_come_within_30_s(demo: Settings, pushed: Pushed) -> None:
    with unit_of_work() as session:
        before = session.scalar(select(func.max(Message.id))) or 0
    coming = itertools.cycle(VISITS)
    events_in_30_s = int(30 // demo_live.PAUSE_S[1]) + 1
    for _turn in range(events_in_30_s):
        demo_live.let_something_happen(coming)
    with unit_of_work() as session:
        new = session.scalars(select(Message).where(Message.id > before)).all()
        channels = {session.get_one(Conversation, one.conversation_id).channel for one in new}
        reader = Reader(demo.model_copy(update={"nlp_engine": "rules"}))
        reader.analyse(session, {"message_ids": [one.id for one in new]})
        likely = [session.get_one(Ticket, one.ticket_id).complaint_likely for one in new]
    assert channels == {"chat", "email"}
    assert any(one is not None for one in likely)
    assert pushed


def test_customer_answers_an_agent_and_leaves_stars(demo: Settings) -> None:
    visit = next(one for one in VISITS if one.channel == "chat" and len(one.lines) == 2)
    demo_live.begin_chat(visit)
    conversation_id = answer("Of course, it is done.", "chat")
    assert list(demo_live.answer_agents(AT_ONCE)) == [f"{visit.name}: {visit.lines[1]}"]
    assert list(demo_live.answer_agents(AT_ONCE)) == []
    assert answer("With pleasure.", "chat") == conversation_id
    assert list(demo_live.answer_agents(AT_ONCE)) == [f"{visit.name} leaves {visit.rating} stars"]
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, conversation_id)
        assert (conversation.rating, conversation.end_reason) == (visit.rating, "left")
    assert lines_of(conversation_id, Author.CUSTOMER) == list(visit.lines)


def test_angry_customer_presses_the_complaint_button(demo: Settings) -> None:
    demo_live.begin_chat(next(one for one in VISITS if one.presses))
    conversation_id = answer("I am sorry. Which account is it?", "chat")
    list(demo_live.answer_agents(AT_ONCE))
    with unit_of_work() as session:
        assert session.get_one(Conversation, conversation_id).ticket.complaint_declared_at is not None


def test_enough_waiting_customers_bring_no_more(demo: Settings) -> None:
    coming = itertools.cycle(VISITS)
    for _turn in range(len(VISITS) * 2):
        demo_live.let_something_happen(coming)
    with unit_of_work() as session:
        assert demo_live.count_waiting(session, "chat") == demo_live.CHATS_N
        assert demo_live.count_waiting(session, "email") == demo_live.MAILS_N


def test_who_is_not_answered_calls_into_the_silence_once(demo: Settings) -> None:
    coming, now, told = itertools.cycle(VISITS), clock.now(), []
    for turn in range(len(VISITS) * 3):
        with clock.frozen(now + turn * 2 * demo_live.IMPATIENT_AFTER):
            told.append(demo_live.let_something_happen(coming))
    called = [line for line in told if line.endswith(tuple(IMPATIENT.values()))]
    assert called
    assert sorted(called) == sorted(set(called))


def test_reply_leaves_by_smtp_and_is_thanked_for_once(demo: Settings, tmp_path: Path) -> None:
    visit = next(one for one in VISITS if one.channel == "email")
    demo_live.write_mail(visit)
    arrived: SimpleQueue[bytes] = SimpleQueue()
    with mail_server(tmp_path / "mail", 0, arrived.put) as port:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
            server.send_message(answer_to(visit.address, "<demo-abc@post.example>"))
        [kept] = (tmp_path / "mail").glob("*.eml")
        assert ".a line with a dot" in kept.read_text()
        assert len(list(demo_live.answer_mails(arrived))) == 1
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
            server.send_message(answer_to(visit.address, "<demo-thanks-abc@post.example>"))
        assert list(demo_live.answer_mails(arrived)) == []


def answer_to(address: str, references: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "help@harbour.example", address, "Re: your letter"
    mail["Message-ID"], mail["References"] = "<answer@harbour.example>", references
    mail.set_content("We are on it.\n.a line with a dot\n")
    return mail


def test_it_ends_when_its_time_is_over(demo: Settings) -> None:
    said: list[str] = []
    demo_live.play(threading.Event(), until=clock.now() + timedelta(seconds=0.5), say=said.append)
    assert len(said) == 1

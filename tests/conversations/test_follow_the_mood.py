"""What the model reads moves the ticket's mood; people correct it; a complaint is proposed once and never decided."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contactcenter.conversations.analysis import Reading, correct_sentiment, is_off, record_analyses
from contactcenter.conversations.models import Analysis, Message
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import EventRow
from contactcenter.core.health import report
from contactcenter.core.outbox import OutboxRow
from contactcenter.tickets.models import Ticket
from tests import counting
from tests.world import World


def say(session: Session, world: World, body: str = "hello", ticket_id: int | None = None) -> Received:
    sender = Sender("email", "wang.li@example.cn")
    return receive(session, Inbound("email", world.support.id, sender, body, ticket_id=ticket_id))


def read(
    session: Session, message_id: int, score: float, *, complaint: float = 0.0, model: str = "rules@1"
) -> None:
    record_analyses(session, [made(message_id, score, complaint=complaint, model=model)])


def made(message_id: int, score: float, *, complaint: float = 0.0, model: str = "rules@1") -> Reading:
    sentiment = "negative" if score < -0.3 else "positive" if score > 0.3 else "neutral"
    return Reading(
        message_id,
        model,
        "en",
        sentiment,
        score,
        0.9,
        complaint,
        "delivery",
        0,
        0.5,
        complaint_words=["late"],
    )


def events(session: Session, name: str) -> int:
    return session.scalar(select(func.count()).where(EventRow.name == name)) or 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=24))
def test_mood_is_the_exponential_mean_in_the_order_of_the_messages(
    db_session: Session, world: World, scores: list[float]
) -> None:
    messages = [say(db_session, world)]
    messages += [say(db_session, world, ticket_id=messages[0].ticket_id) for _ in scores[1:]]
    for message, score in reversed(
        list(zip(messages, scores, strict=True))
    ):  # readings may come in any order
        read(db_session, message.message_id, score)
    weights = [2.0 ** -(len(scores) - n) for n in range(len(scores))]
    weights[0] *= 2
    ticket = db_session.get_one(Ticket, messages[0].ticket_id)
    expected = sum(weight * score for weight, score in zip(weights, scores, strict=True))
    assert ticket.mood == pytest.approx(expected, abs=0.001)
    assert ticket.mood_min == min(scores)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1), st.floats(-1, 1)), min_size=1, max_size=40))
def test_readings_of_one_go_leave_what_one_after_the_other_would(
    db_session: Session, world: World, said: list[tuple[int, float]]
) -> None:
    """Of two tickets at once; some messages were read before."""
    tickets = [say(db_session, world).ticket_id for _ in range(4)]
    readings = [
        (n, made(say(db_session, world, ticket_id=tickets[n + apart]).message_id, score))
        for apart in (0, 2)
        for n, score in said
    ]
    together = [one for _n, one in readings[len(said) :]]
    for _n, one in readings[: len(said)]:
        record_analyses(db_session, [one])
    record_analyses(db_session, [replace(one, score=-one.score) for one in together[::3]])
    record_analyses(db_session, together)
    for n in range(2):
        alone, shared = (db_session.get_one(Ticket, tickets[n + apart]) for apart in (0, 2))
        assert (shared.mood, shared.mood_min) == (alone.mood, alone.mood_min)


def test_readings_of_one_go_cost_no_more_statements_than_one(db_session: Session, world: World) -> None:
    def cost(messages_n: int) -> int:
        read_now = [made(say(db_session, world).message_id, -0.5) for _ in range(messages_n)]
        db_session.flush()
        with counting.statements() as asked:
            record_analyses(db_session, read_now)
            db_session.flush()
        return len(asked)

    assert cost(8) <= cost(1) <= 8


def test_reading_again_with_a_newer_model_replaces_the_old(db_session: Session, world: World) -> None:
    message = say(db_session, world)
    read(db_session, message.message_id, -0.9)
    read(db_session, message.message_id, 0.4, model="onnx@2")
    assert db_session.scalars(select(Analysis.model)).all() == ["onnx@2"]
    assert db_session.get_one(Ticket, message.ticket_id).mood == 0.4


def test_minimum_is_sought_anew_when_its_message_is_corrected(db_session: Session, world: World) -> None:
    first = say(db_session, world)
    read(db_session, first.message_id, -0.9)
    for score in (0.5, -0.2):
        read(db_session, say(db_session, world, ticket_id=first.ticket_id).message_id, score)
    ticket = db_session.get_one(Ticket, first.ticket_id)
    assert ticket.mood_min == -0.9
    message = db_session.get_one(Message, first.message_id, populate_existing=True)
    correct_sentiment(db_session, world.alice, message, "positive")
    assert ticket.mood_min == -0.2


def test_analysis_is_off_when_the_worker_says_so_or_a_message_waits_too_long(
    db_session: Session, world: World
) -> None:
    assert not is_off(db_session), "a fresh house, where nothing is to be read yet"
    message = say(db_session, world)
    say(db_session, world, ticket_id=message.ticket_id)
    assert not is_off(db_session)
    with clock.frozen(clock.after(61)):
        assert is_off(db_session), "nobody came"
        read(db_session, message.message_id, 0.1)
        assert not is_off(db_session), "it only works off what has gathered"
    with clock.frozen(clock.after(200)):
        assert is_off(db_session), "and then it stopped"
        db_session.execute(update(OutboxRow).values(done_at=clock.now()))
        assert not is_off(db_session)
    report(db_session, "nlp", ok=False, reason="weights are missing")
    assert not is_off(db_session), "it may only be starting"
    with clock.frozen(clock.after(61)):
        assert is_off(db_session)


def test_message_that_is_not_there_cannot_be_read(db_session: Session, world: World) -> None:
    with pytest.raises(NotFound):
        read(db_session, 10**9, 0.0)


def test_correction_by_a_person_moves_the_mood_and_outlives_the_model(
    db_session: Session, world: World
) -> None:
    received = say(db_session, world)
    read(db_session, received.message_id, 0.9)
    message = db_session.get_one(Message, received.message_id, populate_existing=True)
    correct_sentiment(db_session, world.alice, message, "negative")
    ticket = db_session.get_one(Ticket, received.ticket_id)
    assert (ticket.mood, ticket.mood_min) == (-1.0, -1.0)
    read(db_session, received.message_id, 0.9, model="onnx@2")
    assert ticket.mood == -1.0
    told = db_session.scalars(select(EventRow).where(EventRow.name == "message.sentiment_corrected")).one()
    assert (told.data["was"], told.data["now"], told.actor) == ("positive", "negative", world.alice.actor)


def test_correction_of_an_unread_message_or_to_nonsense_is_refused(db_session: Session, world: World) -> None:
    message = db_session.get_one(Message, say(db_session, world).message_id)
    with pytest.raises(Invalid, match="not been read"):
        correct_sentiment(db_session, world.alice, message, "negative")
    with pytest.raises(Invalid, match="Choose negative"):
        correct_sentiment(db_session, world.alice, message, "furious")


def test_complaint_is_proposed_once_with_the_highest_likelihood(db_session: Session, world: World) -> None:
    first = say(db_session, world)
    read(db_session, first.message_id, -0.5, complaint=0.49)
    ticket = db_session.get_one(Ticket, first.ticket_id)
    assert (ticket.complaint_likely or 0.0) == 0.0
    for likelihood in (0.6, 0.9, 0.7):
        again = say(db_session, world, ticket_id=first.ticket_id)
        read(db_session, again.message_id, -0.5, complaint=likelihood)
    likely: float | None = ticket.complaint_likely
    assert likely == pytest.approx(0.9)
    assert ticket.kind == "question"
    assert events(db_session, "ticket.complaint_proposed") == 1


@pytest.mark.parametrize("answered", [{"complaint_ref": "C-1"}, {"complaint_answer": {"yes": False}}])
def test_nothing_is_proposed_that_a_person_has_answered(
    db_session: Session, world: World, answered: dict[str, object]
) -> None:
    message = say(db_session, world)
    ticket = db_session.get_one(Ticket, message.ticket_id)
    for field, value in answered.items():
        setattr(ticket, field, value)
    read(db_session, message.message_id, -0.9, complaint=0.99)
    assert ticket.complaint_likely is None
    assert events(db_session, "ticket.complaint_proposed") == 0

"""A program that repeats a request with its Idempotency-Key gets the first answer again, and nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.tokens import create_token
from contactcenter.complaints.models import ComplaintEvent, ComplaintRefusal
from contactcenter.conversations.models import Message
from contactcenter.core import clock, idempotency, retention
from contactcenter.core.db import unit_of_work
from contactcenter.core.idempotency import IdempotencyKey
from contactcenter.edge.limits import limiter
from contactcenter.tickets.models import Ticket
from tests.api.conftest import Answer, Program
from tests.world import World, build_world

Made = Callable[[User | None], Program]
TICKETS, COMPLAINTS = "/api/v1/tickets", "/api/v1/complaints"
TICKET = {"subject": "Two bills", "body": "Billed twice.", "customer": {"email": "maria@example.org"}}
COMPLAINT = {"text": "Nobody answers.", "channel": "email", "contact": "maria@example.org"}
COMMENT: dict[str, Any] = {"event": "comment", "data": {"text": "Asked billing."}}  # Any: JSON
TOO_EARLY: dict[str, Any] = {"event": "start", "data": {"declaration": "none"}}  # Any: JSON


def twice(program: Program, path: str, body: Any, key: str = "one") -> tuple[Answer, Answer]:  # Any: JSON
    first, again = (program.call("POST", path, body, Idempotency_Key=key) for _ in range(2))
    return first, again


def number_of(session: Session, model: type) -> int:
    return session.scalars(select(func.count()).select_from(model)).one()


def assert_same(first: Answer, again: Answer) -> None:
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (201, False), first.text
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json == first.json
    assert again.headers.get("Location") == first.headers.get("Location")
    assert again.headers.get("ETag") == first.headers.get("ETag")


def test_a_ticket_is_opened_once(world: World, program: Made, db_session: Session) -> None:
    assert_same(*twice(program(world.alice), TICKETS, TICKET))
    assert number_of(db_session, Ticket) == 1


def test_a_complaint_is_opened_once_and_its_link_told_again(
    world: World, program: Made, db_session: Session
) -> None:
    first, again = twice(program(world.bob), COMPLAINTS, COMPLAINT)
    assert_same(first, again)
    assert again.json["tracking_url"].startswith("http")
    assert number_of(db_session, Ticket) == 1


def test_a_reply_and_a_note_are_written_once(world: World, program: Made, db_session: Session) -> None:
    bob = program(world.bob)
    path = f"{TICKETS}/{bob.call('POST', TICKETS, TICKET).json['id']}/messages"
    assert_same(*twice(bob, path, {"body": "Hello"}))
    assert_same(*twice(bob, path, {"body": "noted", "internal": True}, key="two"))
    assert number_of(db_session, Message) == 3


def test_a_step_of_a_complaint_is_taken_once_and_its_refusal_kept_once(
    world: World, program: Made, db_session: Session
) -> None:
    ivan = program(world.ivan)
    reference = program(world.bob).call("POST", COMPLAINTS, COMPLAINT).json["reference"]
    path = f"{COMPLAINTS}/{reference}/events"
    for body, status in ((COMMENT, 200), (TOO_EARLY, 409)):
        first, again = twice(ivan, path, body, key=body["event"])
        assert (first.status_code, again.status_code) == (status, status), first.text
        assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (
            False,
            "true",
        )
        assert again.json == first.json
    comments = select(ComplaintEvent.seq).where(ComplaintEvent.name == COMMENT["event"])
    assert len(db_session.scalars(comments).all()) == 1
    assert number_of(db_session, ComplaintRefusal) == 1


@pytest.mark.parametrize("path", [TICKETS, COMPLAINTS])
def test_the_same_key_with_other_words_is_a_mistake(world: World, program: Made, path: str) -> None:
    bob = program(world.bob)
    body = TICKET if path == TICKETS else COMPLAINT
    bob.call("POST", path, body, Idempotency_Key="one")
    other = {**body, "subject": "Else"} if path == TICKETS else {**body, "text": "Else"}
    answer = bob.call("POST", path, other, Idempotency_Key="one")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "key_reused")
    assert answer.json["error"]["message"].startswith("This was sent already, with other words.")


def test_a_key_counts_for_one_token_and_one_address(
    app: Flask, world: World, program: Made, db_session: Session
) -> None:
    one, two = (create_token(db_session, Role.SUPERVISOR, name=name, actor="system") for name in "ab")
    db_session.commit()
    first, second = (
        Program(app, token).call("POST", TICKETS, TICKET, Idempotency_Key="k") for token in (one, two)
    )
    assert first.json["id"] != second.json["id"]
    for ticket in (first, second):
        path = f"{TICKETS}/{ticket.json['id']}/messages"
        assert Program(app, one).call("POST", path, {"body": "x"}, Idempotency_Key="k").status_code == 201
    assert number_of(db_session, Message) == 4


def test_a_request_that_failed_may_be_mended_under_its_key(world: World, program: Made) -> None:
    alice = program(world.alice)
    wrong = {**TICKET, "queue": "No such queue"}
    assert alice.call("POST", TICKETS, wrong, Idempotency_Key="one").status_code == 422
    assert alice.call("POST", TICKETS, TICKET, Idempotency_Key="one").status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "é"])
def test_what_cannot_be_a_key_is_refused(world: World, program: Made, key: str) -> None:
    answer = program(world.alice).call("POST", TICKETS, TICKET, Idempotency_Key=key)
    assert (answer.status_code, answer.json["error"]["details"][0]["field"]) == (422, "Idempotency-Key")


def test_without_a_key_every_request_is_a_new_one(world: World, program: Made, db_session: Session) -> None:
    alice = program(world.alice)
    for _ in range(2):
        alice.call("POST", TICKETS, TICKET)
    assert number_of(db_session, Ticket) == 2


def test_nothing_readable_about_people_is_remembered(
    world: World, program: Made, db_session: Session
) -> None:
    twice(program(world.bob), COMPLAINTS, COMPLAINT)
    row = db_session.scalars(select(IdempotencyKey)).one()
    assert row.answer is not None
    assert "maria" not in row.answer + row.asked + row.scope


def test_an_old_key_is_free_again_and_then_forgotten(
    world: World, program: Made, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = program(world.alice)
    alice.call("POST", TICKETS, TICKET, Idempotency_Key="one")
    later = clock.now() + idempotency.KEPT_FOR + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    alice.call("POST", TICKETS, TICKET, Idempotency_Key="one")
    assert (number_of(db_session, Ticket), number_of(db_session, IdempotencyKey)) == (2, 1)
    monkeypatch.setattr(clock, "now", lambda: later + idempotency.KEPT_FOR)
    retention.on_sweep(db_session, {})
    assert number_of(db_session, IdempotencyKey) == 0


def test_twins_at_the_same_instant_are_one_ticket(app: Flask, clean_database: Engine) -> None:
    limiter.reset()
    with unit_of_work() as session:
        build_world(session)
        token = create_token(session, Role.SUPERVISOR, actor="system")

    def send(_n: int) -> Answer:
        return Program(app, token).call("POST", TICKETS, TICKET, Idempotency_Key="twin")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    with unit_of_work() as session:
        assert number_of(session, Ticket) == 1

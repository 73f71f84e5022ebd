"""A double click, or a retry after an answer that got lost, opens one ticket."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.models import ComplaintCase
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.complaints.staff import written_ticket
from tests.world import World

Browse = Callable[[User | None], Browser]
COMPOSED = {"email": "new@example.org", "subject": "Your line", "body": "We fixed it."}
RECORDED = {
    "form": "letter",
    "received_at": "2026-11-02T09:30",
    "subject": "A bill",
    "body": "It is wrong.",
    "name": "Wang Li",
    "language": "en",
}
PAGES = {"/console/compose": COMPOSED, "/record": RECORDED}
each_page = pytest.mark.parametrize("path", PAGES)


def id_of(page: TestResponse) -> str:
    found = re.search(r'name="client_id" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def filled_in(browser: Browser, world: World, path: str) -> dict[str, str]:
    """The form of that page as somebody sends it."""
    return {**PAGES[path], "queue": str(world.support.id), "client_id": id_of(browser.get(path))}


def led_to(answer: TestResponse) -> str:
    """Where the answer leads, for htmx or for a plain form."""
    assert answer.status_code in (204, 303), answer.text
    target: str = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    return target


def tickets(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Ticket)).one()


@each_page
def test_the_same_form_sent_twice_is_one_ticket(
    browse: Browse, world: World, db_session: Session, path: str
) -> None:
    alice = browse(world.alice)
    form = filled_in(alice, world, path)
    first, again = (led_to(alice.post(path, form)) for _ in range(2))
    assert first == again
    assert tickets(db_session) == 1


@each_page
def test_every_page_carries_another_id(browse: Browse, world: World, path: str) -> None:
    alice = browse(world.alice)
    assert id_of(alice.get(path)) != id_of(alice.get(path))


@each_page
def test_a_mistake_keeps_the_id_and_mending_it_opens_the_ticket(
    browse: Browse, world: World, db_session: Session, path: str
) -> None:
    alice = browse(world.alice)
    form = filled_in(alice, world, path)
    refused = alice.post(path, {**form, "subject": ""})
    assert (refused.status_code, id_of(refused)) == (422, form["client_id"])
    led_to(alice.post(path, form))
    assert tickets(db_session) == 1


@each_page
def test_changed_words_after_a_lost_answer_are_asked_about_and_then_sent(
    browse: Browse, world: World, db_session: Session, path: str
) -> None:
    alice = browse(world.alice)
    form = filled_in(alice, world, path)
    led_to(alice.post(path, form))
    changed = {**form, "body": "And one thing more."}
    asked = alice.post(path, changed)
    assert asked.status_code == 422
    assert "This was sent already, with other words." in asked.text
    assert tickets(db_session) == 1
    led_to(alice.post(path, {**changed, "client_id": id_of(asked)}))
    assert tickets(db_session) == 2


def test_the_same_complaint_sent_twice_is_one_case_and_leads_to_it(
    browse: Browse, world: World, db_session: Session
) -> None:
    ticket = written_ticket(db_session, world)
    db_session.commit()
    alice = browse(world.alice)
    page = alice.get(f"/complaints/new?ticket={ticket.id}")
    form = {"ticket": ticket.id, "text": "Rude.", "client_id": id_of(page)}
    mistaken = alice.post("/complaints", {**form, "text": ""})
    assert (mistaken.status_code, id_of(mistaken)) == (422, form["client_id"])
    first, again = (led_to(alice.post("/complaints", form)) for _ in range(2))
    assert first == again == f"/complaints/{db_session.scalars(select(ComplaintCase.reference)).one()}"


def test_who_sells_is_told_in_one_sentence_that_complaints_are_not_his(
    browse: Browse, world: World, db_session: Session
) -> None:
    ticket = written_ticket(db_session, world)
    world.alice.roles = [Role.AGENT.value, Role.SALES.value]
    db_session.commit()
    alice = browse(world.alice)
    form = {"ticket": ticket.id, "text": "Rude.", "subjects": world.bob.actor}
    for answer in (alice.get(f"/complaints/new?ticket={ticket.id}"), alice.post("/complaints", form)):
        assert answer.status_code == 403
        assert "Your role may not read complaint data." in answer.text
        assert "user:" not in answer.text
    assert not db_session.scalars(select(ComplaintCase.reference)).all()


@each_page
def test_two_people_never_meet_under_one_id(
    browse: Browse, world: World, db_session: Session, path: str
) -> None:
    form = {**PAGES[path], "queue": str(world.support.id), "client_id": "same-id"}
    assert led_to(browse(world.alice).post(path, form)) != led_to(browse(world.bob).post(path, form))

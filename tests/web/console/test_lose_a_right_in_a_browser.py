"""A page that is open while its reader loses the right to it goes silent, then says no; a colleague's misses nothing."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.service import edit_user
from contactcenter.complaints.service import open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import add_note, latest_conversation, receive
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import move_to_queue
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser

Lose = Callable[[Session, World, Ticket], object]
PATIENCE_S = 10
NOTES = ("Before it", "At that moment", "After it")


def moves_to_another_team(session: Session, world: World, ticket: Ticket) -> None:
    move_to_queue(session, ticket, session.get_one(Queue, world.other_queue.id), actor="system")


def becomes_a_complaint_about_her(session: Session, world: World, ticket: Ticket) -> None:
    open_case(
        session,
        ticket,
        actor=world.wang_li.actor,
        text="Alice was rude.",
        channel="email",
        subjects=(world.alice.actor,),
        sampled=False,
    )


def her_role_is_taken(session: Session, world: World, _ticket: Ticket) -> None:
    alice = session.get_one(User, world.alice.id)
    edit_user(session, alice, alice.version, {"roles": [Role.SALES.value]}, actor=world.admin.actor)


@pytest.fixture
def ticket_id(town: World) -> int:
    with unit_of_work() as session:
        sender = Sender("email", "wang.li@example.cn")
        return receive(
            session, Inbound("email", town.support.id, sender, "Where?", subject="Where")
        ).ticket_id


@pytest.mark.parametrize(
    ("lose", "refusal"),
    [
        (moves_to_another_team, "There is no ticket"),
        (becomes_a_complaint_about_her, "There is no ticket"),
        (her_role_is_taken, "Your role does not allow this."),
    ],
)
def test_page_goes_silent_and_says_no_while_a_colleagues_goes_on(
    served: Served, town: World, ticket_id: int, lose: Lose, refusal: str
) -> None:
    hers, colleagues = served.window(town.alice), served.window(town.admin)
    heard: list[str] = []
    hers.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    for page in (hers, colleagues):
        page.goto(f"/console/tickets/{ticket_id}")
    wait_until_both_listen(served, ticket_id)
    note(town, ticket_id, "Before it")
    for page in (hers, colleagues):
        expect(page.get_by_text("Before it")).to_be_visible()
    colleagues.evaluate("window.stays = true")
    with hers.expect_navigation():
        with unit_of_work() as session:
            lose(session, town, session.get_one(Ticket, ticket_id))
        note(town, ticket_id, "At that moment")
    expect(hers.get_by_text(refusal)).to_be_visible()
    note(town, ticket_id, "After it")
    expect(colleagues.get_by_text("After it")).to_be_visible()
    assert [one for one in lines_of(colleagues) if one in NOTES] == list(NOTES)
    assert colleagues.evaluate("window.stays"), "who may stay is not sent away first"
    assert [one for one in NOTES if one in "".join(heard)] == ["Before it"]


def wait_until_both_listen(served: Served, ticket_id: int) -> None:
    rooms, until = served.socketio.server.manager.rooms, time.monotonic() + PATIENCE_S
    while len(rooms.get("/console", {}).get(f"ticket:{ticket_id}:en", ())) < 2:
        assert time.monotonic() < until, "they do not listen"
        time.sleep(0.02)


def note(town: World, ticket_id: int, body: str) -> None:
    with unit_of_work() as session:
        add_note(session, session.get_one(User, town.admin.id), latest_conversation(session, ticket_id), body)


def lines_of(page: Page) -> list[str]:
    return page.locator(".timeline .message__text").all_inner_texts()

"""Bob sees what load each skill and queue of his carries, and where no routing can help."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, User
from contactcenter.assignment.models import Offer
from contactcenter.assignment.presence import set_presence
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue
from contactcenter.queues.service import create_queue, require_skills, set_agent_skills
from contactcenter.tickets.service import open_ticket
from tests.browser import Browser
from tests.web.cut import cut_off
from tests.web.served import PHONE, Served, faults, overflow
from tests.world import World

Browse = Callable[[User | None], Browser]
SHORT = "Routing cannot help"


def calls_come(session: Session, world: World, queue: Queue, n: int, channel: str = "voice") -> None:
    """So many within the hour, each of six minutes: ten of them are one erlang."""
    customer = session.get_one(Customer, world.wang_li.id)
    ticket = open_ticket(session, customer, queue, "Where?", actor="system")
    for number in range(n):
        came = clock.after(-60 * (1 + number % 50))
        over = came + timedelta(minutes=6)
        times = {"accepted_at": came, "ended_at": over}
        conversation = Conversation(
            ticket=ticket,
            channel=channel,
            queue_id=queue.id,
            customer_id=world.wang_li.id,
            enqueued_at=came,
            created_at=came,
            state=State.ENDED,
            **times,
        )
        session.add(conversation)
        session.flush()
        session.add(
            Offer(
                conversation_id=conversation.id,
                user_id=world.carol.id,
                state="ended",
                offered_at=came,
                **times,
            )
        )
    session.flush()


def is_short(session: Session, world: World) -> None:
    """25 calls an hour for Alice alone, who knows billing; five chats that she can hold."""
    support = session.get_one(Queue, world.support.id)
    require_skills(session, support, {"billing": 2}, actor="system")
    set_agent_skills(session, world.alice.id, {"billing": 3}, actor="system")
    calls_come(session, world, support, 25)
    calls_come(session, world, support, 5, "chat")
    set_presence(session, session.get_one(User, world.alice.id), "ready", by="system")


def test_page_says_where_routing_cannot_help_and_how_many_would(
    db_session: Session, world: World, browse: Browse
) -> None:
    is_short(db_session, world)
    db_session.commit()
    page = " ".join(browse(world.bob).get("/supervisor/load").text.split())
    assert "Routing cannot help: this keeps 2.5 in hand at once, and those at work can hold 1." in page
    assert "At least 2 more people who can do it are needed." in page
    assert "The promise of 80 % within 60 s takes 4 more." in page
    assert "billing, level 2 or above" in page
    assert "250 %" in page


def test_page_speaks_chinese(db_session: Session, world: World, browse: Browse) -> None:
    is_short(db_session, world)
    world.bob.language = "zh"
    db_session.commit()
    page = browse(world.bob).get("/supervisor/load").text
    assert "再怎么分配也无济于事" in page
    assert "Routing" not in page


def test_without_work_the_page_says_so(world: World, browse: Browse) -> None:
    page = browse(world.bob).get("/supervisor/load")
    assert page.status_code == 200
    assert "No work to measure" in page.text
    assert "<table" not in page.text


def test_another_team_s_queues_and_skills_are_not_shown(
    db_session: Session, world: World, browse: Browse
) -> None:
    require_skills(db_session, world.other_queue, {"lorries": 1}, actor="system")
    calls_come(db_session, world, world.other_queue, 3)
    db_session.commit()
    bobs, whole = (browse(who).get("/supervisor/load").text for who in (world.bob, world.admin))
    assert "lorries" not in bobs
    assert "Fleet" not in bobs
    assert "lorries" in whole


@pytest.mark.parametrize("who", ["alice", "mallory", "ivan"])
def test_who_supervises_nobody_has_no_such_page(world: World, browse: Browse, who: str) -> None:
    assert browse(getattr(world, who)).get("/supervisor/load").status_code == 403


def test_queues_of_two_brands_are_told_apart(db_session: Session, world: World, browse: Browse) -> None:
    calls_come(db_session, world, world.support, 3)
    db_session.commit()
    admin = browse(world.admin)
    assert world.brand.name not in admin.get("/supervisor/load").text
    other = Brand(slug="north", name="North Gas", language="en", zone="Europe/London")
    namesake = create_queue(db_session, name="Support", brand=other, team=world.team, actor="system")
    calls_come(db_session, world, namesake, 3)
    db_session.commit()
    page = admin.get("/supervisor/load").text
    assert world.brand.name in page
    assert "North Gas" in page


@pytest.mark.browser
def test_load_stands_a_click_from_the_board_on_every_screen(served: Served, town: World) -> None:
    with unit_of_work() as session:
        is_short(session, town)
    desk = served.window(town.bob)
    desk.goto("/supervisor")
    desk.get_by_role("link", name="Load", exact=True).press("Enter")
    expect(desk.get_by_role("heading", name="Calls")).to_be_visible()
    expect(desk.locator("tr[data-state=short]").first).to_contain_text(SHORT)
    desk.get_by_text("How this is worked out").press("Enter")
    expect(desk.get_by_text("erlangs")).to_be_visible()
    assert faults(desk) == []
    for options in ({"size": PHONE}, {"size": PHONE, "dark": True}, {"dark": True}):
        page = served.window(town.bob, **options)
        page.goto("/supervisor/load")
        expect(page.locator("tr[data-state=short]").first).to_contain_text(SHORT)
        assert overflow(page) <= 0
        assert cut_off(page) == []
        assert faults(page) == []


@pytest.mark.browser
def test_open_page_keeps_itself_up_to_date(served: Served, town: World) -> None:
    """A minute later it has asked again, and what was opened to read stays open."""
    page = served.window(town.bob)
    page.clock.install()
    page.goto("/supervisor/load")
    expect(page.get_by_text("No work to measure")).to_be_visible()
    page.get_by_text("How this is worked out").click()
    with unit_of_work() as session:
        is_short(session, town)
    page.clock.run_for(61_000)
    expect(page.locator("tr[data-state=short]").first).to_contain_text(re.compile(SHORT))
    expect(page.get_by_text("erlangs")).to_be_visible()

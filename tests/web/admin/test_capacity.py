"""Administrators say how much a person takes at once, and how queues ring; the router knows it at once."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import RouterInbox
from contactcenter.assignment.staff import agent_now
from contactcenter.core.events import EventRow
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


def test_ada_lets_alice_take_more_chats_and_the_router_hears_it(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada, path = browse(world.admin), f"/admin/people/{world.alice.id}/capacity"
    assert f'href="{path}"' in ada.get(f"/admin/people/{world.alice.id}").text
    assert 'value="3"' in ada.get(path).text
    assert ada.post(path, {"voice": 1, "chat": 6, "email": 5}).status_code == 303
    db_session.expire_all()
    assert agent_now(db_session, world.alice).caps == {"voice": 1, "chat": 6, "email": 5}
    [changed] = db_session.scalars(select(EventRow).where(EventRow.name == "capacity.changed"))
    assert (changed.data["channel"], changed.data["cap"], changed.actor) == ("chat", 6, world.admin.actor)
    told = select(RouterInbox.data).where(RouterInbox.command == "agent", RouterInbox.done_at.is_(None))
    assert {"id": world.alice.id} in list(db_session.scalars(told))
    assert "Capacity changed" in ada.get("/admin/history/").text


@pytest.mark.parametrize(
    ("kind", "typed"), [("voice", "2"), ("chat", "13"), ("email", "51"), ("chat", "-1"), ("chat", "many")]
)
def test_senseless_numbers_are_refused_at_their_field(
    browse: Browse, world: World, db_session: Session, kind: str, typed: str
) -> None:
    wanted = {"voice": "1", "chat": "3", "email": "5", kind: typed}
    answer = browse(world.admin).post(f"/admin/people/{world.alice.id}/capacity", wanted)
    assert answer.status_code == 422
    assert f'id="f-{kind}-error"' in answer.text
    assert typed in answer.text, "what was typed stays"
    assert agent_now(db_session, world.alice).caps["chat"] == 3


def test_ring_time_and_wrap_up_of_a_queue_are_written_and_told(
    browse: Browse, world: World, db_session: Session
) -> None:
    queue, ada = world.support, browse(world.admin)
    form = {
        "name": queue.name,
        "brand_id": queue.brand_id,
        "team_id": queue.team_id,
        "hours_id": "",
        "open": "1",
        "skills": "",
        "version": queue.version,
        "priority": 0,
        "ring_s": 45,
        "wrap_up_s": 90,
        "target_s": 0,
        "service_level_pct": 80,
        "service_level_s": 60,
        "first_reply_s": 14400,
        "resolve_s": 172800,
        "sticky_s": 0,
        "language_s": 0,
        "silent_s": 600,
    }
    assert ada.post(f"/admin/queues/{queue.id}", form).status_code == 303
    db_session.refresh(queue)
    assert (queue.ring_s, queue.wrap_up_s) == (45, 90)
    told = select(RouterInbox.command).where(RouterInbox.done_at.is_(None))
    assert "definitions" in list(db_session.scalars(told))
    [changed] = db_session.scalars(select(EventRow).where(EventRow.name == "queue.changed"))
    assert changed.actor == world.admin.actor

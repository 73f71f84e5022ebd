"""Bob watches his queues and steers; agents and other teams' supervisors do not."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.models import Presence, QueueLoad
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core import clock
from contactcenter.core.health import report
from contactcenter.queues.models import Queue
from contactcenter.reporting.wallboard import queue_figures
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


def waiting(session: Session, world: World, number: int = 1) -> Conversation:
    sender = Sender("visitor", f"visitor-{number}")
    received = receive(session, Inbound("chat", world.support.id, sender, f"hello {number}"))
    return session.get_one(Conversation, received.conversation_id)


def test_board_shows_own_teams_only(db_session: Session, world: World, browse: Browse) -> None:
    waiting(db_session, world)
    db_session.commit()
    page = browse(world.bob).get("/supervisor")
    assert page.status_code == 200
    assert "Alice Agnew" in page.text
    assert "hello 1" in page.text
    assert "Mallory Moss" not in page.text
    assert "Fleet" not in page.text


@pytest.mark.parametrize("who", ["alice", "mallory", "ivan"])
def test_others_have_no_board(world: World, browse: Browse, who: str) -> None:
    assert browse(getattr(world, who)).get("/supervisor").status_code == 403


def test_service_level_counts_answered_in_time_and_abandoned(db_session: Session, world: World) -> None:
    served, left, late = (waiting(db_session, world, number) for number in (1, 2, 3))
    take_conversation(db_session, world.bob, served.id)
    end_conversation(db_session, left.id, by="customer", reason="left", actor="system")
    with clock.frozen(clock.after(300)):
        take_conversation(db_session, world.bob, late.id)
    db_session.flush()
    [figures] = [
        one for one in queue_figures(db_session, {world.team.id}) if one.queue.id == world.support.id
    ]
    assert (figures.answered, figures.in_time, figures.abandoned) == (2, 1, 1)
    assert figures.service_level_pct == pytest.approx(100 / 3)
    assert not figures.on_target


def test_waiting_comes_from_the_router_s_own_state(db_session: Session, world: World) -> None:
    at = clock.now()
    load = QueueLoad(queue_id=world.support.id, waiting=4, offered=1, oldest_at=at, updated_at=at)
    db_session.add(load)
    db_session.flush()
    [figures] = queue_figures(db_session, {world.team.id})
    assert (figures.waiting, figures.ringing, figures.oldest_at) == (4, 1, at)


def test_supervisor_forces_a_state_and_closes_a_queue(
    db_session: Session, world: World, browse: Browse
) -> None:
    bob = browse(world.bob)
    path = f"/supervisor/agents/{world.alice.id}/state"
    assert bob.post(path, {"state": "break", "reason": "Lunch"}).status_code == 200
    presence = db_session.get_one(Presence, world.alice.id, populate_existing=True)
    assert (presence.state, presence.reason) == ("break", "Lunch")
    assert bob.post(path, {"state": "break"}).status_code == 422
    assert bob.post(f"/supervisor/queues/{world.support.id}/open", {"open": ""}).status_code == 200
    assert db_session.get_one(Queue, world.support.id, populate_existing=True).open is False


def test_supervisor_gives_waiting_work_to_an_agent(db_session: Session, world: World, browse: Browse) -> None:
    conversation = waiting(db_session, world)
    set_presence(db_session, world.alice, "ready", by="system")
    db_session.commit()
    bob = browse(world.bob)
    path = f"/supervisor/conversations/{conversation.id}/move"
    assert bob.post(path, {"to": f"agent:{world.alice.id}"}).status_code == 200
    moved = db_session.get_one(Conversation, conversation.id, populate_existing=True)
    assert moved.target_user_id == world.alice.id
    for wrong in ("agent:999999", "agent:x", "", "team:1", f"agent:{world.mallory.id}"):
        assert bob.post(path, {"to": wrong}).status_code in {404, 422}


def test_another_team_s_supervisor_can_touch_nothing(
    db_session: Session, world: World, browse: Browse
) -> None:
    conversation = waiting(db_session, world)
    world.mallory.roles = [Role.SUPERVISOR, Role.AGENT]
    set_presence(db_session, world.mallory, "ready", by="system")
    db_session.commit()
    mallory = browse(world.mallory)
    alice, queue = world.alice.id, world.support.id
    assert mallory.post(f"/supervisor/agents/{alice}/state", {"state": "ready"}).status_code == 404
    assert mallory.post(f"/supervisor/queues/{queue}/open", {"open": ""}).status_code == 404
    to = {"to": f"agent:{world.mallory.id}"}
    assert mallory.post(f"/supervisor/conversations/{conversation.id}/move", to).status_code in {403, 404}


def test_the_board_says_why_work_waits(db_session: Session, world: World, browse: Browse) -> None:
    conversation = waiting(db_session, world)
    db_session.commit()
    page = browse(world.bob)
    assert f'hx-get="/console/tickets/{conversation.ticket_id}/why"' in page.get("/supervisor").text
    assert "who could take it" in page.get(f"/console/tickets/{conversation.ticket_id}/why").text


def test_parts_that_fail_are_told_in_the_reader_s_language(
    browse: Browse, world: World, db_session: Session
) -> None:
    world.bob.language = "zh"
    for name in ("nlp", "mailbox help@harbour.example", "complaint chains"):
        report(db_session, name, ok=False, reason="No file there.")
    db_session.commit()
    page = browse(world.bob).get("/supervisor").text
    told = ("目前模型不分析消息", "help@harbour.example 的邮件未能收取", "投诉记录")
    assert [one for one in told if one not in page] == []
    assert page.count('lang="en">No file there.<') == len(told)

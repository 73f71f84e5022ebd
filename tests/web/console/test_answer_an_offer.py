"""Offers and presence in the agent's own corner of the screen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import Offer, Presence
from contactcenter.assignment.presence import begin_wrap_up
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import end_conversation
from contactcenter.core import clock
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.world import World

Browse = Callable[[User | None], Browser]


@pytest.fixture
def offer(db_session: Session, world: World, say: Say) -> Offer:
    """Wang Li's chat, held out to Alice for 20 seconds."""
    chat: Chat = say("你好，有人吗？")
    chat.conversation.state = "offered"
    now = clock.now()
    held = Offer(
        conversation_id=chat.conversation.id,
        user_id=world.alice.id,
        state="offered",
        offered_at=now,
        deadline_at=now + timedelta(seconds=20),
    )
    db_session.add(held)
    db_session.commit()
    return held


def test_the_offer_shows_who_and_what(browse: Browse, world: World, offer: Offer) -> None:
    page = browse(world.alice).get("/console/offers").text
    assert f'id="offer-{offer.id}"' in page
    assert "王丽" in page
    assert "有人吗" in page


def test_accepting_leads_to_the_ticket(
    browse: Browse, world: World, offer: Offer, db_session: Session
) -> None:
    console = {"HX-Request": "true", "HX-Current-URL": "http://localhost/console"}
    answer = browse(world.alice).post(f"/console/offers/{offer.id}/accept", headers=console)
    db_session.expire_all()
    conversation = db_session.get_one(Conversation, offer.conversation_id)
    assert f"/console/tickets/{conversation.ticket_id}" in answer.headers["HX-Location"]
    assert (conversation.state, conversation.agent_id) == ("active", world.alice.id)


def test_accepting_from_another_area_opens_the_console(browse: Browse, world: World, offer: Offer) -> None:
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://localhost/complaints"}
    answer = browse(world.alice).post(f"/console/offers/{offer.id}/accept", headers=elsewhere)
    assert answer.headers["HX-Redirect"].startswith("/console/tickets/")


def test_declining_frees_it_for_others(
    browse: Browse, world: World, offer: Offer, db_session: Session
) -> None:
    alice = browse(world.alice)
    assert alice.post(f"/console/offers/{offer.id}/decline").status_code == 200
    db_session.expire_all()
    assert db_session.get_one(Conversation, offer.conversation_id).state == "waiting"
    late = alice.post(f"/console/offers/{offer.id}/accept", headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "gone" in late.text


def test_nobody_answers_anothers_offer(browse: Browse, world: World, offer: Offer) -> None:
    assert browse(world.carol).post(f"/console/offers/{offer.id}/accept").status_code == 404


def test_a_break_needs_a_reason_and_is_kept(browse: Browse, world: World, db_session: Session) -> None:
    alice = browse(world.alice)
    assert alice.post("/console/presence", {"state": "break"}).status_code == 422
    page = alice.post("/console/presence", {"state": "break", "reason": "Lunch"}).text
    assert 'data-state="break"' in page
    assert db_session.get_one(Presence, world.alice.id).reason == "Lunch"


def test_finish_then_break_waits_for_the_chat_in_hand(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    alice = browse(world.alice)
    alice.post("/console/presence", {"state": "ready"})
    page = alice.post("/console/presence", {"then_break": "Lunch"}).text
    assert 'data-state="ready"' in page
    assert "begins when your work is done" in page
    assert "Then: Lunch" in page
    page = alice.post("/console/presence", {"no_break": "1"}).text
    assert "Lunch" in page
    assert "Then: Lunch" not in page


def test_wrap_up_is_ended_early_from_the_menu(browse: Browse, world: World, db_session: Session) -> None:
    alice = browse(world.alice)
    alice.post("/console/presence", {"state": "ready"})
    assert begin_wrap_up(db_session, db_session.get_one(Presence, world.alice.id), 60)
    db_session.commit()
    assert "Finish wrapping up now" in alice.get("/console/presence").text
    page = alice.post("/console/presence", {"state": "ready"}).text
    assert 'data-state="ready"' in page
    assert "Finish wrapping up now" not in page


def test_single_keys_can_be_switched_off(browse: Browse, world: World, db_session: Session) -> None:
    alice = browse(world.alice)
    assert alice.post("/console/preferences", {}).status_code == 204
    assert 'data-single-keys="off"' in alice.get("/console").text


def test_the_offer_says_why_it_rings_here_to_its_agent_alone(
    browse: Browse, world: World, offer: Offer, db_session: Session
) -> None:
    offer.reasons = {"by_hand": True}
    db_session.commit()
    assert f'hx-get="/console/offers/{offer.id}/why"' in browse(world.alice).get("/console/offers").text
    answer = browse(world.alice).get(f"/console/offers/{offer.id}/why")
    assert "taken or given by hand" in answer.text
    assert browse(world.carol).get(f"/console/offers/{offer.id}/why").status_code == 404


def test_who_talks_on_the_phone_is_busy_not_ready(
    browse: Browse, world: World, say: Say, take: Callable[[Chat, User], None], db_session: Session
) -> None:
    alice = browse(world.alice)
    alice.post("/console/presence", {"state": "ready"})
    assert 'data-state="ready"' in alice.get("/console/presence").text
    call = say("Hello?", channel="voice")
    take(call, world.alice)
    shown = alice.get("/console/presence").text
    assert 'data-state="busy"' in shown
    assert "Busy" in shown
    end_conversation(db_session, call.conversation.id, by="customer", reason="hung_up", actor="system")
    alice.post("/console/presence", {"state": "ready"})
    assert 'data-state="ready"' in alice.get("/console/presence").text

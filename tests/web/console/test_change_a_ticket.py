"""Solve, snooze, edit, hand over, answer "is this a complaint?"."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_presence
from contactcenter.conversations.models import Conversation
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.world import World

Browse = Callable[[User | None], Browser]
HTMX = {"HX-Request": "true"}


def fresh(session: Session, chat: Chat) -> Ticket:
    session.expire_all()
    return session.get_one(Ticket, chat.ticket.id)


def test_solving_gives_back_the_head_as_it_is_now(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    answer = browse(world.alice).post(f"{chat.path}/status", {"status": "solved"}, headers=HTMX)
    assert answer.status_code == 200
    assert 'data-status="solved"' in answer.text
    assert fresh(db_session, chat).status == "solved"


def test_an_impossible_status_is_one_sentence_beside_the_page(
    browse: Browse, world: World, chat: Chat
) -> None:
    alice = browse(world.alice)
    alice.post(f"{chat.path}/status", {"status": "solved"}, headers=HTMX)
    refused = alice.post(f"{chat.path}/status", {"status": "pending"}, headers=HTMX)
    assert refused.status_code == 409
    assert refused.headers["HX-Reswap"] == "none"
    assert "cannot become" in refused.headers["HX-Trigger"]


def test_a_status_of_nobodys_is_refused(browse: Browse, world: World, chat: Chat) -> None:
    assert browse(world.alice).post(f"{chat.path}/status", {"status": "gone"}).status_code == 422


def test_snoozing_until_tomorrow_and_waking(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    alice = browse(world.alice)
    alice.post(f"{chat.path}/snooze", {"until": "tomorrow"}, headers=HTMX)
    assert fresh(db_session, chat).snoozed_until is not None
    alice.post(f"{chat.path}/snooze", {"until": ""}, headers=HTMX)
    assert fresh(db_session, chat).snoozed_until is None


def test_an_edit_of_an_old_version_shows_the_new_one_and_a_clear_sentence(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    seen = fresh(db_session, chat).version
    first = {"version": seen, "subject": "Broadband down", "kind": "fault", "priority": "1"}
    assert browse(world.bob).post(f"{chat.path}/edit", first, headers=HTMX).status_code == 200
    late = browse(world.alice).post(f"{chat.path}/edit", {**first, "subject": "Other"}, headers=HTMX)
    assert late.status_code == 409
    assert "Somebody changed this ticket meanwhile" in late.text
    assert f'value="{fresh(db_session, chat).version}"' in late.text
    assert fresh(db_session, chat).subject == "Broadband down"


def test_handing_to_a_colleague_who_is_away_is_refused(browse: Browse, world: World, chat: Chat) -> None:
    refused = browse(world.alice).post(f"{chat.path}/assign", {"owner": world.carol.id}, headers=HTMX)
    assert refused.status_code == 422
    assert "Carol Chen is away" in refused.text


def test_handing_to_a_colleague_lets_the_router_offer_it(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    set_presence(db_session, world.carol, "ready", by=world.carol.actor)
    db_session.commit()
    answer = browse(world.alice).post(f"{chat.path}/assign", {"owner": world.carol.id}, headers=HTMX)
    assert answer.status_code == 200
    db_session.expire_all()
    conversation = db_session.get_one(Conversation, chat.conversation.id)
    assert (conversation.state, conversation.target_user_id) == ("waiting", world.carol.id)


def test_handing_to_a_queue_moves_ticket_and_conversation(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    browse(world.alice).post(f"{chat.path}/assign", {"queue": world.other_queue.id}, headers=HTMX)
    assert fresh(db_session, chat).queue_id == world.other_queue.id
    assert db_session.get_one(Conversation, chat.conversation.id).queue_id == world.other_queue.id


def test_an_agent_may_not_pick_from_the_queue_but_her_supervisor_may(
    browse: Browse, world: World, say: Say, db_session: Session
) -> None:
    waiting = say("有人吗？")
    refused = browse(world.alice).post(f"{waiting.path}/assign", {"owner": world.alice.id}, headers=HTMX)
    assert refused.status_code == 403
    browse(world.bob).post(f"{waiting.path}/assign", {"owner": world.bob.id}, headers=HTMX)
    assert fresh(db_session, waiting).owner_id == world.bob.id


def test_neither_and_both_to_hand_to_is_refused(browse: Browse, world: World, chat: Chat) -> None:
    alice = browse(world.alice)
    assert alice.post(f"{chat.path}/assign", {}, headers=HTMX).status_code == 422
    both = {"owner": world.carol.id, "queue": world.support.id}
    assert alice.post(f"{chat.path}/assign", both, headers=HTMX).status_code == 422


def test_ending_the_conversation_keeps_the_ticket_open(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    assert browse(world.alice).post(f"{chat.path}/end").status_code == 204
    db_session.expire_all()
    assert db_session.get_one(Conversation, chat.conversation.id).state in ("wrap_up", "ended")
    assert fresh(db_session, chat).status == "open"
    assert browse(world.alice).post(f"{chat.path}/end").status_code == 409


def test_no_complaint_needs_a_reason_and_is_kept(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    alice = browse(world.alice)
    refused = alice.post(f"{chat.path}/complaint", {"answer": "no", "why": " "}, headers=HTMX)
    assert refused.status_code == 422
    alice.post(f"{chat.path}/complaint", {"answer": "no", "why": "only asks for the date"}, headers=HTMX)
    kept = fresh(db_session, chat).complaint_answer
    assert kept is not None
    assert (kept["yes"], kept["why"], kept["by"]) == (False, "only asks for the date", world.alice.id)


def test_yes_leads_on_to_the_complaint(browse: Browse, world: World, chat: Chat, db_session: Session) -> None:
    data = {"answer": "yes", "why": "third fault"}
    answer = browse(world.alice).post(f"{chat.path}/complaint", data, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/complaints/new?ticket={chat.ticket.id}"
    assert fresh(db_session, chat).kind == "complaint"


def test_stranger_may_change_nothing(browse: Browse, world: World, chat: Chat) -> None:
    mallory = browse(world.mallory)
    for path, data in (
        ("status", {"status": "solved"}),
        ("snooze", {"until": "1h"}),
        ("assign", {"owner": world.mallory.id}),
        ("end", {}),
        ("complaint", {"answer": "no", "why": "x"}),
        ("draft", {"mode": "reply", "body": "x"}),
        ("read", {"rev": "1"}),
        ("messages", {"mode": "note", "body": "x", "client_id": "c"}),
    ):
        assert mallory.post(f"{chat.path}/{path}", data).status_code == 404, path

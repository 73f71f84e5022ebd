"""Alice opens Wang Li's complaint; Ivan and Petra handle it; Wang Li follows it by a link, to the follow-up."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase
from contactcenter.conversations.models import Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.errors import Conflict
from contactcenter.edge.limits import limiter
from contactcenter.surveys.models import SurveyAnswer
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import answer_complaint, set_status
from tests.api.conftest import Program
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


@pytest.fixture
def ticket(db_session: Session, world: World) -> Ticket:
    sender = Sender("email", "wang.li@example.cn")
    received = receive(
        db_session, Inbound("form", world.support.id, sender, "第三次反映，还是没人处理！", subject="投诉")
    )
    db_session.commit()
    return db_session.get_one(Ticket, received.ticket_id)


@pytest.fixture
def reference(world: World, ticket: Ticket, browse: Browse) -> str:
    """The complaint, opened by Alice on the page."""
    alice = browse(world.alice)
    page = alice.get(f"/complaints/new?ticket={ticket.id}")
    assert "第三次反映" in page.text
    opened = alice.post("/complaints", {"ticket": str(ticket.id), "text": "第三次反映，还是没人处理！"})
    assert opened.status_code == 303, opened.text
    return opened.headers["Location"].rsplit("/", 1)[1]


@pytest.fixture
def link(db_session: Session, reference: str) -> str:
    """The customer's link, as it stands in the letter."""
    case = db_session.scalars(select(ComplaintCase).where(ComplaintCase.reference == reference)).one()
    address = issue_link(db_session, case)
    db_session.commit()
    return "/complaint/" + address.rsplit("/", 1)[1]


def case_of(session: Session, reference: str) -> ComplaintCase:
    query = select(ComplaintCase).where(ComplaintCase.reference == reference)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_opened_complaint_is_confirmed_at_once(
    db_session: Session, world: World, ticket: Ticket, reference: str
) -> None:
    case = case_of(db_session, reference)
    assert re.fullmatch(r"CMP-\d{4}-[0-9A-Z]{6}.", reference)
    assert (case.state, case.ticket_id) == ("acknowledged", ticket.id)
    db_session.refresh(ticket)
    assert (ticket.complaint_ref, ticket.kind) == (reference, "complaint")


def test_handlers_see_all_the_team_sees_the_status_others_nothing(
    db_session: Session, world: World, browse: Browse, reference: str
) -> None:
    assert "Chain head" in browse(world.ivan).get(f"/complaints/{reference}").text
    seen_by_alice = browse(world.alice).get(f"/complaints/{reference}").text
    assert "Chain head" not in seen_by_alice
    assert "What the customer was told" in seen_by_alice
    assert "<ol>" not in seen_by_alice, "the newest line is the first, not the number one"
    assert browse(world.mallory).get(f"/complaints/{reference}").status_code == 404
    world.mallory.roles = [Role.AGENT, Role.SALES]
    world.mallory.team = world.team
    db_session.commit()
    assert browse(world.mallory).get(f"/complaints/{reference}").status_code == 404
    assert browse(None).get(f"/complaints/{reference}").status_code in {302, 303, 401}


def test_refused_step_names_every_rule_and_changes_nothing(
    db_session: Session, world: World, browse: Browse, reference: str
) -> None:
    ivan = browse(world.ivan)
    answer = ivan.post(f"/complaints/{reference}/events/start", {"declaration": "none"})
    assert answer.status_code == 409
    assert "is not possible while the case stands at" in answer.text
    assert case_of(db_session, reference).state == "acknowledged"


def test_the_ticket_s_team_takes_it_up_and_judges_nothing(
    db_session: Session, world: World, browse: Browse, reference: str
) -> None:
    form = {
        "key_points": "Nobody answered twice",
        "category": "conduct",
        "severity": "2",
        "investigator": world.ivan.actor,
        "declaration": "none",
    }
    alice = browse(world.alice)
    assert alice.post(f"/complaints/{reference}/events/propose", {}).status_code == 403
    taken_up = alice.post(f"/complaints/{reference}/events/admit", form)
    assert taken_up.status_code == 303, taken_up.text
    assert case_of(db_session, reference).state == "admitted"
    started = browse(world.ivan).post(f"/complaints/{reference}/events/start", {"declaration": "none"})
    assert started.status_code == 303
    assert case_of(db_session, reference).state == "investigating"


def test_status_page_by_link_shows_step_holder_and_dates(
    app: Flask, world: World, link: str, reference: str
) -> None:
    limiter.reset()
    page = app.test_client().get(link)
    assert page.status_code == 200
    assert reference in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert app.test_client().get(link + "x").status_code == 404


def test_customer_answers_writes_and_withdraws_by_the_link(
    app: Flask, db_session: Session, ticket: Ticket, link: str, reference: str
) -> None:
    limiter.reset()
    wang_li = app.test_client()
    assert wang_li.post(f"{link}/expect", data={"expectation": "8"}).status_code == 303
    assert db_session.scalars(select(SurveyAnswer.value)).one() == 8
    assert wang_li.post(f"{link}/reply", data={"text": "有新情况"}).status_code == 303
    bodies = db_session.scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()
    assert "有新情况" in bodies
    assert wang_li.post(f"{link}/accept").status_code == 409
    assert wang_li.post(f"{link}/expect", data={"expectation": "99"}).status_code == 422
    assert wang_li.post(f"{link}/nonsense").status_code == 404
    assert wang_li.post(f"{link}/withdraw").status_code == 303
    assert case_of(db_session, reference).state in {"withdrawn", "follow_up"}


def test_reply_sent_twice_from_one_page_is_one_message(
    app: Flask, db_session: Session, ticket: Ticket, link: str
) -> None:
    limiter.reset()
    wang_li = app.test_client()
    key = re.search(r'name="client_id" value="([^"]+)"', wang_li.get(link).text)
    assert key is not None
    for _ in range(2):
        assert (
            wang_li.post(f"{link}/reply", data={"text": "有新情况", "client_id": key[1]}).status_code == 303
        )
    said = db_session.scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()
    assert said.count("有新情况") == 1


def test_words_changed_after_a_lost_answer_are_not_swallowed(
    app: Flask, db_session: Session, ticket: Ticket, link: str
) -> None:
    limiter.reset()
    wang_li = app.test_client()
    first = {"text": "有新情况", "client_id": "one"}
    assert wang_li.post(f"{link}/reply", data=first).status_code == 303
    changed = wang_li.post(f"{link}/reply", data={**first, "text": "有新情况：又停电了"})
    assert changed.status_code == 422
    assert "有新情况：又停电了" in changed.text
    fresh = re.findall(r'name="client_id" value="([^"]+)"', changed.text)
    assert fresh
    assert "one" not in fresh
    again = wang_li.post(f"{link}/reply", data={"text": "有新情况：又停电了", "client_id": fresh[0]})
    assert again.status_code == 303
    said = db_session.scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()
    assert {"有新情况", "有新情况：又停电了"} <= set(said)


def test_ticket_that_sounds_like_a_complaint_cannot_be_solved_unanswered(
    db_session: Session, world: World, ticket: Ticket, app: Flask
) -> None:
    ticket.complaint_likely = 0.97
    db_session.flush()
    with pytest.raises(Conflict):
        set_status(db_session, ticket, "solved", actor=world.alice.actor)
    answer_complaint(db_session, ticket, world.alice, yes=False, why="It was a joke")
    set_status(db_session, ticket, "solved", actor=world.alice.actor)
    assert ticket.status == "solved"


def test_program_opens_asks_and_is_refused_with_rules(
    db_session: Session, world: World, ticket: Ticket, program: Callable[[User | None], Program]
) -> None:
    alice, ivan = program(world.alice), program(world.ivan)
    opened = alice.call(
        "POST", "/api/v1/complaints", {"ticket": ticket.id, "text": "第三次反映", "channel": "form"}
    )
    assert opened.status_code == 201, opened.text
    reference = opened.json["reference"]
    assert opened.json["tracking_url"].startswith("http")
    assert {one["name"] for one in opened.json["clocks"]} >= {"ack", "decision"}
    assert alice.call("GET", f"/api/v1/complaints/{reference}").json["state"] == "acknowledged"
    offered = alice.call("GET", f"/api/v1/complaints/{reference}/actions").json["items"]
    assert "refuse_admission" not in {one["event"] for one in offered}
    actions = {
        one["event"]: one for one in ivan.call("GET", f"/api/v1/complaints/{reference}/actions").json["items"]
    }
    assert "admit" in actions
    path = f"/api/v1/complaints/{reference}/events"
    refused = ivan.call("POST", path, {"event": "start", "data": {"declaration": "none"}})
    assert refused.status_code == 409
    assert set(refused.json["violations"][0]) == {
        "rule",
        "principle",
        "clause",
        "message",
        "how_to_fix",
        "eligible",
    }
    assert ivan.call("POST", path, {"event": "start", "data": {"declared": "none"}}).status_code == 422
    assert program(world.mallory).call("GET", f"/api/v1/complaints/{reference}").status_code == 404
    assert program(None).call("GET", f"/api/v1/complaints/{reference}").status_code == 401


def test_who_is_complained_about_sees_neither_case_nor_ticket(
    world: World, ticket: Ticket, browse: Browse
) -> None:
    alice, carol = browse(world.alice), browse(world.carol)
    assert carol.get(f"/console/tickets/{ticket.id}").status_code == 200
    opened = alice.post(
        "/complaints", {"ticket": str(ticket.id), "text": "没人处理", "subjects": world.carol.actor}
    )
    assert carol.get(opened.headers["Location"]).status_code == 404
    assert carol.get(f"/console/tickets/{ticket.id}").status_code == 404
    assert f"row-{ticket.id}" not in carol.get("/console?view=all").text
    assert f"row-{ticket.id}" in alice.get("/console?view=all").text
    assert alice.get(f"/console/tickets/{ticket.id}").status_code == 200

"""Whatever is refused, and why: what somebody typed stands in its form again, with one sentence."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintEvent, ComplaintRefusal
from contactcenter.conversations.models import Message
from contactcenter.core import clock
from contactcenter.edge.limits import limiter
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, admitted, decided, opened, written_ticket
from tests.world import World

Browse = Callable[[User | None], Browser]
TYPED = "The bill is wrong, and I said so twice."
ADMISSION = {
    "key_points": "Rude words\nNo refund",
    "category": "conduct",
    "severity": "2",
    "declaration": "none",
    "remedy_sought": "An apology",
}


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    limiter.reset()
    desk = opened(db_session, world)
    db_session.commit()
    return desk


@pytest.fixture
def link(db_session: Session, desk: Desk) -> str:
    token = issue_link(db_session, desk.case).rsplit("/", 1)[1]
    db_session.commit()
    return f"/complaint/{token}"


def test_reply_that_is_too_long_comes_back(app: Flask, link: str) -> None:
    long = TYPED * 500
    answer = app.test_client().post(f"{link}/reply?lang=en", data={"text": long, "client_id": "one"})
    assert answer.status_code == 422
    assert long in answer.text
    assert "At most 10000 characters." in answer.text
    assert 'value="one"' in answer.text, "sent again it is still one message"


def test_reply_over_the_limit_comes_back(app: Flask, link: str) -> None:
    wang_li = app.test_client()
    for n in range(30):
        assert wang_li.post(f"{link}/expect", data={"expectation": "8"}).status_code == 303, n
    answer = wang_li.post(f"{link}/reply?lang=en", data={"text": TYPED})
    assert answer.status_code == 429
    assert TYPED in answer.text
    assert "Too many attempts" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_refused_appeal_keeps_its_grounds(app: Flask, link: str) -> None:
    answer = app.test_client().post(f"{link}/dispute?lang=en", data={"grounds": TYPED})
    assert answer.status_code == 409
    assert "is not possible while" in answer.text


def test_comment_after_the_decision_is_not_kept(app: Flask, db_session: Session, world: World) -> None:
    link = _link_of(db_session, decided(db_session, world))
    before = db_session.scalar(select(func.count(Message.id)))
    comment = {"id": "call-1", "text": TYPED, "client_id": "one"}
    with clock.frozen(MONDAY.replace(day=6)):
        answer = app.test_client().post(f"{link}/customer_comment?lang=en", data=comment)
    assert answer.status_code == 409
    assert db_session.scalar(select(func.count(Message.id))) == before
    refused = db_session.scalars(select(ComplaintRefusal.name)).all()
    assert refused == ["customer_comment"], "that somebody tried is kept"


def test_comment_in_time_is_a_message_and_a_step(app: Flask, db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    link = _link_of(db_session, desk)
    with clock.frozen(MONDAY.replace(hour=13)):
        answer = app.test_client().post(f"{link}/customer_comment", data={"id": "ledger", "text": TYPED})
    assert answer.status_code == 303
    assert TYPED in db_session.scalars(select(Message.body)).all()
    assert "customer_comment" in db_session.scalars(select(ComplaintEvent.name)).all()


def _link_of(session: Session, desk: Desk) -> str:
    limiter.reset()
    token = issue_link(session, desk.case).rsplit("/", 1)[1]
    session.commit()
    return f"/complaint/{token}"


def test_step_that_a_rule_forbids_keeps_its_form(
    db_session: Session, world: World, browse: Browse, desk: Desk
) -> None:
    form = {**ADMISSION, "investigator": world.alice.actor}
    answer = browse(world.bob).post(f"/complaints/{desk.case.reference}/events/admit", form)
    assert answer.status_code == 409
    assert "Rude words\nNo refund</textarea>" in answer.text
    assert 'value="An apology"' in answer.text
    assert '<option value="conduct" selected>' in answer.text
    assert f'<option value="{world.alice.actor}" selected>' in answer.text


def test_form_with_a_mistake_keeps_the_rest(world: World, browse: Browse, db_session: Session) -> None:
    desk = admitted(db_session, world)
    desk.do("start", world.ivan.actor, MONDAY.replace(day=3), declaration="none")
    desk.do(
        "evidence", world.ivan.actor, MONDAY.replace(day=3), id="call-1", point=1, adverse=False, kind="log"
    )
    db_session.commit()
    form = {
        "finding-1": "upheld",
        "reason-1": TYPED,
        "evidence-1": "call-1",
        "loss": "twelve",
        "goodwill": "20.00",
        "deviation_reason": "Her birthday",
    }
    with clock.frozen(MONDAY.replace(day=3)):
        answer = browse(world.ivan).post(f"/complaints/{desk.case.reference}/events/propose", form)
    assert answer.status_code == 422
    assert "Write an amount like 12.50." in answer.text
    for kept in ('value="twelve"', 'value="20.00"', 'value="Her birthday"', f"{TYPED}</textarea>"):
        assert kept in answer.text, kept
    assert 'name="evidence-1" value="call-1" checked' in answer.text
    assert re.search('<a href="#propose-loss">[^<]*: Write an amount like 12.50.</a>', answer.text)
    assert 'id="propose-loss"' in answer.text


def test_form_without_its_token_comes_back_with_a_new_one(world: World, browse: Browse, desk: Desk) -> None:
    bob = browse(world.bob)
    form = {**ADMISSION, "investigator": world.ivan.actor}
    path = f"/complaints/{desk.case.reference}/events/admit"
    answer = bob.client.post(path, data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 403
    assert "Look it over and send it again." in answer.text
    assert "Rude words\nNo refund</textarea>" in answer.text
    assert desk.case.state == "acknowledged"


def test_opening_that_is_refused_keeps_the_story(db_session: Session, world: World, browse: Browse) -> None:
    ticket: Ticket = written_ticket(db_session, world)
    db_session.commit()
    form = {"ticket": str(ticket.id), "text": TYPED * 600, "subjects": world.carol.actor}
    alice = browse(world.alice)
    answer = alice.post("/complaints", form)
    assert answer.status_code == 422
    assert TYPED * 600 in answer.text
    assert f'value="{world.carol.actor}" checked' in answer.text
    again = {**form, "text": TYPED}
    lost = alice.client.post("/complaints", data=again, headers={"Origin": "http://localhost"})
    assert (lost.status_code, f"{TYPED}</textarea>" in lost.text) == (403, True)


def test_form_without_its_token_tells_a_stranger_nothing(
    app: Flask, browse: Browse, world: World, desk: Desk
) -> None:
    case = f"/complaints/{desk.case.reference}"
    for path in (f"{case}/events/comment", f"{case}/links/revoke", "/complaints"):
        answer = browse(world.mallory).client.post(path, headers={"Origin": "http://localhost"})
        assert answer.status_code == 404, path
        answer = app.test_client().post(path, headers={"Origin": "http://localhost"})
        assert answer.location.startswith("/sign-in"), path


def test_session_that_ended_meanwhile_keeps_the_words(
    db_session: Session, world: World, browse: Browse, desk: Desk
) -> None:
    path = f"/complaints/{desk.case.reference}/events/admit"
    form = {**ADMISSION, "investigator": world.ivan.actor, "csrf_token": "of the session that ended"}
    away = browse(None).client.post(path, data=form, headers={"Origin": "http://localhost"})
    assert away.status_code == 401
    assert "What you wrote is still here" in away.text
    assert f'href="/sign-in?next=%2Fcomplaints%2F{desk.case.reference}" target="_blank"' in away.text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', away.text))
    assert kept == {name: value for name, value in form.items() if name != "csrf_token"}
    bob = browse(world.bob)
    again = bob.client.post(path, data=kept, headers={"Origin": "http://localhost"})
    assert (again.status_code, "Rude words\nNo refund</textarea>" in again.text) == (403, True)
    assert bob.post(path, kept).status_code == 303
    db_session.refresh(desk.case)
    assert desk.case.state == "admitted"


def test_other_sites_words_are_not_shown_to_who_is_away(browse: Browse, desk: Desk) -> None:
    path = f"/complaints/{desk.case.reference}/events/comment"
    stranger = browse(None).client
    answer = stranger.post(path, data={"text": TYPED}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    program = stranger.post(path, json={"text": TYPED})
    assert program.status_code == 401

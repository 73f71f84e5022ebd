"""Wang Li lost her link: she gets a new one, nobody else learns anything; staff renew and end links."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.links import count_links, issue_link
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.post import SEND_LINK
from contactcenter.conversations.models import Message
from contactcenter.core.events import EventRow
from contactcenter.core.outbox import OutboxRow, perform
from contactcenter.edge.limits import limiter
from tests.browser import Browser
from tests.complaints.staff import opened
from tests.world import World

Browse = Callable[[User | None], Browser]
ADDRESS = "wang.li@example.cn"


@pytest.fixture
def case(db_session: Session, world: World) -> ComplaintCase:
    limiter.reset()
    case = opened(db_session, world).case
    db_session.commit()
    return case


def ask(app: Flask, reference: str, contact: str = ADDRESS) -> TestResponse:
    return app.test_client().post("/complaint", data={"reference": reference, "contact": contact})


def jobs(session: Session) -> list[OutboxRow]:
    return list(session.scalars(select(OutboxRow).where(OutboxRow.task == SEND_LINK)))


def test_link_that_opens_nothing_offers_a_new_one(app: Flask, case: ComplaintCase) -> None:
    page = app.test_client().get("/complaint/" + "x" * 43)
    assert page.status_code == 404
    assert 'name="reference"' in page.text
    assert 'name="contact"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    said = app.test_client().post("/complaint/" + "x" * 43 + "/reply", data={"text": "hello"})
    assert (said.status_code, 'name="reference"' in said.text) == (404, True)


def test_customer_gets_a_new_link_by_mail(app: Flask, db_session: Session, case: ComplaintCase) -> None:
    assert ask(app, case.reference.lower()).status_code == 200
    (job,) = jobs(db_session)
    assert perform(db_session, job.id)
    query = select(Message).where(Message.ticket_id == case.ticket_id).order_by(Message.id.desc())
    message = db_session.scalars(query).first()
    assert message is not None
    assert "/complaint/…" in message.body
    asked = db_session.scalars(select(EventRow).where(EventRow.name == "complaint.link_renewed")).one()
    assert asked.actor == case.customer.actor


def test_answer_tells_nobody_what_exists(app: Flask, db_session: Session, case: ComplaintCase) -> None:
    answers = {
        re.sub(r'content="[^"]+"|[a-z0-9]{12,}', "", ask(app, reference, contact).text)
        for reference, contact in (
            (case.reference, ADDRESS),
            (case.reference, "mallory@example.com"),
            ("CMP-2611-AAAAAAA", ADDRESS),
            ("what?", "who?"),
        )
    }
    assert len(answers) == 1
    assert "call us and name the reference" in answers.pop()
    assert len(jobs(db_session)) == 1


def test_asking_again_and_again_is_slowed_down_and_keeps_what_was_typed(
    app: Flask, db_session: Session, case: ComplaintCase
) -> None:
    codes = [ask(app, case.reference).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert len(jobs(db_session)) == 3
    limiter.reset()
    answers = [ask(app, f"guess {n}") for n in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert 'value="guess 5"' in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_empty_question_says_which_field(app: Flask, case: ComplaintCase) -> None:
    answer = app.test_client().post("/complaint", data={"reference": case.reference})
    assert answer.status_code == 422
    assert f'value="{case.reference}"' in answer.text
    assert '<a href="#f-contact">' in answer.text
    assert "Fill in this field." in answer.text


def test_staff_end_and_renew_links_and_the_log_says_who(
    app: Flask, db_session: Session, world: World, browse: Browse, case: ComplaintCase
) -> None:
    link = "/complaint/" + issue_link(db_session, case).rsplit("/", 1)[1]
    db_session.commit()
    ivan = browse(world.ivan)
    assert "Customer's links" in ivan.get(f"/complaints/{case.reference}").text
    assert ivan.post(f"/complaints/{case.reference}/links/revoke").status_code == 303
    assert count_links(db_session, case) == 0
    assert app.test_client().get(link).status_code == 404
    assert ivan.post(f"/complaints/{case.reference}/links/renew").status_code == 303
    assert len(jobs(db_session)) == 1
    names = ("complaint.links_revoked", "complaint.link_renewed")
    log = db_session.execute(select(EventRow.name, EventRow.actor).where(EventRow.name.in_(names))).all()
    assert sorted(tuple(row) for row in log) == sorted((name, world.ivan.actor) for name in names)


def test_links_are_not_for_strangers_subjects_or_sales(
    db_session: Session, world: World, browse: Browse, case: ComplaintCase
) -> None:
    issue_link(db_session, case)
    world.bob.roles = [Role.SUPERVISOR, Role.SALES]
    db_session.commit()
    for user in (world.alice, world.mallory, world.bob):
        for verb in ("renew", "revoke"):
            answer = browse(user).post(f"/complaints/{case.reference}/links/{verb}")
            assert answer.status_code == 404, user.name
    assert (count_links(db_session, case), jobs(db_session)) == (1, [])

"""Somebody complains by the public form: by mail, by telephone, or without saying who he is; once, and he can follow it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand
from contactcenter.complaints.mailbox import notes_of
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.post import send_letter
from contactcenter.complaints.vault import load_events, shred
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import File
from contactcenter.conversations.service import reply
from contactcenter.customers.models import AddressClaim, Identity
from contactcenter.edge.limits import limiter
from contactcenter.tickets.models import Ticket
from tests.world import World

STORY = "The refund of 40.00 never came."
TOLD = {
    "brand": "harbour",
    "client_id": "page-1",
    "text": STORY,
    "way": "email",
    "contact": "New.Person@Example.com",
    "name": "Li",
}
HERE = {**TOLD, "way": "page", "contact": "", "client_id": "page-2"}


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    limiter.reset()
    return app.test_client()


@pytest.fixture
def told(browser: FlaskClient, db_session: Session, world: World) -> Callable[..., tuple[ComplaintCase, str]]:
    """`told(**changes)`: the form is sent; the case and the address of its page."""

    def send(**changes: str) -> tuple[ComplaintCase, str]:
        answer = browser.post("/complain", data={**TOLD, **changes})
        assert answer.status_code == 303, answer.text
        db_session.expire_all()
        return db_session.scalars(select(ComplaintCase)).one(), answer.location

    return send


def post_letters(session: Session) -> None:
    for letter_id in session.scalars(select(ComplaintLetter.id).order_by(ComplaintLetter.id)).all():
        send_letter(session, {"letter_id": letter_id})
    session.commit()


def test_the_form_needs_no_account_and_no_script(browser: FlaskClient, world: World) -> None:
    html = browser.get("/complain?brand=harbour&lang=en").text
    assert "Make a complaint" in html
    assert "<script" not in html
    assert html.count('name="way"') == 3
    assert "投诉" in browser.get("/complain?brand=harbour&lang=zh").text


def test_by_mail_it_is_a_case_with_a_page_and_letters(
    told: Callable[..., tuple[ComplaintCase, str]], browser: FlaskClient, db_session: Session
) -> None:
    case, page = told()
    assert (case.state, case.channel) == ("acknowledged", "form")
    assert load_events(db_session, case)[0].data["text"] == STORY
    html = browser.get(f"{page}?lang=en").text
    assert case.reference in html
    assert "Keep its address" in html
    post_letters(db_session)
    [conversation] = db_session.scalars(select(Conversation)).all()
    assert conversation.address == "new.person@example.com"
    sent = db_session.scalars(select(Message).where(Message.meta["letter"].astext.is_not(None))).all()
    assert [one.delivery for one in sent] == ["queued", "queued"]


def test_an_address_that_is_typed_leads_nobody_to_somebody_else(
    told: Callable[..., tuple[ComplaintCase, str]], db_session: Session, world: World
) -> None:
    """Whoever types Wang Li's address gets neither her file nor her name."""
    case, _page = told(contact="wang.li@example.cn")
    assert case.customer_id != world.wang_li.id
    assert db_session.scalar(select(AddressClaim.value)) == "wang.li@example.cn"


def test_sent_twice_it_is_one_complaint_and_one_page(
    told: Callable[..., tuple[ComplaintCase, str]], browser: FlaskClient, db_session: Session
) -> None:
    _case, page = told()
    assert browser.post("/complain", data=TOLD).location == page
    assert len(db_session.scalars(select(ComplaintCase)).all()) == 1
    other = browser.post("/complain", data={**TOLD, "text": "Something else."})
    assert other.status_code == 422
    assert 'value="page-1"' not in other.text


def test_who_stays_anonymous_reads_and_writes_on_his_page_alone(
    told: Callable[..., tuple[ComplaintCase, str]], browser: FlaskClient, db_session: Session, world: World
) -> None:
    case, page = told(**HERE)
    post_letters(db_session)
    kinds = db_session.scalars(select(Identity.kind).where(Identity.customer_id == case.customer_id)).all()
    assert kinds == ["visitor"]
    assert case.customer.name != "Li"
    assert set(db_session.scalars(select(ComplaintLetter.delivery))) == {"page"}
    conversation = db_session.scalars(select(Conversation)).one()
    written = reply(db_session, world.bob, conversation, "Which month was it?")
    db_session.commit()
    assert db_session.get_one(Message, written.message_id).delivery == "sent"
    html = browser.get(f"{page}?lang=en").text
    assert "We can write to you only here" in html
    assert "Which month was it?" in html
    browser.post(f"{page}/reply", data={"text": "In June.", "client_id": "r1"})
    html = browser.get(f"{page}?lang=en").text
    notes = re.findall(r"<strong>(We|You)</strong>.*?<p>(?:<p>)?([^<]+)", html, re.DOTALL)
    assert notes == [("You", "In June."), ("We", "Which month was it?"), ("You", STORY)]


def test_what_the_page_cannot_show_is_not_called_sent(
    told: Callable[..., tuple[ComplaintCase, str]], browser: FlaskClient, db_session: Session, world: World
) -> None:
    _case, page = told(**HERE)
    conversation = db_session.scalars(select(Conversation)).one()
    written = reply(db_session, world.bob, conversation, "See the file.", files=[File("a.txt", b"22:00")])
    db_session.commit()
    message = db_session.get_one(Message, written.message_id)
    assert (message.delivery, "without the files" in (message.failure or "")) == ("failed", True)
    assert "See the file." not in browser.get(f"{page}?lang=en").text


def test_of_an_erased_complaint_the_page_shows_no_words(
    told: Callable[..., tuple[ComplaintCase, str]], db_session: Session
) -> None:
    case, _page = told(**HERE)
    assert [one.text for one in notes_of(db_session, case)] == [STORY]
    shred(db_session, case)
    assert notes_of(db_session, case) == []


def test_by_telephone_the_number_is_kept_and_calls_are_possible(
    told: Callable[..., tuple[ComplaintCase, str]], db_session: Session
) -> None:
    case, _page = told(way="phone", contact="020 7946 0018")
    assert load_events(db_session, case)[0].data["contact"] == "+442079460018"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"contact": ""}, "contact"),
        ({"contact": "nobody"}, "contact"),
        ({"way": "phone", "contact": "12"}, "contact"),
        ({"way": "pigeon"}, "way"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    browser: FlaskClient, db_session: Session, world: World, changes: dict[str, str], field: str
) -> None:
    answer = browser.post("/complain?lang=en", data={**TOLD, **changes})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert changes.get("text", STORY) in answer.text or field == "text"
    assert db_session.scalars(select(Ticket)).all() == []


def test_rules_that_want_a_name_take_nobody_without_one(
    browser: FlaskClient, db_session: Session, world: World
) -> None:
    world.brand.complaint_pack, world.brand.complaint_calendar = "cn-12315", "CN"
    db_session.commit()
    assert browser.get("/complain?brand=harbour").text.count('name="way"') == 2
    assert browser.post("/complain", data=HERE).status_code == 422


def test_of_several_brands_one_is_chosen(browser: FlaskClient, db_session: Session, world: World) -> None:
    db_session.add(Brand(slug="north-gas", name="North Gas"))
    db_session.commit()
    html = browser.get("/complain").text
    assert 'href="/complain?brand=north-gas"' in html
    assert browser.get("/complain?brand=nobody").status_code == 422
    nobody_there = browser.post("/complain", data={**TOLD, "brand": "north-gas"})
    assert nobody_there.status_code == 409
    assert STORY in nobody_there.text


def test_nobody_floods_us(browser: FlaskClient, world: World) -> None:
    answers = [browser.post("/complain", data={**TOLD, "client_id": f"p{n}"}) for n in range(7)]
    assert [one.status_code for one in answers] == [303] * 5 + [429] * 2
    assert "Retry-After" in answers[-1].headers
    assert STORY in answers[-1].text

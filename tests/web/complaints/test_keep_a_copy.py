"""The customer keeps a copy of his whole file: what he may see, nothing else, with a head that proves it later."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.own_file import own_file
from contactcenter.complaints.vault import shred
from contactcenter.complaints.verify import HEALTH
from contactcenter.conversations.service import add_note, latest_conversation
from contactcenter.core.health import all_health
from tests.browser import Browser
from tests.complaints.staff import MONDAY, STORY, admitted, decided, opened
from tests.web.complaints.cases import Walk, stages
from tests.world import World, build_world


class Words(HTMLParser):
    """The text of a page, and the tags it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += re.sub(r"\s+", " ", data)


@pytest.fixture
def customer(app: Flask) -> Browser:
    return Browser(app, None)


def path(session: Session, case: ComplaintCase) -> str:
    link = "/complaint/" + issue_link(session, case).rsplit("/", 1)[1]
    session.commit()
    return f"{link}/file?lang=en"


def test_copy_holds_story_points_letters_words_and_head(
    db_session: Session, world: World, customer: Browser
) -> None:
    case = decided(db_session, world).case
    answer = customer.get(path(db_session, case))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.reference}.html"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    copy = Words(answer.text)
    assert not {"script", "link", "style", "img", "form", "a"} & copy.tags, "it stands alone"
    for words in (case.reference, STORY, "rude on the phone", case.head):
        assert words in copy.text
    assert f"had {case.events_n} entries" in copy.text
    letters = db_session.scalars(select(ComplaintLetter).where(ComplaintLetter.case_id == case.id)).all()
    assert len(letters) >= 3
    for letter in letters:
        assert letter.sha256 in copy.text


def test_nothing_that_staff_keep_among_themselves_is_in_it(
    db_session: Session, world: World, customer: Browser
) -> None:
    case = decided(db_session, world).case
    add_note(db_session, world.alice, latest_conversation(db_session, case.ticket_id), "He always complains.")
    copy = Words(customer.get(path(db_session, case)).text).text
    assert "He always complains" not in copy
    assert "I was tired" not in copy, "what the person complained about said is not the customer's"
    assert world.alice.email not in copy


def test_copy_speaks_the_language_of_the_case(db_session: Session, world: World, customer: Browser) -> None:
    walk = Walk(db_session, world)
    for stage in stages(walk, late=False):
        if stage == "decided":
            break
    answer = customer.get(path(db_session, walk.case).partition("?")[0])
    assert 'lang="zh-CN"' in answer.text
    assert "您的投诉记录" in Words(answer.text).text


def test_a_link_opens_no_other_file_and_a_wrong_one_none(
    db_session: Session, world: World, customer: Browser
) -> None:
    case = opened(db_session, world).case
    link = path(db_session, case)
    forged = link.replace(link.split("/")[2], "x" * 43)
    answer = customer.get(forged)
    assert answer.status_code == 404
    assert case.reference not in answer.text


def test_a_log_that_was_touched_gives_no_copy_and_the_board_says_so(
    db_session: Session, world: World, customer: Browser
) -> None:
    case = admitted(db_session, world).case
    link = path(db_session, case)
    case.head = "0" * 64
    db_session.commit()
    answer = customer.get(link)
    assert answer.status_code == 409
    assert "does not verify" in answer.text
    assert "Content-Disposition" not in answer.headers
    [said] = [one for one in all_health(db_session) if one.name == HEALTH]
    assert not said.ok
    assert case.reference in said.reason


def test_a_step_that_is_taken_meanwhile_is_in_the_copy(clean_database: Engine) -> None:
    with Session(clean_database, expire_on_commit=False) as session, Session(clean_database) as reader:
        desk = admitted(session, build_world(session))
        session.commit()
        read = reader.get_one(ComplaintCase, desk.case.id)
        desk.do("start", desk.world.ivan.actor, MONDAY.replace(hour=15), declaration="none")
        session.commit()
        copy = own_file(reader, read)
        assert copy is not None
        assert (copy.head, copy.events_n) == (desk.case.head, desk.case.events_n)


def test_an_erased_case_gives_a_copy_without_words(
    db_session: Session, world: World, customer: Browser
) -> None:
    case = decided(db_session, world).case
    link = path(db_session, case)
    shred(db_session, case)
    db_session.commit()
    copy = Words(customer.get(link).text).text
    assert "(erased)" in copy
    assert "rude on the phone" not in copy
    assert case.head in copy

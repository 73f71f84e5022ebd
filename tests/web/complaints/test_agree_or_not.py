"""Once we have decided, saying no is as easy as saying yes: both stand side by side, with the grounds and the outside body."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.links import issue_link
from contactcenter.core import clock
from contactcenter.edge.limits import limiter
from tests.complaints.staff import MONDAY, Desk, decided, in_follow_up
from tests.world import World

TOLD = MONDAY.replace(day=6)


@pytest.fixture
def page(app: Flask, db_session: Session) -> Callable[[Desk], str]:
    """The customer's page in English."""

    def read(desk: Desk) -> str:
        limiter.reset()
        path = "/complaint/" + issue_link(db_session, desk.case).rsplit("/", 1)[1]
        db_session.commit()
        return app.test_client().get(f"{path}?lang=en").text

    return read


def forms_in(html: str) -> dict[str, str]:
    """Each form's action and the look of its button."""
    found = re.findall(r'action="/complaint/[^/]+/(\w+)".*?<button class="([^"]+)"', html, re.DOTALL)
    return dict(found)


def test_yes_and_no_look_alike_and_stand_together(
    db_session: Session, world: World, page: Callable[[Desk], str]
) -> None:
    with clock.frozen(TOLD):
        html = page(decided(db_session, world))
    card = html.split("Do you agree?")[1].split("Write to us")[0]
    forms = forms_in(card)
    assert list(forms) == ["accept", "dispute", "refer_out"]
    assert forms["accept"] == forms["dispute"]
    assert re.search(
        r"<details open><summary>Ask for a second look.*?<textarea[^>]*name=\"grounds\"", card, re.DOTALL
    )
    assert "Outside body you may turn to, free of charge" in card
    assert html.count("Outside body you may turn to, free of charge") == 1


def test_after_the_second_look_no_leads_outside(
    db_session: Session, world: World, page: Callable[[Desk], str]
) -> None:
    desk = decided(db_session, world)
    desk.do("dispute", desk.customer, TOLD, grounds="Listen again.")
    ruth = _reviewer(db_session)
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    desk.do(
        "review_decide", ruth, MONDAY.replace(day=9), findings=[finding], loss=0, goodwill=5000, reviewer=ruth
    )
    with clock.frozen(MONDAY.replace(day=9)):
        forms = forms_in(page(desk).split("Do you agree?")[1].split("Write to us")[0])
    assert list(forms) == ["accept", "refer_out"]
    assert forms["accept"] == forms["refer_out"]


def test_nobody_is_asked_before_or_after(
    db_session: Session, world: World, page: Callable[[Desk], str]
) -> None:
    desk = in_follow_up(db_session, world)
    with clock.frozen(MONDAY.replace(day=10)):
        html = page(desk)
    assert "Do you agree?" not in html
    assert "If you do not agree" in html


def _reviewer(session: Session) -> str:
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    session.add(ruth)
    session.flush()
    return ruth.actor

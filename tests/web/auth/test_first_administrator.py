"""The first page of a fresh installation."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import OneTimeCode, User
from contactcenter.accounts.setup import issue_first_code
from contactcenter.core import clock
from contactcenter.edge.limits import limiter
from tests.browser import Browser
from tests.world import World

DETAILS = {"name": "Ada Admin", "email": "Ada@Example.com", "password": "correct horse battery"}


@pytest.fixture
def fresh(app: Flask, db_session: Session) -> Browser:
    limiter.reset()
    return Browser(app)


def code_in_terminal(session: Session) -> str:
    code = issue_first_code(session)
    session.commit()
    assert code is not None
    return code


def test_a_fresh_installation_leads_to_the_set_up(fresh: Browser) -> None:
    assert fresh.get("/").location == "/sign-in"
    assert fresh.get("/sign-in").location == "/first-administrator"
    assert fresh.get("/first-administrator").status_code == 200


def test_the_code_makes_the_first_administrator_and_signs_her_in(fresh: Browser, db_session: Session) -> None:
    code = code_in_terminal(db_session)
    answer = fresh.post("/first-administrator", {"code": f" {code.upper()} ", **DETAILS})
    assert (answer.status_code, answer.location) == (303, "/admin")
    ada = db_session.scalars(select(User)).one()
    assert (ada.email, ada.roles) == ("ada@example.com", ["administrator"])
    assert fresh.get("/account").status_code == 200


def test_a_wrong_code_makes_nobody(fresh: Browser, db_session: Session) -> None:
    code_in_terminal(db_session)
    answer = fresh.post("/first-administrator", {"code": "wrong", **DETAILS})
    assert answer.status_code == 422
    assert "This code is wrong or out of date." in answer.text
    assert db_session.scalar(select(User.id)) is None


def test_a_weak_password_does_not_use_the_code_up(fresh: Browser, db_session: Session) -> None:
    code = code_in_terminal(db_session)
    weak = fresh.post("/first-administrator", {"code": code, **DETAILS, "password": "short"})
    assert weak.status_code == 422
    assert fresh.post("/first-administrator", {"code": code, **DETAILS}).status_code == 303


def test_the_code_of_an_earlier_start_works_no_more(fresh: Browser, db_session: Session) -> None:
    earlier = code_in_terminal(db_session)
    code_in_terminal(db_session)
    assert fresh.post("/first-administrator", {"code": earlier, **DETAILS}).status_code == 422


def test_a_code_is_good_for_a_day(fresh: Browser, db_session: Session) -> None:
    code = code_in_terminal(db_session)
    db_session.scalars(select(OneTimeCode)).one().expires_at = clock.now() - timedelta(seconds=1)
    db_session.commit()
    assert fresh.post("/first-administrator", {"code": code, **DETAILS}).status_code == 422


def test_codes_cannot_be_tried_out(fresh: Browser, db_session: Session) -> None:
    code = code_in_terminal(db_session)
    for _attempt in range(5):
        fresh.post("/first-administrator", {"code": "wrong", **DETAILS})
    assert fresh.post("/first-administrator", {"code": code, **DETAILS}).status_code == 429


def test_once_there_are_people_there_is_no_code_and_no_page(
    browse: Callable[[User | None], Browser], world: World, db_session: Session
) -> None:
    assert issue_first_code(db_session) is None
    assert browse(None).get("/first-administrator").location == "/sign-in"

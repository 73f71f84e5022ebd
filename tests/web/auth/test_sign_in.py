"""Signing in and out."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User, UserSession
from contactcenter.core.events import EventRow
from contactcenter.edge.sessions import COOKIE
from tests.browser import Browser
from tests.world import PASSWORD, World

Browse = Callable[[User | None], Browser]


def credentials(email: str = "alice@example.com", password: str = PASSWORD, then: str = "") -> dict[str, str]:
    return {"email": email, "password": password, "next": then}


def test_alice_signs_in_and_reaches_her_console(browse: Browse) -> None:
    browser = browse(None)
    answer = browser.post("/sign-in", credentials())
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/").location == "/console"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browse: Browse) -> None:
    cookie = browse(None).post("/sign-in", credentials()).headers.getlist("Set-Cookie")
    ours = next(line for line in cookie if line.startswith(COOKIE))
    assert "HttpOnly" in ours
    assert "SameSite=Lax" in ours


def test_the_database_keeps_no_session_token(browse: Browse, db_session: Session) -> None:
    browser = browse(None)
    browser.post("/sign-in", credentials())
    token = browser.client.get_cookie(COOKIE)
    assert token is not None
    kept = db_session.scalars(select(UserSession.digest)).all()
    assert token.value not in kept
    assert len(kept[0]) == 64


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("alice@example.com", ""),
    ],
)
def test_a_wrong_sign_in_says_nothing_about_who_exists(browse: Browse, email: str, password: str) -> None:
    answer = browse(None).post("/sign-in", credentials(email, password))
    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong." in answer.text


def test_a_failed_sign_in_is_recorded_without_what_was_typed(browse: Browse, db_session: Session) -> None:
    browse(None).post("/sign-in", credentials("nobody@example.com"))
    row = db_session.scalars(select(EventRow).where(EventRow.name == "user.sign_in_failed")).one()
    assert row.data == {"reason": "unknown"}


def test_an_inactive_person_may_not_sign_in(browse: Browse, world: World, db_session: Session) -> None:
    world.alice.active = False
    db_session.commit()
    assert browse(None).post("/sign-in", credentials()).status_code == 422


def test_the_sixth_attempt_in_a_minute_is_refused_even_with_the_right_password(browse: Browse) -> None:
    browser = browse(None)
    for _attempt in range(5):
        browser.post("/sign-in", credentials(password="wrong password"))
    answer = browser.post("/sign-in", credentials())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 60
    assert browser.post("/sign-in", credentials("bob@example.com")).status_code == 303


@pytest.mark.parametrize(
    ("wish", "leads_to"),
    [
        ("/console?queue=3", "/console?queue=3"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_only_pages_of_ours_follow(browse: Browse, wish: str, leads_to: str) -> None:
    assert browse(None).post("/sign-in", credentials(then=wish)).location == leads_to


def test_a_stranger_is_led_to_the_sign_in_and_back(browse: Browse) -> None:
    assert browse(None).get("/account?tab=1").location == "/sign-in?next=%2Faccount%3Ftab%3D1"


def test_signing_out_ends_the_session_on_the_server(browse: Browse, world: World) -> None:
    browser = browse(world.alice)
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    browser.post("/sign-out")
    browser.client.set_cookie(COOKIE, cookie.value)
    assert browser.get("/account").status_code == 302


def test_an_idle_session_ends(browse: Browse, world: World, db_session: Session) -> None:
    browser = browse(world.alice)
    row = db_session.scalars(select(UserSession)).one()
    row.expires_at = row.created_at
    db_session.commit()
    assert browser.get("/account").status_code == 302


def test_a_deactivated_person_is_out_at_once(browse: Browse, world: World, db_session: Session) -> None:
    browser = browse(world.alice)
    world.alice.active = False
    db_session.commit()
    assert browser.get("/account").status_code == 302

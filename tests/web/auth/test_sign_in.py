"""Signing in and out."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User, UserSession
from contactcenter.accounts.sessions import sign_in
from contactcenter.core import security
from contactcenter.core.events import EventRow
from contactcenter.edge.devices import COOKIE as DEVICE
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


@pytest.fixture
def _cheap_passwords(world: World, db_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred attempts would otherwise take as long as they should."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    monkeypatch.setattr(security, "_NOBODY", cheap)
    for person in db_session.scalars(select(User)):
        person.password_hash = cheap
    db_session.commit()


def guess(browser: Browser, sender: str, email: str = "alice@example.com", password: str = "wrong") -> int:
    """One attempt from an address of the world; the status of the answer."""
    answer = browser.post("/sign-in", credentials(email, password), environ_base={"REMOTE_ADDR": sender})
    return answer.status_code


def guess_from_everywhere(browse: Browse, email: str, times: int) -> list[int]:
    stranger = browse(None)
    return [guess(stranger, f"198.51.100.{n}", email) for n in range(times)]


@pytest.mark.usefixtures("_cheap_passwords")
@pytest.mark.parametrize("email", ["alice@example.com", "Alice@Example.com ", "nobody@example.com"])
def test_an_account_is_guessed_at_slowly_from_however_many_addresses(browse: Browse, email: str) -> None:
    assert guess_from_everywhere(browse, email, 22) == [422] * 20 + [429] * 2
    assert guess(browse(None), "203.0.113.9", "bob@example.com", PASSWORD) == 303


@pytest.mark.usefixtures("_cheap_passwords")
def test_whoever_guesses_cannot_keep_the_owner_out_of_her_own_browser(browse: Browse) -> None:
    hers = browse(None)
    assert guess(hers, "192.0.2.1", password=PASSWORD) == 303
    assert guess_from_everywhere(browse, "alice@example.com", 21)[-1] == 429
    hers.client.delete_cookie(COOKIE)
    assert guess(hers, "192.0.2.1", password=PASSWORD) == 303


@pytest.mark.usefixtures("_cheap_passwords")
def test_a_browser_known_for_one_account_is_a_stranger_to_another(browse: Browse) -> None:
    hers = browse(None)
    assert guess(hers, "192.0.2.1", password=PASSWORD) == 303
    guess_from_everywhere(browse, "bob@example.com", 20)
    assert guess(hers, "192.0.2.1", "bob@example.com", PASSWORD) == 429


@pytest.mark.usefixtures("_cheap_passwords")
def test_a_forged_mark_of_a_known_browser_counts_for_nothing(browse: Browse) -> None:
    guess_from_everywhere(browse, "alice@example.com", 20)
    forger = browse(None)
    forger.client.set_cookie(DEVICE, "InN0b2xlbiI.forged.signature", path="/sign-in")
    assert guess(forger, "192.0.2.1", password=PASSWORD) == 429


@pytest.mark.usefixtures("_cheap_passwords")
def test_a_stolen_known_browser_guesses_slowly_too(browse: Browse) -> None:
    hers = browse(None)
    guess(hers, "192.0.2.1", password=PASSWORD)
    answers = [guess(hers, f"198.51.100.{n}") for n in range(21)]
    assert answers == [422] * 20 + [429]


@pytest.mark.usefixtures("_cheap_passwords")
def test_signing_in_starts_the_count_anew(browse: Browse) -> None:
    for _ in range(2):
        assert 429 not in guess_from_everywhere(browse, "alice@example.com", 19)
        assert guess(browse(None), "203.0.113.9", password=PASSWORD) == 303


@pytest.mark.usefixtures("_cheap_passwords")
def test_whoever_knows_the_password_may_sign_in_as_often_as_he_likes(browse: Browse) -> None:
    """Somebody who opens one window after the other is no guesser."""
    for _window in range(8):
        assert browse(None).post("/sign-in", credentials()).status_code == 303


def test_one_address_tries_few_accounts_a_minute(browse: Browse) -> None:
    stranger = browse(None)
    answers = [guess(stranger, "203.0.113.9", f"user{n}@example.com") for n in range(31)]
    assert answers == [422] * 30 + [429]


def test_refusals_are_word_for_word_the_same_whoever_exists(browse: Browse, world: World) -> None:
    def page(email: str) -> str:
        found = browse(None).post("/sign-in", credentials(email, "wrong")).text.replace(email, "…")
        return re.sub(r'(content|value)="[^"]{60,}"', "", found)  # the form's token differs each time

    assert page("alice@example.com") == page("nobody@example.com")


def test_refusing_a_stranger_costs_as_much_as_refusing_an_owner(
    world: World, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password is tried for each, at the same price: what a clock would show, without its noise."""
    prices = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            prices.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    monkeypatch.setattr(security, "_HASHER", Counted())
    for email in ("alice@example.com", "x@example.com"):
        sign_in(db_session, email, "wrong password", "browser")
    assert prices == ["$argon2id$v=19$m=65536,t=3,p=2"] * 2


def test_a_session_that_somebody_planted_signs_in_nobody(browse: Browse) -> None:
    alice, planted = browse(None), "known-to-mallory" * 3
    alice.client.set_cookie(COOKIE, planted)
    assert alice.post("/sign-in", credentials()).status_code == 303
    own = alice.client.get_cookie(COOKIE)
    assert own is not None
    assert own.value != planted
    mallory = browse(None)
    mallory.client.set_cookie(COOKIE, planted)
    assert mallory.get("/console").status_code == 302


def test_each_sign_in_has_a_session_of_its_own(browse: Browse) -> None:
    alice, tokens = browse(None), set()
    for _time in range(2):
        alice.post("/sign-in", credentials())
        cookie = alice.client.get_cookie(COOKIE)
        tokens.add(cookie.value if cookie else "")
    assert len(tokens - {""}) == 2


def test_nobody_becomes_another_address_by_saying_so(browse: Browse) -> None:
    """No proxy is trusted here: what a header says of where somebody comes from starts no count anew."""
    stranger, answers = browse(None), []
    for n in range(6):
        says = {
            "X-Forwarded-For": f"198.51.100.{n}",
            "Forwarded": f"for=198.51.100.{n}",
            "X-Real-IP": f"198.51.100.{n}",
        }
        answers.append(stranger.post("/sign-in", credentials(password="wrong"), headers=says).status_code)
    assert answers == [422] * 5 + [429]


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

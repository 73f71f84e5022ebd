"""What people change about themselves."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User, UserSession
from contactcenter.core.events import EventRow
from tests.browser import Browser
from tests.world import PASSWORD, World

Browse = Callable[[User | None], Browser]

SETTINGS = {"name": "Alice Agnew", "language": "zh", "zone": "Asia/Shanghai", "theme": "dark"}


def test_alice_reads_her_settings_and_this_device(browse: Browse, world: World) -> None:
    page = browse(world.alice).get("/account").text
    assert "Test browser" in page
    assert "This one" in page


def test_alice_chooses_chinese_and_the_next_page_is_chinese(browse: Browse, world: World) -> None:
    browser = browse(world.alice)
    assert browser.post("/account", SETTINGS).status_code == 303
    page = browser.get("/account").text
    assert 'lang="zh-CN"' in page
    assert 'data-theme="dark"' in page


def test_a_change_is_audited_by_field(browse: Browse, world: World, db_session: Session) -> None:
    browse(world.alice).post("/account", SETTINGS)
    row = db_session.scalars(select(EventRow).where(EventRow.name == "user.changed")).one()
    assert row.data["fields"] == ["language", "zone", "theme", "single_keys"]
    assert row.actor == world.alice.actor


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Fill in this field."),
        ("name", "x" * 101, "At most 100 characters."),
        ("language", "fr", "Choose one of the offered values."),
        ("zone", "Mars/Olympus", "Choose one of the offered values."),
    ],
)
def test_a_wrong_field_gets_its_sentence_and_the_rest_is_kept(
    browse: Browse, world: World, field: str, value: str, sentence: str
) -> None:
    answer = browse(world.alice).post("/account", {**SETTINGS, "name": "Alice B.", field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert field == "name" or 'value="Alice B."' in answer.text
    assert answer.text.count(f'<a href="#f-{field}">') == 1


def test_nobody_changes_roles_through_the_own_settings(
    browse: Browse, world: World, db_session: Session
) -> None:
    browse(world.alice).post("/account", {**SETTINGS, "roles": "administrator", "active": "1"})
    db_session.expire_all()
    assert db_session.get_one(User, world.alice.id).roles == ["agent"]


def test_a_new_password_ends_every_other_session(browse: Browse, world: World, db_session: Session) -> None:
    here, elsewhere = browse(world.alice), browse(world.alice)
    passwords = {"old_password": PASSWORD, "password": "a quite different sentence"}
    assert here.post("/account/password", passwords).status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert db_session.scalar(select(EventRow.id).where(EventRow.name == "user.password_changed"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("wrong", "a quite different sentence", "That is not your present password."),
        (PASSWORD, "short", "A password needs at least 10 characters."),
        (PASSWORD, "aaaaaaaaaaaaaa", "This password is too easy to guess."),
        (PASSWORD, "alice@example.com", "This password is too easy to guess."),
        (PASSWORD, "", "Fill in this field."),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    browse: Browse, world: World, old: str, new: str, sentence: str
) -> None:
    answer = browse(world.alice).post("/account/password", {"old_password": old, "password": new})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count('class="form__summary"') == 1


def test_alice_signs_out_another_device(browse: Browse, world: World, db_session: Session) -> None:
    elsewhere, here = browse(world.alice), browse(world.alice)
    first = db_session.scalars(select(UserSession.id).order_by(UserSession.id)).first()
    assert here.post(f"/account/sessions/{first}/revoke").status_code == 303
    assert elsewhere.get("/account").status_code == 302
    assert here.get("/account").status_code == 200


def test_mallory_may_not_end_alices_session(browse: Browse, world: World, db_session: Session) -> None:
    alice = browse(world.alice)
    theirs = db_session.scalars(select(UserSession.id)).one()
    assert browse(world.mallory).post(f"/account/sessions/{theirs}/revoke").status_code == 404
    assert alice.get("/account").status_code == 200


def test_the_language_menu_serves_strangers_by_cookie(browse: Browse) -> None:
    stranger = browse(None)
    assert stranger.post("/language", {"language": "zh"}).status_code == 303
    assert 'lang="zh-CN"' in stranger.get("/sign-in").text


def test_the_language_menu_refuses_other_languages(browse: Browse) -> None:
    assert browse(None).post("/language", {"language": "klingon"}).status_code == 422

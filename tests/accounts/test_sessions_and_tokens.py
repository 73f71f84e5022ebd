"""Keys to the house: sessions of browsers, tokens of programs, passwords."""

from datetime import datetime, timedelta
from typing import Any

import gevent
import pytest
from gevent import monkey
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts import passwords
from contactcenter.accounts.models import ApiToken, Role, User, UserSession
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.accounts.service import deactivate_user, edit_user, set_password
from contactcenter.accounts.sessions import find_session, sign_in, start_session
from contactcenter.accounts.tokens import create_token, find_token, revoke_token
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import EventRow
from tests.world import PASSWORD, World

NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


def test_a_session_in_use_lives_on_and_an_idle_one_ends(db_session: Session, world: World) -> None:
    with clock.frozen(NOON):
        token = start_session(db_session, world.alice, "browser")
    for hours in (11, 22, 33):
        with clock.frozen(NOON + timedelta(hours=hours)):
            assert find_session(db_session, token) is not None
    with clock.frozen(NOON + timedelta(hours=33 + 12)):
        assert find_session(db_session, token) is None


def test_looking_at_a_session_does_not_keep_it_alive(db_session: Session, world: World) -> None:
    with clock.frozen(NOON):
        token = start_session(db_session, world.alice, "browser")
    for hours in range(1, 12):
        with clock.frozen(NOON + timedelta(hours=hours)):
            assert find_session(db_session, token, used=False) is not None
    with clock.frozen(NOON + timedelta(hours=12)):
        assert find_session(db_session, token) is None


def test_no_session_outlives_a_week(db_session: Session, world: World) -> None:
    with clock.frozen(NOON):
        token = start_session(db_session, world.alice, "browser")
    for hours in range(6, 7 * 24, 6):
        with clock.frozen(NOON + timedelta(hours=hours)):
            assert find_session(db_session, token) is not None
    with clock.frozen(NOON + timedelta(days=7)):
        assert find_session(db_session, token) is None


def test_reading_pages_writes_the_session_once_a_minute(db_session: Session, world: World) -> None:
    with clock.frozen(NOON):
        token = start_session(db_session, world.alice, "browser")
    for seconds, seen in ((30, NOON), (61, NOON + timedelta(seconds=61))):
        with clock.frozen(NOON + timedelta(seconds=seconds)):
            find_session(db_session, token)
        assert db_session.scalars(select(UserSession.seen_at)).one() == seen


def test_a_sign_in_is_an_event_of_its_person(db_session: Session, world: World) -> None:
    assert sign_in(db_session, " ALICE@example.com ", PASSWORD, "x" * 1000)
    row = db_session.scalars(select(EventRow).where(EventRow.name == "user.signed_in")).one()
    assert (row.user_id, row.actor) == (world.alice.id, world.alice.actor)


def test_a_program_cannot_sign_in_with_an_empty_password(db_session: Session, world: World) -> None:
    create_token(db_session, Role.AGENT, actor="system")
    assert sign_in(db_session, "agent@service.invalid", "", "browser") is None


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["administrator"]}, {"team_id": None}])
def test_no_token_is_made_for_a_program_that_is_not_what_was_asked_for(
    db_session: Session, world: World, change: dict[str, Any]
) -> None:
    first = create_token(db_session, Role.AGENT, team=world.support.team, actor="system")
    found = find_token(db_session, first)
    assert found is not None
    for field, value in change.items():
        setattr(found.user, field, value)
    db_session.flush()
    db_session.expire(found.user)
    with pytest.raises(Conflict):
        create_token(db_session, Role.AGENT, team=world.support.team, actor="system")


def test_a_token_is_kept_as_a_digest_and_acts_with_its_role(db_session: Session, world: World) -> None:
    token = create_token(db_session, Role.SUPERVISOR, name="wall", actor="system")
    found = find_token(db_session, token)
    assert found is not None
    assert (found.user.roles, found.user.service) == (["supervisor"], True)
    assert token not in str(db_session.execute(select(ApiToken.digest, ApiToken.name)).all())


def test_two_tokens_of_a_role_share_a_program_and_end_separately(db_session: Session, world: World) -> None:
    first, second = (
        create_token(db_session, Role.AGENT, name=name, actor="system") for name in ("one", "two")
    )
    row = db_session.scalars(select(ApiToken).where(ApiToken.name == "one")).one()
    revoke_token(db_session, row.id, actor="system")
    assert find_token(db_session, first) is None
    assert find_token(db_session, second) is not None
    assert len(db_session.scalars(select(User).where(User.service)).all()) == 1


def test_a_token_of_a_team_is_a_program_of_its_own(db_session: Session, world: World) -> None:
    wide, narrow = (
        find_token(db_session, create_token(db_session, Role.AGENT, team=team, actor="system"))
        for team in (None, world.team)
    )
    assert wide is not None
    assert narrow is not None
    assert (wide.user.team_id, narrow.user.team_id) == (None, world.team.id)
    assert visible_team_ids(db_session, wide.user) is None
    assert visible_team_ids(db_session, narrow.user) == {world.team.id}
    created = db_session.scalars(select(EventRow.data).where(EventRow.name == "token.created")).all()
    assert [one["team_id"] for one in created] == [None, world.team.id]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INVESTIGATOR, Role.SALES])
def test_a_role_that_no_team_narrows_gets_no_token_of_a_team(
    db_session: Session, world: World, role: Role
) -> None:
    with pytest.raises(Invalid, match="agents and supervisors") as refused:
        create_token(db_session, role, team=world.team, actor="system")
    assert refused.value.field == "team_id"


def test_a_deactivated_programs_tokens_stop(db_session: Session, world: World) -> None:
    token = create_token(db_session, Role.AGENT, actor="system")
    found = find_token(db_session, token)
    assert found is not None
    deactivate_user(db_session, found.user, actor="system")
    assert find_token(db_session, token) is None


def test_an_unknown_token_cannot_be_revoked(db_session: Session, world: World) -> None:
    with pytest.raises(NotFound):
        revoke_token(db_session, 999_999, actor="system")


def test_a_role_taken_away_is_gone_with_the_next_request(db_session: Session, world: World) -> None:
    token = start_session(db_session, world.bob, "browser")
    changes = {"roles": ["agent"]}
    edit_user(db_session, world.bob, world.bob.version, changes, actor=world.admin.actor)
    found = find_session(db_session, token)
    assert found is not None
    assert not found.user.has(Role.SUPERVISOR)


@pytest.mark.parametrize(
    "password", ["short", "password1234", "abababababab", "alice@example.com", "x" * 201]
)
def test_a_weak_password_is_refused(db_session: Session, world: World, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_password(db_session, world.alice, password, actor=world.admin.actor)
    assert refused.value.field == "password"


def test_an_unknown_field_cannot_be_edited(db_session: Session, world: World) -> None:
    with pytest.raises(Invalid):
        edit_user(db_session, world.alice, world.alice.version, {"password_hash": "x"}, actor="system")


def test_under_gevent_hashing_leaves_the_hub_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 works in a thread of its own while greenlets go on."""
    monkeypatch.setattr(monkey, "is_module_patched", lambda name: name == "threading")
    turns: list[int] = []

    def count() -> None:
        while not hashing.ready():
            turns.append(1)
            gevent.sleep(0.001)

    hashing = gevent.spawn(passwords.hash_password, PASSWORD)
    gevent.joinall([hashing, gevent.spawn(count)], raise_error=True)
    assert len(turns) > 5
    assert passwords.password_fits(hashing.value, PASSWORD)

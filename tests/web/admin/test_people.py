"""Administrators set up people."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core.events import EventRow
from contactcenter.queues.service import agent_levels
from contactcenter.tickets.service import assign_owner, open_ticket, set_status
from tests.browser import Browser
from tests.world import PASSWORD, World

Browse = Callable[[User | None], Browser]

DORA = {
    "name": "Dora Diaz",
    "email": "Dora@Example.com",
    "password": PASSWORD,
    "roles": ["agent", "investigator"],
    "team_id": "",
    "language": "zh",
    "zone": "Asia/Shanghai",
    "skills": "mandarin 5\nbilling: 3",
}


def form_of(user: User, **changes: object) -> dict[str, object]:
    fields = ("name", "email", "roles", "language", "zone", "version")
    return {
        **{field: getattr(user, field) for field in fields},
        "team_id": user.team_id or "",
        "skills": "",
        **changes,
    }


def test_ada_lets_dora_in(browse: Browse, world: World, db_session: Session) -> None:
    assert browse(world.admin).post("/admin/people/", DORA).status_code == 303
    dora = db_session.scalars(select(User).where(User.email == "dora@example.com")).one()
    assert (dora.roles, dora.language) == (["agent", "investigator"], "zh")
    assert agent_levels(db_session, dora.id) == {"mandarin": 5, "billing": 3}
    stranger = browse(None)
    assert stranger.post("/sign-in", {"email": "dora@example.com", "password": PASSWORD}).status_code == 303


def test_everything_ada_does_is_audited_with_her_name(
    browse: Browse, world: World, db_session: Session
) -> None:
    browse(world.admin).post("/admin/people/", DORA)
    rows = db_session.scalars(select(EventRow).where(EventRow.actor == world.admin.actor)).all()
    assert {row.name for row in rows} >= {"user.created", "agent.skills_changed"}
    assert "dora" not in str([row.data for row in rows]).lower()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Fill in this field."),
        ("email", "dora", "Give an e-mail address like name@example.com."),
        ("email", "alice@example.com", "Somebody with this e-mail address exists already."),
        ("password", "short", "A password needs at least 10 characters."),
        ("roles", [], "Choose at least one role."),
        ("roles", ["emperor"], "Choose one of the offered values."),
        ("team_id", "999999", "There is no such team."),
        ("team_id", "x", "Type a whole number."),
        ("team_id", "9" * 30, "Type a whole number."),
        ("zone", "Mars/Olympus", "Choose one of the offered values."),
        ("skills", "mandarin 9", "Write a skill and its level from 1 to 5"),
    ],
)
def test_a_wrong_field_gets_its_sentence_and_the_rest_is_kept(
    browse: Browse, world: World, field: str, value: object, sentence: str
) -> None:
    answer = browse(world.admin).post("/admin/people/", {**DORA, field: value})
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert field == "name" or 'value="Dora Diaz"' in answer.text
    assert PASSWORD not in answer.text


def test_ada_changes_alices_role_and_team(browse: Browse, world: World, db_session: Session) -> None:
    changes = form_of(world.alice, roles=["agent", "supervisor"], team_id=world.other_team.id)
    assert browse(world.admin).post(f"/admin/people/{world.alice.id}", changes).status_code == 303
    db_session.expire_all()
    alice = db_session.get_one(User, world.alice.id)
    assert (alice.roles, alice.team_id) == (["agent", "supervisor"], world.other_team.id)


def test_of_two_who_edit_at_once_the_second_is_told(browse: Browse, world: World) -> None:
    browser = browse(world.admin)
    browser.post(f"/admin/people/{world.alice.id}", form_of(world.alice, name="Alice One"))
    second = browser.post(f"/admin/people/{world.alice.id}", form_of(world.alice, name="Alice Two"))
    assert second.status_code == 409
    assert "Somebody changed this person meanwhile." in second.text


def test_saving_unchanged_skills_is_no_event(browse: Browse, world: World, db_session: Session) -> None:
    browse(world.admin).post(f"/admin/people/{world.alice.id}", form_of(world.alice))
    theirs = select(EventRow.name).where(EventRow.actor == world.admin.actor)
    assert db_session.scalars(theirs).all() == ["user.signed_in"]


def test_a_locked_out_person_is_signed_out_everywhere(browse: Browse, world: World) -> None:
    alice = browse(world.alice)
    answer = browse(world.admin).post(f"/admin/people/{world.alice.id}/active", {"active": "0"})
    assert answer.status_code == 303
    assert alice.get("/account").status_code == 302


def test_before_locking_alice_out_ada_reads_how_many_tickets_go_back(
    browse: Browse, world: World, db_session: Session
) -> None:
    for _number in range(3):
        ticket = open_ticket(db_session, world.wang_li, world.support, "My bill", actor="system")
        assign_owner(db_session, ticket, world.alice, actor="system")
    set_status(db_session, ticket, "solved", actor="system")
    db_session.commit()
    ada = browse(world.admin)
    assert "go back to their queues: 2" in ada.get(f"/admin/people/{world.alice.id}").text
    assert "go back to their queues" not in ada.get(f"/admin/people/{world.bob.id}").text


def test_a_person_let_in_again_uses_the_old_password(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    ada.post(f"/admin/people/{world.alice.id}/active", {"active": "0"})
    ada.post(f"/admin/people/{world.alice.id}/active", {"active": "1"})
    stranger = browse(None)
    assert stranger.post("/sign-in", {"email": world.alice.email, "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("path", ["/active", ""])
def test_the_last_administrator_stays(browse: Browse, world: World, path: str) -> None:
    changes = form_of(world.admin, roles=["agent"], active="0")
    answer = browse(world.admin).post(f"/admin/people/{world.admin.id}{path}", changes)
    assert answer.status_code == 409
    assert "This is the last administrator." in answer.text


def test_ada_gives_alice_a_new_password(browse: Browse, world: World) -> None:
    alice = browse(world.alice)
    new = {"password": "a quite different sentence"}
    assert browse(world.admin).post(f"/admin/people/{world.alice.id}/password", new).status_code == 303
    assert alice.get("/account").status_code == 302


def test_a_weak_new_password_is_refused_at_its_own_form(browse: Browse, world: World) -> None:
    answer = browse(world.admin).post(f"/admin/people/{world.alice.id}/password", {"password": "short"})
    assert answer.status_code == 422
    assert answer.text.count("A password needs at least 10 characters.") == 2
    assert answer.text.index("form__summary") > answer.text.index('id="f-skills"')


def test_an_unknown_person_is_a_404(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    for number in (999_999, 2**63 - 1, 2**63, 10**30):
        assert ada.get(f"/admin/people/{number}").status_code == 404
        assert ada.post(f"/admin/people/{number}", form_of(world.alice)).status_code in (404, 405)


def test_htmx_is_sent_on_after_saving_and_shown_the_form_after_a_mistake(
    browse: Browse, world: World
) -> None:
    ada, htmx = browse(world.admin), {"HX-Request": "true"}
    saved = ada.post("/admin/people/", DORA, headers=htmx)
    assert (saved.status_code, saved.headers["HX-Redirect"]) == (204, "/admin/people/")
    refused = ada.post("/admin/people/", {**DORA, "name": ""}, headers=htmx)
    assert refused.status_code == 422
    assert 'id="main"' in refused.text

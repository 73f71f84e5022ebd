"""Administrators read who changed what."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.teams import create_team
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


def test_a_change_shows_who_what_and_from_what_to_what(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    ada.post(f"/admin/people/{world.alice.id}/active", {"active": "0"})
    ada.post(f"/admin/teams/{world.team.id}", {"name": "Help", "manager_id": "", "version": "1"})
    page = ada.get("/admin/history/").text
    assert "Person locked out: Alice Agnew" in page
    assert "name: Support → Help" in page
    assert page.index("name: Support → Help") < page.index("Person locked out")
    assert "Ada Admin" in page


def test_every_kind_of_change_can_be_shown(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    browse(None).post("/sign-in", {"email": "nobody@example.com", "password": "wrong"})
    ada.post("/admin/tokens/", {"name": "shop", "role": "agent"})
    page = ada.get("/admin/history/").text
    for title in ("Sign-in refused", "API token created", "Queue added", "Candor itself"):
        assert title in page


def test_the_trail_goes_on_page_by_page(browse: Browse, world: World, db_session: Session) -> None:
    for number in range(60):
        create_team(db_session, name=f"Team number {number}", actor=world.admin.actor)
    db_session.commit()
    ada = browse(world.admin)
    first = ada.get("/admin/history/").text
    assert "Team number 59" in first
    assert "Team number 5<" not in first
    older = first.split('href="/admin/history/?after=')[1].split('"')[0]
    assert "title: Team number 5<" in ada.get(f"/admin/history/?after={older}").text


def test_a_cursor_of_another_list_is_refused(browse: Browse, world: World) -> None:
    assert browse(world.admin).get("/admin/history/?after=nonsense").status_code == 422

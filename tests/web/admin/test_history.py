"""Administrators read who changed what."""

import dataclasses
import re
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from contactcenter.accounts.brands import EDITABLE as BRAND
from contactcenter.accounts.models import User
from contactcenter.accounts.service import EDITABLE as USER
from contactcenter.accounts.teams import create_team
from contactcenter.channels.email.mailboxes import EDITABLE as MAILBOX
from contactcenter.core.events import Event
from contactcenter.queues.service import EDITABLE as QUEUE
from contactcenter.web.admin.details import TOLD_ELSEWHERE, label_of
from contactcenter.web.admin.history import NAMES
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


def test_a_change_shows_who_what_and_from_what_to_what(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    ada.post(f"/admin/people/{world.alice.id}/active", {"active": "0"})
    ada.post(f"/admin/teams/{world.team.id}", {"name": "Help", "manager_id": "", "version": "1"})
    page = ada.get("/admin/history/").text
    assert "Person locked out: Alice Agnew" in page
    assert "Name: Support → Help" in page
    assert page.index("Name: Support → Help") < page.index("Person locked out")
    assert "Ada Admin" in page


def test_every_kind_of_change_can_be_shown(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    browse(None).post("/sign-in", {"email": "nobody@example.com", "password": "wrong"})
    ada.post("/admin/tokens/", {"name": "shop", "role": "agent"})
    page = ada.get("/admin/history/").text
    for title in ("Sign-in refused", "API token created", "Queue added", "Candor itself"):
        assert title in page


def test_changes_are_told_in_the_words_of_their_forms(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    caps = {"voice": "1", "chat": "7", "email": "5"}
    ada.post(f"/admin/people/{world.alice.id}/capacity", caps)
    browse(None).post("/sign-in", {"email": "nobody@example.com", "password": "wrong"})
    ada.post("/account", {"name": "Ada Admin", "language": "en", "zone": "Asia/Shanghai", "theme": "auto"})
    page = ada.get("/admin/history/").text
    assert "Chats at once: 7" in page
    assert "Reason: no such account" in page
    assert "user:" not in page
    assert re.search("Changed: [^<]*Time zone", page)
    assert "Roles: Administrator" in page


def test_every_field_of_the_trail_has_a_label() -> None:
    events = [one for one in all_events(Event) if one.name in NAMES]
    fields = {field.name for one in events for field in dataclasses.fields(one)} | set(USER) | set(BRAND)
    fields |= set(QUEUE) | set(MAILBOX)
    telling = fields - {"changes", "channel", "cap", *TOLD_ELSEWHERE}
    assert [name for name in telling if label_of(name) == name] == []


def all_events(base: type[Event]) -> Iterator[type[Event]]:
    for one in base.__subclasses__():
        yield one
        yield from all_events(one)


def test_the_trail_goes_on_page_by_page(browse: Browse, world: World, db_session: Session) -> None:
    for number in range(60):
        create_team(db_session, name=f"Team number {number}", actor=world.admin.actor)
    db_session.commit()
    ada = browse(world.admin)
    first = ada.get("/admin/history/").text
    assert "Team number 59" in first
    assert "Team number 5<" not in first
    older = first.split('href="/admin/history/?after=')[1].split('"')[0]
    assert "Title: Team number 5<" in ada.get(f"/admin/history/?after={older}").text


def test_a_cursor_of_another_list_is_refused(browse: Browse, world: World) -> None:
    assert browse(world.admin).get("/admin/history/?after=nonsense").status_code == 422

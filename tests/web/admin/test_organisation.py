"""Administrators set up teams, brands, queues, hours, widgets, canned replies and tokens."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import ApiToken, Brand, Team, User
from contactcenter.accounts.tokens import find_token
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.core.events import EventRow
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours, Queue
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]

BRAND = {
    "slug": "north-gas",
    "name": "North Gas",
    "language": "en",
    "zone": "Europe/London",
    "privacy_notice": "We keep what you write for a year.",
    "complaint_pack": "iso10002-default",
    "complaint_calendar": "GB-ENG",
}
QUEUE = {
    "name": "Billing",
    "hours_id": "",
    "open": "1",
    "skills": "billing 2",
    "priority": "0",
    "ring_s": "20",
    "wrap_up_s": "15",
    "target_s": "0",
    "service_level_pct": "80",
    "service_level_s": "60",
    "first_reply_s": "14400",
    "resolve_s": "172800",
    "sticky_s": "0",
    "language_s": "0",
    "silent_s": "600",
}
HOURS = {
    "name": "Office",
    "zone": "Europe/London",
    "day_1": "09:00-12:00, 13:00-17:30",
    "day_2": "09:00-17:30",
    "holidays": "2026-12-25 Christmas Day\n2026-12-26",
}
REPLY = {
    "shortcut": "hello",
    "title": "Greeting",
    "body": "Hello {customer}",
    "language": "en",
    "brand_id": "",
}


def happened(session: Session, name: str) -> bool:
    return session.scalar(select(EventRow.id).where(EventRow.name == name)) is not None


def test_a_team_gets_a_manager(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/teams/", {"name": "Night", "manager_id": world.bob.id}).status_code == 303
    team = db_session.scalars(select(Team).where(Team.name == "Night")).one()
    assert team.manager_id == world.bob.id
    changed = {"name": "Late", "manager_id": "", "version": team.version}
    assert ada.post(f"/admin/teams/{team.id}", changed).status_code == 303
    assert ada.post(f"/admin/teams/{team.id}", changed).status_code == 409
    assert happened(db_session, "team.created")
    assert happened(db_session, "team.changed")


def test_an_agent_is_no_manager_and_names_are_unique(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    agent = ada.post("/admin/teams/", {"name": "Night", "manager_id": world.alice.id})
    assert agent.status_code == 422
    assert "A team&#39;s manager is an active supervisor" in agent.text
    namesake = ada.post("/admin/teams/", {"name": world.team.name, "manager_id": ""})
    assert namesake.status_code == 409
    assert "There is a team of this name already." in namesake.text


def test_a_brand_is_added_and_changed(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/brands/", BRAND).status_code == 303
    brand = db_session.scalars(select(Brand).where(Brand.slug == "north-gas")).one()
    changed = {**BRAND, "language": "zh", "version": brand.version}
    assert ada.post(f"/admin/brands/{brand.id}", changed).status_code == 303
    db_session.expire_all()
    assert brand.language == "zh"
    row = db_session.scalars(select(EventRow).where(EventRow.name == "brand.changed")).one()
    assert row.data["changes"] == {"language": ["en", "zh"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "North Gas"),
        ("slug", "harbour"),
        ("slug", ""),
        ("name", ""),
        ("zone", "Nowhere"),
        ("language", "fr"),
        ("privacy_notice", "x" * 5001),
        ("complaint_pack", "../../etc"),
    ],
)
def test_a_wrong_brand_is_refused(browse: Browse, world: World, field: str, value: str) -> None:
    answer = browse(world.admin).post("/admin/brands/", {**BRAND, field: value})
    assert answer.status_code in (409, 422)
    assert "form__summary" in answer.text


def test_a_queue_gets_skills_hours_and_another_team(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    ada.post("/admin/hours/", HOURS)
    hours = db_session.scalars(select(BusinessHours)).one()
    new = {**QUEUE, "brand_id": world.brand.id, "team_id": world.team.id, "hours_id": hours.id}
    assert ada.post("/admin/queues/", new).status_code == 303
    queue = db_session.scalars(select(Queue).where(Queue.name == "Billing")).one()
    assert [(needed.skill.name, needed.min_level) for needed in queue.skills] == [("billing", 2)]
    assert queue.hours_id == hours.id
    changed = {**new, "team_id": world.other_team.id, "skills": "billing 4", "version": queue.version}
    assert ada.post(f"/admin/queues/{queue.id}", changed).status_code == 303
    db_session.expire_all()
    assert queue.team_id == world.other_team.id
    assert queue.skills[0].min_level == 4
    assert ada.post(f"/admin/queues/{queue.id}", changed).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("ring_s", "1"),
        ("ring_s", "ten"),
        ("service_level_pct", "101"),
        ("skills", "a b c"),
        ("team_id", ""),
    ],
)
def test_a_wrong_queue_is_refused(browse: Browse, world: World, field: str, value: str) -> None:
    new = {**QUEUE, "brand_id": world.brand.id, "team_id": world.team.id, field: value}
    answer = browse(world.admin).post("/admin/queues/", new)
    assert answer.status_code == 422
    assert "form__summary" in answer.text


def test_hours_keep_their_holidays_when_saved_twice(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/hours/", HOURS).status_code == 303
    hours = db_session.scalars(select(BusinessHours)).one()
    assert hours.week[0] == [["09:00", "12:00"], ["13:00", "17:30"]]
    assert hours.week[6] == []
    assert ada.post(f"/admin/hours/{hours.id}", {**HOURS, "name": "Day", "version": 1}).status_code == 303
    db_session.expire_all()
    assert [holiday.name for holiday in hours.holidays] == ["Christmas Day", ""]
    page = ada.get(f"/admin/hours/{hours.id}").text
    assert "09:00-12:00, 13:00-17:30" in page
    assert "2026-12-25 Christmas Day" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day_1", "nine to five"),
        ("day_1", "17:00-09:00"),
        ("day_1", "09:00-25:00"),
        ("day_1", "09:00-12:00, 11:00-13:00"),
        ("holidays", "Christmas"),
        ("holidays", "2026-02-30 Nothing"),
        ("zone", "Nowhere"),
        ("name", ""),
    ],
)
def test_wrong_hours_are_refused(browse: Browse, world: World, field: str, value: str) -> None:
    answer = browse(world.admin).post("/admin/hours/", {**HOURS, field: value})
    assert answer.status_code == 422
    assert "form__summary" in answer.text


def test_a_widget_gets_a_key_and_exact_sites(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    new = {
        "name": "Shop",
        "queue_id": world.support.id,
        "sites": "https://Shop.example\n",
        "active": "1",
        "version": "0",
    }
    assert ada.post("/admin/widgets/", new).status_code == 303
    widget = db_session.scalars(select(WidgetKey)).one()
    assert (widget.sites, widget.calls, widget.brand_id) == (["https://shop.example"], False, world.brand.id)
    assert widget.key in ada.get(f"/admin/widgets/{widget.id}").text
    wrong = ada.post(
        f"/admin/widgets/{widget.id}", {**new, "sites": "https://*.example", "version": widget.version}
    )
    assert wrong.status_code == 422
    assert ada.post(f"/admin/widgets/{widget.id}", {**new, "version": "77"}).status_code == 409


def test_a_canned_reply_lives_and_goes(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/replies/", REPLY).status_code == 303
    assert ada.post("/admin/replies/", REPLY).status_code == 409
    assert ada.post("/admin/replies/", {**REPLY, "language": "zh", "body": "您好"}).status_code == 303
    reply = db_session.scalars(select(CannedReply).where(CannedReply.language == "en")).one()
    changed = {**REPLY, "title": "Hello", "version": reply.version}
    assert ada.post(f"/admin/replies/{reply.id}", changed).status_code == 303
    assert ada.post(f"/admin/replies/{reply.id}/delete").status_code == 303
    assert ada.get(f"/admin/replies/{reply.id}").status_code == 404
    for name in ("created", "changed", "deleted"):
        assert happened(db_session, f"canned_reply.{name}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shortcut", "Hello there"),
        ("title", ""),
        ("body", "x" * 10_001),
        ("language", "fr"),
        ("brand_id", "999999"),
    ],
)
def test_a_wrong_reply_is_refused(browse: Browse, world: World, field: str, value: str) -> None:
    answer = browse(world.admin).post("/admin/replies/", {**REPLY, field: value})
    assert answer.status_code == 422
    assert "form__summary" in answer.text


def test_a_token_is_shown_once_works_and_can_be_ended(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    page = ada.post("/admin/tokens/", {"name": "shop", "role": "agent"}).text
    token = page.split('id="new-token">')[1].split("<")[0]
    row = db_session.scalars(select(ApiToken)).one()
    assert token not in ada.get("/admin/tokens/").text
    assert token != row.digest
    found = find_token(db_session, token)
    assert found is not None
    assert found.user.roles == ["agent"]
    assert ada.post(f"/admin/tokens/{row.id}/revoke").status_code == 303
    db_session.expire_all()
    assert find_token(db_session, token) is None


def test_a_token_of_one_team_that_may_only_read_says_so(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    form = {"name": "wall", "role": "supervisor", "team_id": world.team.id, "read_only": "1"}
    assert "Only reads" in ada.post("/admin/tokens/", form).text
    row = db_session.scalars(select(ApiToken)).one()
    assert (row.user.team_id, row.read_only) == (world.team.id, True)
    for wrong in ({"role": "administrator"}, {"team_id": "999999"}, {"team_id": "x"}):
        answer = ada.post("/admin/tokens/", {**form, **wrong})
        assert (answer.status_code, 'id="f-team_id-error"' in answer.text) == (422, True), wrong


def test_service_users_are_nobodys_colleagues(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    ada.post("/admin/tokens/", {"name": "shop", "role": "agent"})
    assert "service.invalid" not in ada.get("/admin/people/").text


def test_a_newcomer_is_told_what_comes_next(browse: Browse, world: World, db_session: Session) -> None:
    page = browse(world.admin).get("/admin").text
    assert "Missing" in page.split("Put the chat on your web site")[1].split("</tr>")[0]
    assert "Done" in page.split("Form a team")[1].split("</tr>")[0]
    widget = {"name": "Shop", "queue_id": world.support.id, "sites": "https://shop.example", "active": "1"}
    browse(world.admin).post("/admin/widgets/", widget)
    page = browse(world.admin).get("/admin").text
    assert "Done" in page.split("Put the chat on your web site")[1].split("</tr>")[0]


def test_a_form_without_anything_to_choose_leads_to_what_is_missing(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    assert "/admin/queues/new" not in ada.get("/admin/widgets/new").text
    db_session.query(Queue).delete()
    db_session.commit()
    for kind in ("widgets", "mailboxes"):
        assert "/admin/queues/new" in ada.get(f"/admin/{kind}/new").text

"""An administrator steers routing in the browser: who is asked first, what eases, who weighs how much."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import RouterInbox
from contactcenter.core.events import EventRow
from contactcenter.queues.policy import read_policy
from contactcenter.queues.steps import Easing, read_steps
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]
POLICY = {"version": 1, "handicap_s": 30, "cooldown_s": 60, "vip": "Gold plus 5\nsilver 2"}


def queue_form(world: World, **changes: object) -> dict[str, object]:
    """The form of the support queue as it stands, with `changes`."""
    queue = world.support
    same = ("name", "brand_id", "team_id", "version", "priority", "ring_s", "wrap_up_s", "target_s")
    more = (
        "service_level_pct",
        "service_level_s",
        "first_reply_s",
        "resolve_s",
        "sticky_s",
        "language_s",
        "silent_s",
    )
    stored = {name: getattr(queue, name) for name in (*same, *more)}
    return {**stored, "hours_id": "", "open": "1", "skills": "", **changes}


def test_the_policy_is_kept_told_and_recorded(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    assert "30 seconds a skill" in ada.get("/admin/routing/").text
    assert ada.post("/admin/routing/", POLICY).status_code == 303
    policy = read_policy(db_session)
    assert (policy.handicap_s, policy.cooldown_s) == (30, 60)
    assert policy.vip == {"gold plus": 5, "silver": 2}
    told = select(RouterInbox.command).where(RouterInbox.done_at.is_(None))
    assert "definitions" in list(db_session.scalars(told))
    [changed] = db_session.scalars(select(EventRow).where(EventRow.name == "routing_policy.changed"))
    assert changed.actor == world.admin.actor
    trail = ada.get("/admin/history/").text
    assert "Routing changed" in trail
    assert "Important customers" in trail
    assert "gold plus 5\nsilver 2" in ada.get("/admin/routing/").text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("vip", "gold", "like: gold 5"),
        ("vip", "gold many", "like: gold 5"),
        ("vip", "gold 61", "from 0 to 60"),
        ("vip", f"{'g' * 41} 5", "from 0 to 60"),
        ("cooldown_s", "601", "from 0 to 600"),
        ("cooldown_s", "", "whole number"),
        ("handicap_s", "11", "offered values"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    browse: Browse, world: World, db_session: Session, field: str, typed: str, sentence: str
) -> None:
    answer = browse(world.admin).post("/admin/routing/", {**POLICY, field: typed})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert sentence in answer.text
    assert read_policy(db_session).vip == {}


def test_of_two_who_change_the_policy_the_second_is_told(browse: Browse, world: World) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/routing/", POLICY).status_code == 303
    late = ada.post("/admin/routing/", {**POLICY, "vip": "bronze 1"})
    assert late.status_code == 409
    assert "bronze 1" in late.text, "what was typed stays"


def test_steps_of_a_queue_are_written_in_rows(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    rows = {"step_1_after": 90, "step_1_team": world.other_team.id, "step_3_after": 30}
    form = queue_form(world, sticky_s=20, language_s=45, may_pick="1", **rows)
    form["step_3_skills"] = "mandarin 2，billing 1"
    assert ada.post(f"/admin/queues/{world.support.id}", form).status_code == 303
    db_session.refresh(world.support)
    queue = world.support
    assert (queue.sticky_s, queue.language_s, queue.may_pick) == (20, 45, True)
    first, second = Easing(30, {"billing": 1, "mandarin": 2}), Easing(90, {}, world.other_team.id)
    assert read_steps(queue) == [first, second]
    page = ada.get(f"/admin/queues/{queue.id}").text
    assert 'value="billing 1, mandarin 2"' in page
    again = queue_form(world, step_1_after=30, step_1_skills="billing 1, mandarin 2")
    assert ada.post(f"/admin/queues/{queue.id}", again).status_code == 303
    db_session.refresh(queue)
    assert read_steps(queue) == [first], "an emptied row is gone"
    assert not queue.may_pick


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ({"step_1_after": "soon"}, "step_1_after"),
        ({"step_1_after": 30, "step_1_skills": "mandarin"}, "step_1_skills"),
        ({"step_1_after": 30, "step_1_team": 10**9}, "steps"),
        ({"step_1_after": 30, "step_2_after": 30}, "steps"),
        ({"step_1_after": 30, "step_1_skills": "man darin! 2"}, "step_1_skills"),
    ],
)
def test_a_step_that_makes_no_sense_saves_nothing(
    browse: Browse, world: World, db_session: Session, rows: dict[str, object], field: str
) -> None:
    form = queue_form(world, name="Renamed", **rows)
    answer = browse(world.admin).post(f"/admin/queues/{world.support.id}", form)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    db_session.refresh(world.support)
    assert (world.support.name, world.support.steps) == ("Support", [])


def test_what_somebody_answers_in_is_ticked(browse: Browse, world: World, db_session: Session) -> None:
    ada, alice = browse(world.admin), world.alice
    form = {"name": alice.name, "email": alice.email, "roles": ["agent"], "team_id": alice.team_id}
    form |= {"language": "en", "zone": alice.zone, "skills": "", "version": alice.version}
    assert ada.post(f"/admin/people/{alice.id}", {**form, "speaks": ["en", "zh"]}).status_code == 303
    db_session.refresh(alice)
    assert alice.speaks == ["en", "zh"]

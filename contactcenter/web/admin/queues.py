"""Administration of queues: team, opening hours, skills and how they ease, who is asked first, pace and promises."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from contactcenter.accounts.brands import list_brands
from contactcenter.accounts.models import Brand, Team
from contactcenter.accounts.teams import list_teams
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.queues.queries import all_queues, list_hours
from contactcenter.queues.service import (
    CODE_MAX,
    CODES_MAX,
    DAY_S,
    create_queue,
    edit_queue,
    number_range,
    place_queue,
    require_skills,
)
from contactcenter.queues.steps import STEPS_MAX, Easing, read_steps, set_steps
from contactcenter.web.admin.forms import chosen, read_levels, read_levels_in_a_line, write_levels
from contactcenter.web.admin.screen import Context, Screen, doors

NEW = {
    "name": "",
    "brand_id": "",
    "team_id": "",
    "hours_id": "",
    "open": True,
    "may_pick": False,
    "skills": "",
    "wrap_up_codes": "",
    "version": 0,
}
NUMBERS = {
    "priority": 0,
    "ring_s": 20,
    "wrap_up_s": 15,
    "target_s": 0,
    "service_level_pct": 80,
    "service_level_s": 60,
    "first_reply_s": 14400,
    "resolve_s": 172800,
    "sticky_s": 0,
    "language_s": 0,
    "silent_s": 600,
}
STEPS = range(1, STEPS_MAX + 1)


def _listed(session: Session) -> Context:
    return {"queues": all_queues(session)}


def _fields(_session: Session, queue: Queue | None) -> Context:
    if queue is None:
        return {**NEW, **NUMBERS, **_written_steps([])}
    fields = {name: getattr(queue, name) for name in (*NEW, *NUMBERS) if name != "skills"}
    lines = {"skills": write_levels(_levels(queue)), "wrap_up_codes": "\n".join(queue.wrap_up_codes)}
    return {**fields, **lines, **_written_steps(read_steps(queue))}


def _written_steps(steps: Sequence[Easing]) -> Context:
    rows: list[tuple[int | str, ...]] = [
        (step.after_s, write_levels(step.skills, between=", "), step.team_id or "") for step in steps
    ]
    rows += [("", "", "")] * (STEPS_MAX - len(rows))
    names = [(f"step_{n}_after", f"step_{n}_skills", f"step_{n}_team") for n in STEPS]
    return dict(zip(chain(*names), chain(*rows), strict=True))


def _levels(queue: Queue) -> dict[str, int]:
    return {needed.skill.name: needed.min_level for needed in queue.skills}


def _choices(session: Session) -> Context:
    return {
        "brands": [(brand.id, brand.name) for brand in list_brands(session)],
        "teams": [(team.id, team.name) for team in list_teams(session)],
        "hours": [(hours.id, hours.name) for hours in list_hours(session)],
        "ranges": {name: number_range(name) for name in NUMBERS},
        "steps": STEPS,
    }


def _store(session: Session, form: Form, queue: Queue | None) -> Queue:
    """A queue's brand is chosen once and stays."""
    brand_id = form.number("brand_id", low=1) if queue is None else queue.brand_id
    team_id, hours_id = form.number("team_id", low=1), form.row_id("hours_id")
    levels, values, version = read_levels(form, "skills"), _read(form), form.number("version", default=0)
    steps = _read_steps(form)
    form.check()
    for step in steps:
        if step.team_id is not None:
            chosen(session, Team, step.team_id, "steps")
    team = chosen(session, Team, team_id, "team_id")
    hours = None if hours_id is None else chosen(session, BusinessHours, hours_id, "hours_id")
    actor = current_user().actor
    if queue is None:
        brand = chosen(session, Brand, brand_id, "brand_id")
        queue = create_queue(session, brand=brand, team=team, actor=actor, **values)
    else:
        edit_queue(session, queue, version, values, actor=actor)
    place_queue(session, queue, team=team, hours=hours, actor=actor)
    if levels != _levels(queue):
        require_skills(session, queue, levels, actor=actor)
    set_steps(session, queue, steps, actor=actor)
    return queue


def _read_steps(form: Form) -> list[Easing]:
    """A row without a time is none."""
    return [
        Easing(
            form.number(f"step_{n}_after", low=1, high=DAY_S),
            read_levels_in_a_line(form, f"step_{n}_skills"),
            form.row_id(f"step_{n}_team"),
        )
        for n in STEPS
        if form.text(f"step_{n}_after", required=False)
    ]


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    ranges = {name: number_range(name) for name in NUMBERS}
    numbers = {name: form.number(name, low=low, high=high) for name, (low, high) in ranges.items()}
    flags = {name: form.flag(name) for name in ("open", "may_pick")}
    codes = form.lines("wrap_up_codes", longest=CODE_MAX, at_most=CODES_MAX)
    return {"name": form.text("name", longest=80), "wrap_up_codes": codes, **flags, **numbers}


blueprint = doors(Screen("queues", "queue", Queue, _listed, _fields, _store, _choices))

"""Administration of queues: team, opening hours, skills, pace and promises."""

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
    create_queue,
    edit_queue,
    number_range,
    place_queue,
    require_skills,
)
from contactcenter.web.admin.forms import chosen, read_levels, write_levels
from contactcenter.web.admin.screen import Context, Screen, doors

NEW = {
    "name": "",
    "brand_id": "",
    "team_id": "",
    "hours_id": "",
    "open": True,
    "skills": "",
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
}


def _listed(session: Session) -> Context:
    return {"queues": all_queues(session)}


def _fields(_session: Session, queue: Queue | None) -> Context:
    if queue is None:
        return {**NEW, **NUMBERS}
    fields = {name: getattr(queue, name) for name in (*NEW, *NUMBERS) if name != "skills"}
    return {**fields, "skills": write_levels(_levels(queue))}


def _levels(queue: Queue) -> dict[str, int]:
    return {needed.skill.name: needed.min_level for needed in queue.skills}


def _choices(session: Session) -> Context:
    return {
        "brands": [(brand.id, brand.name) for brand in list_brands(session)],
        "teams": [(team.id, team.name) for team in list_teams(session)],
        "hours": [(hours.id, hours.name) for hours in list_hours(session)],
        "ranges": {name: number_range(name) for name in NUMBERS},
    }


def _store(session: Session, form: Form, queue: Queue | None) -> Queue:
    """A queue's brand is chosen once and stays."""
    brand_id = form.number("brand_id", low=1) if queue is None else queue.brand_id
    team_id, hours_id = form.number("team_id", low=1), form.row_id("hours_id")
    levels, values, version = read_levels(form, "skills"), _read(form), form.number("version", default=0)
    form.check()
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
    return queue


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    ranges = {name: number_range(name) for name in NUMBERS}
    numbers = {name: form.number(name, low=low, high=high) for name, (low, high) in ranges.items()}
    return {"name": form.text("name", longest=80), "open": form.flag("open"), **numbers}


blueprint = doors(Screen("queues", "queue", Queue, _listed, _fields, _store, _choices))

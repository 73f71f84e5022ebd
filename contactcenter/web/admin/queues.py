"""Administration of queues: team, opening hours, skills, pace and promises."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.brands import list_brands
from contactcenter.accounts.models import Brand, Team
from contactcenter.accounts.teams import list_teams
from contactcenter.core.db import unit_of_work
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.queues.queries import all_queues, list_hours
from contactcenter.queues.service import RANGES, create_queue, edit_queue, place_queue, require_skills
from contactcenter.web.admin.forms import (
    Errors,
    administrators,
    answer_form,
    found,
    read_levels,
    write_levels,
)

blueprint = Blueprint("queues", __name__, url_prefix="/admin/queues")

NUMBERS = {
    "priority": RANGES["priority"],
    "ring_s": RANGES["ring_s"],
    "wrap_up_s": RANGES["wrap_up_s"],
    "target_s": (0, 10_000_000),
    "service_level_pct": RANGES["service_level_pct"],
    "service_level_s": (0, 10_000_000),
    "first_reply_s": (0, 10_000_000),
    "resolve_s": (0, 10_000_000),
}
NEW = {
    "name": "",
    "brand_id": "",
    "team_id": "",
    "hours_id": "",
    "open": True,
    "skills": "",
    "version": 0,
    "priority": 0,
    "ring_s": 20,
    "wrap_up_s": 15,
    "target_s": 0,
    "service_level_pct": 80,
    "service_level_s": 60,
    "first_reply_s": 14400,
    "resolve_s": 172800,
}


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All queues."""
    with unit_of_work() as session:
        return render_template("admin/queues.html", queues=all_queues(session))


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new queue."""

    def store() -> str:
        form = read_form()
        brand_id, team_id = form.number("brand_id", low=1), form.number("team_id", low=1)
        hours_id, levels, values = form.row_id("hours_id"), read_levels(form, "skills"), _read(form)
        form.check()
        actor = current_user().actor
        with unit_of_work() as session:
            brand, team = found(session.get(Brand, brand_id)), found(session.get(Team, team_id))
            queue = create_queue(session, brand=brand, team=team, actor=actor, **values)
            if hours_id:
                place_queue(
                    session, queue, team=team, hours=found(session.get(BusinessHours, hours_id)), actor=actor
                )
            if levels:
                require_skills(session, queue, levels, actor=actor)
        return "/admin/queues/"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:queue_id>")
@administrators
def show(queue_id: int) -> ResponseReturnValue:
    """One queue's form."""
    return _page(queue_id, {})


@blueprint.post("/<int:queue_id>")
@administrators
def save(queue_id: int) -> ResponseReturnValue:
    """What was changed about a queue; its brand stays."""

    def store() -> str:
        form = read_form()
        version, team_id, hours_id = (
            form.number("version"),
            form.number("team_id", low=1),
            form.row_id("hours_id"),
        )
        levels, values = read_levels(form, "skills"), _read(form)
        form.check()
        actor = current_user().actor
        with unit_of_work() as session:
            queue = found(session.get(Queue, queue_id))
            hours = None if hours_id is None else found(session.get(BusinessHours, hours_id))
            edit_queue(session, queue, version, values, actor=actor)
            place_queue(session, queue, team=found(session.get(Team, team_id)), hours=hours, actor=actor)
            if levels != _levels(queue):
                require_skills(session, queue, levels, actor=actor)
        return "/admin/queues/"

    return answer_form(store, lambda errors: _page(queue_id, errors))


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    numbers = {name: form.number(name, low=low, high=high) for name, (low, high) in NUMBERS.items()}
    return {"name": form.text("name", longest=80), "open": form.flag("open"), **numbers}


def _levels(queue: Queue) -> dict[str, int]:
    return {needed.skill.name: needed.min_level for needed in queue.skills}


def _page(queue_id: int | None, errors: Errors) -> str:
    with unit_of_work() as session:
        queue = None if queue_id is None else found(session.get(Queue, queue_id))
        stored = dict(NEW) if queue is None else _stored(queue)
        choices = {
            "brands": [(brand.id, brand.name) for brand in list_brands(session)],
            "teams": [(team.id, team.name) for team in list_teams(session)],
            "hours": [(hours.id, hours.name) for hours in list_hours(session)],
        }
    return render_template(
        "admin/queue.html",
        queue=queue,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        ranges=NUMBERS,
        **choices,
    )


def _stored(queue: Queue) -> dict[str, object]:
    fields = {name: getattr(queue, name) for name in NEW if name != "skills"}
    return {**fields, "skills": write_levels(_levels(queue))}

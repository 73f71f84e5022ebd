"""What holds for the routing of all queues: many skills, declined work, important customers."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import RoutingPolicy
from contactcenter.queues.policy import COOLDOWN_RANGE_S, HANDICAPS_S, POINTS_RANGE, edit_policy, read_policy
from contactcenter.web.admin.forms import administrators
from contactcenter.web.admin.screen import Context
from contactcenter.web.forms import Errors, answer_form

blueprint = Blueprint("routing", __name__, url_prefix="/admin/routing")

LINE_MAX = 60
HANDICAPS = {
    0: lazy_gettext("Nobody goes behind"),
    10: lazy_gettext("10 seconds a skill: work is spread most evenly"),
    30: lazy_gettext("30 seconds a skill: customers wait least"),
}


@blueprint.get("/")
@administrators
def show() -> ResponseReturnValue:
    """The form."""
    return _page({})


@blueprint.post("/")
@administrators
def save() -> ResponseReturnValue:
    """It holds from the next decision on."""

    def store() -> str:
        form = read_form()
        version = form.number("version", low=1)
        handicap_s = form.choice("handicap_s", [str(one) for one in HANDICAPS_S])
        low, high = COOLDOWN_RANGE_S
        cooldown_s, vip = form.number("cooldown_s", low=low, high=high), _read_points(form)
        form.check()
        wanted: dict[str, Any] = {"handicap_s": int(handicap_s), "cooldown_s": cooldown_s, "vip": vip}
        with unit_of_work() as session:
            edit_policy(session, version, **wanted, actor=current_user().actor)
        return "/admin/routing/"

    return answer_form(store, _page)


def _read_points(form: Form) -> dict[str, int]:
    points: dict[str, int] = {}
    for line in form.lines("vip", longest=LINE_MAX):
        segment, _space, worth = line[:LINE_MAX].rpartition(" ")
        if not segment.strip() or not (worth.isascii() and worth.isdecimal()):
            form.errors["vip"] = _("Write a segment and its points on each line, like: gold 5")
        else:
            points[segment] = int(worth)
    return points


def _page(errors: Errors) -> str:
    with unit_of_work() as session:
        stored = _fields(read_policy(session))
        form = typed_over(stored) if errors else stored
        return render_template(
            "admin/routing.html",
            form=form,
            errors=errors,
            handicaps={value: _(label) for value, label in HANDICAPS.items()},
            cooldown_range=COOLDOWN_RANGE_S,
            points_range=POINTS_RANGE,
        )


def _fields(policy: RoutingPolicy) -> Context:
    lines = [f"{segment} {worth}" for segment, worth in sorted(policy.vip.items())]
    return {
        "handicap_s": policy.handicap_s,
        "cooldown_s": policy.cooldown_s,
        "vip": "\n".join(lines),
        "version": policy.version,
    }

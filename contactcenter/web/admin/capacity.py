"""How much work a person takes at once, by kind: calls, chats, e-mails."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import CAPACITY_MAX, DEFAULT_CAPACITY, set_capacity
from contactcenter.assignment.staff import agent_now
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import lazy_gettext
from contactcenter.edge.requests import read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.forms import administrators
from contactcenter.web.forms import Errors, answer_form, found

blueprint = Blueprint("capacity", __name__, url_prefix="/admin/people/<int:user_id>/capacity")

LABELS = {
    "voice": lazy_gettext("Calls at once"),
    "chat": lazy_gettext("Chats at once"),
    "email": lazy_gettext("E-mails and letters at once"),
}


@blueprint.get("")
@administrators
def show(user_id: int) -> ResponseReturnValue:
    """The form."""
    return _page(user_id, {})


@blueprint.post("")
@administrators
def save(user_id: int) -> ResponseReturnValue:
    """What differs is written and told the router, which offers more or less from the next moment on."""

    def store() -> str:
        form = read_form()
        wanted = {kind: form.number(kind, low=0, high=most) for kind, most in CAPACITY_MAX.items()}
        form.check()
        with unit_of_work() as session:
            known = agent_now(session, found(session.get(User, user_id))).caps
            for kind, cap in wanted.items():
                if cap != known[kind]:
                    set_capacity(session, user_id, kind, cap, by=current_user().actor)
        return f"/admin/people/{user_id}"

    return answer_form(store, lambda errors: _page(user_id, errors))


def _page(user_id: int, errors: Errors) -> str:
    with unit_of_work() as session:
        person = found(session.get(User, user_id))
        stored = dict(agent_now(session, person).caps)
        return render_template(
            "admin/capacity.html",
            person=person,
            form=typed_over(stored) if errors else stored,
            errors=errors,
            labels=LABELS,
            usual=DEFAULT_CAPACITY,
            most=CAPACITY_MAX,
        )

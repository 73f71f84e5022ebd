"""Administration of API tokens: make one, see it once, end it."""

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role, Team
from contactcenter.accounts.teams import list_teams
from contactcenter.accounts.tokens import create_token, list_tokens, revoke_token
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import field_errors, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.forms import administrators, chosen
from contactcenter.web.admin.people import ROLES
from contactcenter.web.forms import Errors, go_to

blueprint = Blueprint("tokens", __name__, url_prefix="/admin/tokens")

NEW = {"name": "", "role": Role.AGENT.value, "team_id": "", "read_only": False}


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """The tokens that work, and a form for another."""
    return _page({})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new token. It stands in this one answer and nowhere else: not in the log, the database or a redirect."""
    form = read_form()
    try:
        name, role = form.text("name", longest=80), form.choice("role", [role.value for role in Role])
        team_id, read_only = form.row_id("team_id"), form.flag("read_only")
        form.check()
        with unit_of_work() as session:
            team = None if team_id is None else chosen(session, Team, team_id, "team_id")
            token = create_token(
                session, Role(role), name=name, team=team, read_only=read_only, actor=current_user().actor
            )
    except DomainError as error:
        return _page(field_errors(error)), error.status
    return _page({}, token=token)


@blueprint.post("/<int:token_id>/revoke")
@administrators
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token."""
    with unit_of_work() as session:
        revoke_token(session, token_id, actor=current_user().actor)
    flash(_("This token works no more."), "good")
    return go_to("/admin/tokens/")


def _page(errors: Errors, *, token: str | None = None) -> str:
    with unit_of_work() as session:
        tokens, teams = list_tokens(session), list_teams(session)
    return render_template(
        "admin/tokens.html",
        tokens=tokens,
        token=token,
        form=typed_over(NEW) if errors else NEW,
        errors=errors,
        roles=ROLES,
        teams=[(team.id, team.name) for team in teams],
    )

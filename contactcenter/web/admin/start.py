"""The door of administration."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from contactcenter.web.admin.forms import administrators

blueprint = Blueprint("administration", __name__)


@blueprint.get("/admin")
@administrators
def start() -> ResponseReturnValue:
    """People are what one sets up first."""
    return redirect("/admin/people/")

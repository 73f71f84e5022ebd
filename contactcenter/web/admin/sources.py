"""Administration of the systems that may report on remedies: let one in, change its secret, end it; and what went astray."""

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from contactcenter.complaints.reports import list_strays
from contactcenter.complaints.sources import (
    add_secret,
    create_source,
    end_secret,
    end_source,
    list_sources,
    working,
)
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import field_errors, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.forms import administrators
from contactcenter.web.forms import Errors, go_to

blueprint = Blueprint("sources", __name__, url_prefix="/admin/sources")

NEW = {"name": ""}
PLACE = "/admin/sources/"


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """Who may report, and a form for another."""
    return _page({})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new source. Its secret stands in this one answer and nowhere else that could be read."""
    form = read_form()
    try:
        name = form.text("name", longest=40)
        form.check()
        with unit_of_work() as session:
            secret = create_source(session, name, actor=current_user().actor).secret
    except DomainError as error:
        return _page(field_errors(error)), error.status
    return _page({}, secret=secret)


@blueprint.post("/<int:source_id>/secrets")
@administrators
def add(source_id: int) -> ResponseReturnValue:
    """One more secret, to change to."""
    try:
        with unit_of_work() as session:
            secret = add_secret(session, source_id, actor=current_user().actor).secret
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return _page(field_errors(error)), error.status
    return _page({}, secret=secret)


@blueprint.post("/<int:source_id>/secrets/<int:secret_id>/end")
@administrators
def end_one(source_id: int, secret_id: int) -> ResponseReturnValue:
    """End a secret."""
    with unit_of_work() as session:
        end_secret(session, source_id, secret_id, actor=current_user().actor)
    flash(_("This secret works no more."), "good")
    return go_to(PLACE)


@blueprint.post("/<int:source_id>/end")
@administrators
def end(source_id: int) -> ResponseReturnValue:
    """Hear a system no more."""
    with unit_of_work() as session:
        end_source(session, source_id, actor=current_user().actor)
    flash(_("This system is heard no more. What it reported stays."), "good")
    return go_to(PLACE)


def _page(errors: Errors, *, secret: str | None = None) -> str:
    with unit_of_work() as session:
        return render_template(
            "admin/sources.html",
            sources=[(one, working(one)) for one in list_sources(session)],
            strays=list_strays(session),
            secret=secret,
            form=typed_over(NEW) if errors else NEW,
            errors=errors,
        )

"""Administration of canned replies."""

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.brands import list_brands
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.knowledge.models import CannedReply
from contactcenter.knowledge.service import (
    BODY_MAX,
    TITLE_MAX,
    Wording,
    create_reply,
    delete_reply,
    edit_reply,
    list_replies,
)
from contactcenter.web.admin.forms import Errors, administrators, answer_form, found, go_to

blueprint = Blueprint("replies", __name__, url_prefix="/admin/replies")

NEW = {"shortcut": "", "title": "", "body": "", "language": "en", "brand_id": "", "version": 0}


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All canned replies."""
    with unit_of_work() as session:
        brands = {brand.id: brand.name for brand in list_brands(session)}
        return render_template("admin/replies.html", replies=list_replies(session), brands=brands)


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new canned reply."""

    def store() -> str:
        wording = _read(read_form())
        with unit_of_work() as session:
            create_reply(session, wording, actor=current_user().actor)
        return "/admin/replies/"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:reply_id>")
@administrators
def show(reply_id: int) -> ResponseReturnValue:
    """One canned reply's form."""
    return _page(reply_id, {})


@blueprint.post("/<int:reply_id>")
@administrators
def save(reply_id: int) -> ResponseReturnValue:
    """What was reworded."""

    def store() -> str:
        form = read_form()
        version = form.number("version")
        wording = _read(form)
        with unit_of_work() as session:
            reply = found(session.get(CannedReply, reply_id))
            edit_reply(session, reply, version, wording, actor=current_user().actor)
        return "/admin/replies/"

    return answer_form(store, lambda errors: _page(reply_id, errors))


@blueprint.post("/<int:reply_id>/delete")
@administrators
def delete(reply_id: int) -> ResponseReturnValue:
    """Away with it."""
    with unit_of_work() as session:
        delete_reply(session, found(session.get(CannedReply, reply_id)), actor=current_user().actor)
    flash(_("Deleted."), "good")
    return go_to("/admin/replies/")


def _read(form: Form) -> Wording:
    wording = Wording(
        shortcut=form.text("shortcut", longest=40),
        title=form.text("title", longest=TITLE_MAX),
        body=form.text("body", longest=BODY_MAX),
        language=form.choice("language", LANGUAGES),
        brand_id=form.row_id("brand_id"),
    )
    form.check()
    return wording


def _page(reply_id: int | None, errors: Errors) -> str:
    with unit_of_work() as session:
        reply = None if reply_id is None else found(session.get(CannedReply, reply_id))
        brands = [(brand.id, brand.name) for brand in list_brands(session)]
    stored = dict(NEW) if reply is None else {field: getattr(reply, field) for field in NEW}
    return render_template(
        "admin/reply.html",
        reply=reply,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        brands=brands,
    )

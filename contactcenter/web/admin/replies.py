"""Administration of canned replies."""

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.accounts.brands import list_brands
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import Form
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
from contactcenter.web.admin.forms import administrators
from contactcenter.web.admin.screen import Context, Screen, doors
from contactcenter.web.forms import found, go_to

NEW = {"shortcut": "", "title": "", "body": "", "language": "en", "brand_id": "", "version": 0}


def _listed(session: Session) -> Context:
    brands = {brand.id: brand.name for brand in list_brands(session)}
    return {"replies": list_replies(session), "brands": brands}


def _fields(_session: Session, reply: CannedReply | None) -> Context:
    return NEW if reply is None else {field: getattr(reply, field) for field in NEW}


def _choices(session: Session) -> Context:
    return {"brands": [(brand.id, brand.name) for brand in list_brands(session)]}


def _store(session: Session, form: Form, reply: CannedReply | None) -> CannedReply:
    wording = Wording(
        shortcut=form.text("shortcut", longest=40),
        title=form.text("title", longest=TITLE_MAX),
        body=form.text("body", longest=BODY_MAX),
        language=form.choice("language", LANGUAGES),
        brand_id=form.row_id("brand_id"),
    )
    version, actor = form.number("version", default=0), current_user().actor
    form.check()
    if reply is None:
        return create_reply(session, wording, actor=actor)
    edit_reply(session, reply, version, wording, actor=actor)
    return reply


blueprint = doors(Screen("replies", "reply", CannedReply, _listed, _fields, _store, _choices))


@blueprint.post("/<int:reply_id>/delete")
@administrators
def delete(reply_id: int) -> ResponseReturnValue:
    """Away with it."""
    with unit_of_work() as session:
        delete_reply(session, found(session.get(CannedReply, reply_id)), actor=current_user().actor)
    flash(_("Deleted."), "good")
    return go_to("/admin/replies/")

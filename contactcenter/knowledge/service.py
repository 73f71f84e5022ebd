"""Write, change and delete canned replies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.knowledge.events import ReplyChanged, ReplyCreated, ReplyDeleted
from contactcenter.knowledge.models import CannedReply

BODY_MAX = 10_000
TITLE_MAX = 120
_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a canned reply says, and for whom: `brand_id` None is every brand."""

    shortcut: str
    title: str
    body: str
    language: str
    brand_id: int | None


def list_replies(session: Session) -> Sequence[CannedReply]:
    """All of them, by shortcut and language."""
    order = (CannedReply.shortcut, CannedReply.language, CannedReply.id)
    return session.scalars(select(CannedReply).order_by(*order)).all()


def create_reply(session: Session, wording: Wording, *, actor: str) -> CannedReply:
    """A new canned reply. Raises Invalid by field, Conflict for a shortcut in use."""
    reply = CannedReply()
    _write(session, reply, wording)
    session.add(reply)
    session.flush()  # the event needs the id
    record(session, ReplyCreated(reply.id, reply.shortcut), actor=actor, subject=Subject())
    return reply


def edit_reply(session: Session, reply: CannedReply, version: int, wording: Wording, *, actor: str) -> None:
    """Reword it. Raises Conflict if somebody changed it since `version` was shown."""
    if reply.version != version:
        raise Conflict(_("Somebody changed this reply meanwhile. Reload and try again."))
    changed = _write(session, reply, wording)
    if changed:
        reply.version += 1
        record(session, ReplyChanged(reply.id, changed), actor=actor, subject=Subject())


def delete_reply(session: Session, reply: CannedReply, *, actor: str) -> None:
    """Remove it; messages that were written with it stay as they are."""
    record(session, ReplyDeleted(reply.id, reply.shortcut), actor=actor, subject=Subject())
    session.delete(reply)


def _write(session: Session, reply: CannedReply, wording: Wording) -> list[str]:
    """Set the fields after checking them; the names of those that changed."""
    _check(session, wording)
    _refuse_namesake(session, reply, wording)
    fields = ("shortcut", "title", "body", "language", "brand_id")
    changed = [field for field in fields if getattr(reply, field) != getattr(wording, field)]
    for field in changed:
        setattr(reply, field, getattr(wording, field))
    return changed


def _check(session: Session, wording: Wording) -> None:
    if not _SHORTCUT.fullmatch(wording.shortcut):
        raise Invalid(_("A shortcut has a-z, 0-9, - and _ only, at most 40."), field="shortcut")
    if not wording.title or len(wording.title) > TITLE_MAX:
        raise Invalid(_("Give a title of at most %(n)s characters.", n=TITLE_MAX), field="title")
    if not wording.body or len(wording.body) > BODY_MAX:
        raise Invalid(_("Write a text of at most %(n)s characters.", n=BODY_MAX), field="body")
    if wording.language not in LANGUAGES:
        raise Invalid(_("Choose one of the offered values."), field="language")
    if wording.brand_id is not None and session.get(Brand, wording.brand_id) is None:
        raise Invalid(_("There is no such brand."), field="brand_id")


def _refuse_namesake(session: Session, reply: CannedReply, wording: Wording) -> None:
    same = select(CannedReply.id).where(
        CannedReply.shortcut == wording.shortcut,
        CannedReply.language == wording.language,
        CannedReply.brand_id.is_not_distinct_from(wording.brand_id),
    )
    if any(other != reply.id for other in session.scalars(same)):
        raise Conflict(
            _("This shortcut is in use for that brand and language."), details=[{"field": "shortcut"}]
        )

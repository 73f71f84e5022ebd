"""Visitors of a customer's web site: no account, a signed token in their browser, one identity for chat and call."""

import uuid
from dataclasses import dataclass

from contactcenter.core.config import get_settings
from contactcenter.core.security import sign, unsign

PURPOSE = "widget.visitor"
TOKEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """The holder of a valid token: his own id, and the widget (with its queue) that it was given out for."""

    id: str
    key_id: int
    queue_id: int


def issue_token(key_id: int, queue_id: int, known: Visitor | None = None) -> str:
    """A token for a new visitor, or a fresh one for a visitor known on this very widget."""
    visitor = known.id if known and known.key_id == key_id else uuid.uuid4().hex
    return sign(get_settings().secret_key, PURPOSE, {"visitor": visitor, "key": key_id, "queue": queue_id})


def visitor_of(token: object) -> Visitor | None:
    """Who holds this token, or None if it is forged, broken or older than TOKEN_DAYS."""
    if not isinstance(token, str):
        return None
    value = unsign(get_settings().secret_keys, PURPOSE, token, max_age_s=TOKEN_DAYS * 86_400)
    return Visitor(value["visitor"], value["key"], value["queue"]) if value else None

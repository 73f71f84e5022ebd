"""A form that is sent twice (a double click, a retry after a lost answer) is done once, by the id its page carries."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from contactcenter.core.idempotency import KeyReused, do_once
from contactcenter.core.ids import new_token
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user

FIELD = "client_id"
NOT_WORDS = (FIELD, "csrf_token")


def form_id(error: Exception | None = None) -> str:
    """What the page puts into the form's hidden field: the id it was sent with, unless that one is used up."""
    used_up = error is None or isinstance(error, KeyReused)
    return new_token(16) if used_up else request.form.get(FIELD, "")


def make_once(session: Session, form: Form, make: Callable[[], int]) -> int:
    """The id of what `make` makes, or made when the same form came before. Raises KeyReused if its words changed."""
    key = form.text(FIELD, longest=64, required=False)
    form.check()
    if not key:
        return make()
    words = [(name, value) for name, value in form.fields.items(multi=True) if name not in NOT_WORDS]
    scope = f"user:{current_user().id} {request.path}"
    return int(do_once(session, scope, key, urlencode(words).encode(), lambda: str(make())).answer)

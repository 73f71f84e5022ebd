"""How a form is answered: on to the next page, or shown again with a sentence at each field that is wrong."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import flash, make_response, redirect
from flask.typing import ResponseReturnValue

from contactcenter.core.errors import DomainError, NotAllowed, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.errors import is_htmx
from contactcenter.edge.requests import field_errors

Errors = Mapping[str, str]
T = TypeVar("T")


def answer_form(save: Callable[[], str], page: Callable[[Errors], str]) -> ResponseReturnValue:
    """Run `save`, which returns where to go next; a refusal shows `page` again with a sentence for each field."""
    try:
        target = save()
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        return page(field_errors(error)), error.status
    flash(_("Saved."), "good")
    return go_to(target)


def go_to(target: str) -> ResponseReturnValue:
    """On to another page; htmx is told to load it as a whole."""
    if is_htmx():
        return make_response("", 204, {"HX-Redirect": target})
    return redirect(target, 303)


def found(thing: T | None) -> T:
    """The thing. Raises NotFound for None."""
    if thing is None:
        raise NotFound(_("This does not exist (any more)."))
    return thing

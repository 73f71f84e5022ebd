"""What the forms of administration share: who may, how a form is answered, how levels of skill are written."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import flash, make_response, redirect
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role
from contactcenter.core.errors import DomainError, NotAllowed, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.errors import is_htmx
from contactcenter.edge.requests import Form, field_errors

administrators = signed_in(Role.ADMINISTRATOR)
_LEVEL = re.compile(r"(\S+?)\s*[:\s]\s*([1-5])")

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


def read_levels(form: Form, name: str) -> dict[str, int]:
    """Skills with their levels, one a line: `mandarin 4`."""
    levels: dict[str, int] = {}
    for line in form.lines(name, longest=60):
        match = _LEVEL.fullmatch(line)
        if match is None:
            form.errors[name] = _("Write a skill and its level from 1 to 5 on each line, like: mandarin 4")
        else:
            levels[match[1].lower()] = int(match[2])
    return levels


def write_levels(levels: Mapping[str, int]) -> str:
    """The lines that `read_levels` reads."""
    return "\n".join(f"{skill} {level}" for skill, level in sorted(levels.items()))

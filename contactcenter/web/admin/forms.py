"""What the forms of administration share: who may, what can be chosen, how levels of skill are written."""

import re
from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import Form
from contactcenter.queues.queries import all_queues

administrators = signed_in(Role.ADMINISTRATOR)
_LEVEL = re.compile(r"(\S+?)\s*[:\s]\s*([1-5])")

T = TypeVar("T")


def chosen(session: Session, model: type[T], row_id: int, field: str) -> T:
    """What was chosen in a list of the form. Raises Invalid at that field if it is gone (or never was)."""
    row = session.get(model, row_id)
    if row is None:
        raise Invalid(_("Choose one of the offered values."), field=field)
    return row


def queue_choices(session: Session) -> list[tuple[int, str]]:
    """All queues for a list to choose from; two brands may both have a "Support"."""
    return [(queue.id, f"{queue.brand.name}: {queue.name}") for queue in all_queues(session)]


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

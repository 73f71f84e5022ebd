"""What the forms of administration share: who may, what can be chosen, how levels of skill are written."""

import re
from collections.abc import Iterable, Mapping
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
    how = _("Write a skill and its level from 1 to 5 on each line, like: mandarin 4")
    return _levels(form, name, form.lines(name, longest=60), how)


def read_levels_in_a_line(form: Form, name: str) -> dict[str, int]:
    """Skills with their levels, side by side: `mandarin 4, billing 2`."""
    typed = form.text(name, required=False).replace("，", ",").split(",")
    how = _("Write skills and their levels from 1 to 5 like: mandarin 4, billing 2")
    return _levels(form, name, [part.strip() for part in typed if part.strip()], how)


def _levels(form: Form, name: str, parts: Iterable[str], how: str) -> dict[str, int]:
    levels: dict[str, int] = {}
    for part in parts:
        match = _LEVEL.fullmatch(part)
        if match is None:
            form.errors[name] = how
        else:
            levels[match[1].lower()] = int(match[2])
    return levels


def write_levels(levels: Mapping[str, int], *, between: str = "\n") -> str:
    """What `read_levels` reads (`between` a comma: what `read_levels_in_a_line` reads)."""
    return between.join(f"{skill} {level}" for skill, level in sorted(levels.items()))

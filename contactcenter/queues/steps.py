"""How what a queue's work needs eases with time: skills dropped, other teams let in (ROUTING R9).

Stored as the router wants it, [[seconds, [[literal, …], …]], …]; people see and write `Easing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from contactcenter.core.errors import Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.events import QueueChanged
from contactcenter.queues.models import Queue
from contactcenter.queues.service import DAY_S, checked_level, ensure_skill

STEPS_MAX = 5
TEAM = "team:"


@dataclass(frozen=True, slots=True)
class Easing:
    """From `after_s` on, work needs `skills` (name → least level), of the queue's own team or of `team_id` as well."""

    after_s: int
    skills: dict[str, int] = field(default_factory=dict)
    team_id: int | None = None


def read_steps(queue: Queue) -> list[Easing]:
    """The steps of a queue, earliest first."""
    return [_read(after_s, alternatives) for after_s, alternatives in queue.steps]


def set_steps(session: Session, queue: Queue, steps: Sequence[Easing], *, actor: str) -> None:
    """Replace the steps. Raises Invalid (field "steps") for two at one time, too many, or a time beyond a day."""
    times = [step.after_s for step in steps]
    if len(times) > STEPS_MAX or len(set(times)) < len(times) or not all(0 < each <= DAY_S for each in times):
        message = _("Give each step its own time, from 1 to %(most)s seconds.", most=DAY_S)
        raise Invalid(message, field="steps")
    before = queue.steps
    queue.steps = [_written(session, step) for step in sorted(steps, key=lambda step: step.after_s)]
    if queue.steps == before:
        return
    queue.version += 1
    record(session, QueueChanged(queue.id, {"steps": [before, queue.steps]}), actor=actor, subject=Subject())


def _written(session: Session, step: Easing) -> list[Any]:  # Any: JSON
    literals = [
        f"{ensure_skill(session, name).name}>={checked_level(level)}"
        for name, level in sorted(step.skills.items())
    ]
    others = [[f"{TEAM}{step.team_id}", *literals]] if step.team_id is not None else []
    return [step.after_s, [literals, *others]]


def _read(after_s: int, alternatives: Sequence[Sequence[str]]) -> Easing:
    own, *others = alternatives
    levels = dict(literal.split(">=") for literal in own)
    team_id = int(others[0][0].removeprefix(TEAM)) if others else None
    return Easing(after_s, {name: int(level) for name, level in levels.items()}, team_id)

"""Set up queues: what work needs, who does it, when it is open."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.events import AgentSkillsChanged, HoursChanged, QueueChanged, QueueCreated
from contactcenter.queues.hours import checked_week
from contactcenter.queues.models import AgentSkill, BusinessHours, Holiday, Queue, QueueSkill, Skill

EDITABLE: Mapping[str, type] = {
    "name": str,
    "open": bool,
    "priority": int,
    "ring_s": int,
    "wrap_up_s": int,
    "target_s": int,
    "service_level_pct": int,
    "service_level_s": int,
    "first_reply_s": int,
    "resolve_s": int,
    "sticky_s": int,
    "language_s": int,
    "silent_s": int,
    "may_pick": bool,
    "wrap_up_codes": list,
}
NAME_MAX = 80
CODES_MAX = 40
CODE_MAX = 60
NUMBER_MAX = 10_000_000  # seconds: four months of them
DAY_S = 86_400
RANGES = {
    "ring_s": (5, 600),
    "wrap_up_s": (0, 3600),
    "service_level_pct": (1, 100),
    "priority": (-100, 100),
    "sticky_s": (0, DAY_S),
    "language_s": (0, DAY_S),
    "silent_s": (0, DAY_S),
}


def number_range(field: str) -> tuple[int, int]:
    """The least and the greatest value of a number of EDITABLE."""
    return RANGES.get(field, (0, NUMBER_MAX))


def create_queue(
    session: Session, *, name: str, brand: Brand, team: Team, actor: str, **values: Any
) -> Queue:
    """A new queue of `brand`, worked by `team`. Raises Conflict if the brand has one of that name."""
    _refuse_namesake(session, name, brand.id)
    queue = Queue(name=_named(name), brand=brand, team=team)
    _apply(queue, values)
    session.add(queue)
    session.flush()  # the event needs the id
    session.refresh(queue)
    record(session, QueueCreated(queue.id, queue.name), actor=actor, subject=Subject())
    return queue


def edit_queue(
    session: Session, queue: Queue, version: int, changes: Mapping[str, Any], *, actor: str
) -> None:
    """Change fields of EDITABLE. Raises Conflict if somebody changed the queue since `version` was shown."""
    if queue.version != version:
        raise Conflict(_("Somebody changed this queue meanwhile. Reload and try again."))
    if "name" in changes:
        _refuse_namesake(session, changes["name"], queue.brand_id, but=queue.id)
    before = {name: getattr(queue, name) for name in changes if name in EDITABLE}
    _apply(queue, changes)
    queue.version += 1
    changed = {
        name: [old, getattr(queue, name)] for name, old in before.items() if old != getattr(queue, name)
    }
    if changed:
        record(session, QueueChanged(queue.id, changed), actor=actor, subject=Subject())


def place_queue(
    session: Session, queue: Queue, *, team: Team, hours: BusinessHours | None, actor: str
) -> None:
    """Give a queue to another team, or other opening hours (None: always open)."""
    before = {"team_id": queue.team_id, "hours_id": queue.hours_id}
    queue.team, queue.hours = team, hours
    session.flush()  # the ids follow the objects
    changed = {
        name: [old, getattr(queue, name)] for name, old in before.items() if old != getattr(queue, name)
    }
    if changed:
        queue.version += 1
        record(session, QueueChanged(queue.id, changed), actor=actor, subject=Subject())


def require_skills(session: Session, queue: Queue, levels: Mapping[str, int], *, actor: str) -> None:
    """Let work of `queue` need these skills (name → least level 1–5); skills not known yet are created."""
    queue.skills = [
        QueueSkill(skill=ensure_skill(session, name), min_level=checked_level(level))
        for name, level in levels.items()
    ]
    queue.version += 1
    session.flush()  # relationship rows before the event
    record(session, QueueChanged(queue.id, {"skills": [None, dict(levels)]}), actor=actor, subject=Subject())


def set_agent_skills(session: Session, user_id: int, levels: Mapping[str, int], *, actor: str) -> None:
    """Replace what a person can do (skill name → level 1–5): it is shown and edited as a part of the person."""
    session.get_one(User, user_id).version += 1
    session.execute(delete(AgentSkill).where(AgentSkill.user_id == user_id))
    for name, level in levels.items():
        session.add(
            AgentSkill(user_id=user_id, skill=ensure_skill(session, name), level=checked_level(level))
        )
    session.flush()  # the router reads the rows when told by the event's subscriber
    record(session, AgentSkillsChanged(user_id, dict(levels)), actor=actor, subject=Subject(user_id=user_id))


def agent_levels(session: Session, user_id: int) -> dict[str, int]:
    """What a person can do: skill name → level."""
    rows = session.scalars(select(AgentSkill).where(AgentSkill.user_id == user_id))
    return {row.skill.name: row.level for row in rows}


def ensure_skill(session: Session, name: str) -> Skill:
    """The skill of that name, created if it is new. Raises Invalid for a name with other than a-z 0-9 _ -."""
    plain = name.strip().lower()
    if not plain or not plain.replace("_", "").replace("-", "").isalnum():
        raise Invalid(
            _("A skill's name has letters, digits, - and _ only: %(name)s", name=name), field="skills"
        )
    skill = session.scalar(select(Skill).where(Skill.name == plain))
    if skill is None:
        skill = Skill(name=plain, label=name.strip())
        session.add(skill)
        session.flush()  # rows that point at it follow
    return skill


def name_hours(session: Session, hours: BusinessHours, *, name: str, zone: str) -> None:
    """Call opening hours `name`, in IANA `zone`; `save_hours` records it. Raises Conflict for a name in use."""
    if not name.strip():
        raise Invalid(_("Give a name."), field="name")
    with session.no_autoflush:
        others = select(BusinessHours.id).where(BusinessHours.name == name.strip())
        taken = [other for other in session.scalars(others) if other != hours.id]
    if taken:
        raise Conflict(_("There are opening hours of this name already."), details=[{"field": "name"}])
    hours.name, hours.zone = name.strip()[:80], zone


def edit_hours(
    session: Session,
    hours: BusinessHours,
    version: int,
    *,
    name: str,
    zone: str,
    week: Any,  # Any: checked day by day
    holidays: Mapping[date, str],
    actor: str,
) -> None:
    """Change all of them. Raises Conflict if somebody changed them since `version` was shown."""
    if hours.version != version:
        raise Conflict(_("Somebody changed these opening hours meanwhile. Reload and try again."))
    name_hours(session, hours, name=name, zone=zone)
    save_hours(session, hours, week, holidays, actor=actor)


def save_hours(
    session: Session, hours: BusinessHours, week: Any, holidays: Mapping[date, str], *, actor: str
) -> BusinessHours:
    """Keep a week (validated) and its holidays (day → name)."""
    hours.week = checked_week(week)
    hours.holidays = []
    if hours.id:
        hours.version += 1
    session.add(hours)
    session.flush()  # the old days must be gone before the same days come again
    hours.holidays = [Holiday(day=day, name=name) for day, name in sorted(holidays.items())]
    session.flush()  # the event needs the id
    record(session, HoursChanged(hours.id, hours.name), actor=actor, subject=Subject())
    return hours


def _refuse_namesake(session: Session, name: object, brand_id: int, *, but: int | None = None) -> None:
    called = _named(name)
    with session.no_autoflush:
        namesake = session.scalar(select(Queue.id).where(Queue.name == called, Queue.brand_id == brand_id))
    if namesake not in (None, but):
        message = _("This brand already has a queue called %(name)s.", name=called)
        raise Conflict(message, details=[{"field": "name"}])


def _named(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise Invalid(_("Give the queue a name."), field="name")
    if len(name.strip()) > NAME_MAX:
        raise Invalid(_("At most %(n)s characters.", n=NAME_MAX), field="name")
    return name.strip()


def _apply(queue: Queue, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(queue, name, _checked(name, value))


def _checked(name: str, value: Any) -> Any:  # Any: a form value on its way to being typed
    if name not in EDITABLE or type(value) is not EDITABLE[name]:  # True is no number of seconds
        raise Invalid(_("%(field)s cannot be set to that.", field=name), field=name)
    if isinstance(value, str):
        return _named(value)
    if isinstance(value, list):
        return _checked_codes(value)
    low, high = number_range(name)
    if isinstance(value, int) and not low <= value <= high:
        message = _("%(field)s must be between %(low)s and %(high)s.", field=name, low=low, high=high)
        raise Invalid(message, field=name)
    return value


def _checked_codes(codes: Sequence[object]) -> list[str]:
    """The words in their order, without empty ones. Raises Invalid for too many, a long one or one that comes twice."""
    words = [" ".join(code.split()) for code in codes if isinstance(code, str)]
    found = [word for word in words if word]
    apart = {word.casefold() for word in found}
    if len(words) < len(codes) or len(found) > CODES_MAX or any(len(word) > CODE_MAX for word in found):
        message = _("At most %(n)s codes of %(length)s characters.", n=CODES_MAX, length=CODE_MAX)
        raise Invalid(message, field="wrap_up_codes")
    if len(apart) < len(found):
        raise Invalid(_("Write each code once."), field="wrap_up_codes")
    return found


def checked_level(level: int) -> int:
    """A level of skill. Raises Invalid outside 1 to 5."""
    if not 1 <= level <= 5:
        raise Invalid(_("A skill level is between 1 and 5."), field="skills")
    return level

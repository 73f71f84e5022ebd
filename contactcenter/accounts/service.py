"""People who work here: create, edit, deactivate, set passwords. Teams and brands have files of their own."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.events import PasswordChanged, UserChanged, UserCreated, UserDeactivated
from contactcenter.accounts.models import Role, Team, User
from contactcenter.accounts.passwords import check_password, hash_password, password_fits
from contactcenter.accounts.sessions import revoke_all_sessions
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _

THEMES = ("auto", "light", "dark")
EDITABLE = (
    "name",
    "email",
    "roles",
    "team_id",
    "language",
    "speaks",
    "zone",
    "theme",
    "single_keys",
    "undo_chat",
)
ADMINISTRATORS_LOCK = 7_301_001  # who counts the others waits for who may just leave them
OWN = (
    "name",
    "language",
    "zone",
    "theme",
    "single_keys",
    "undo_chat",
)  # what people may change about themselves
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]{1,190}")

Values = Mapping[str, Any]  # Any: each field is checked by its rule below


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    roles: Collection[str],
    actor: str,
    **values: Any,  # Any: further fields of EDITABLE
) -> User:
    """Somebody new who can sign in; he speaks the language he reads, if nothing else is said.

    Raises Invalid by field, Conflict if the e-mail address is taken.
    """
    email = _checked_email(email)
    _refuse_namesake(session, email)
    user = User(email=email, password_hash=hash_password(check_password(password, email=email)))
    speaks = [values.get("language", "en")]
    _apply(session, user, {"name": name, "roles": roles, "speaks": speaks, **values})
    session.add(user)
    session.flush()  # the event needs the id
    record(
        session, UserCreated(list(user.roles), service=False), actor=actor, subject=Subject(user_id=user.id)
    )
    return user


def edit_user(session: Session, user: User, version: int, changes: Values, *, actor: str) -> None:
    """Change fields of EDITABLE. Raises Conflict if somebody changed the user since `version` was shown."""
    if user.version != version:
        raise Conflict(_("Somebody changed this person meanwhile. Reload and try again."))
    before = {field: getattr(user, field) for field in changes}
    _apply(session, user, changes)
    _keep_an_administrator(session, user)
    changed = [field for field, old in before.items() if getattr(user, field) != old]
    if changed:
        user.version += 1
        event = UserChanged(changed, list(user.roles))
        record(session, event, actor=actor, subject=Subject(user_id=user.id))


def edit_own_settings(session: Session, user: User, changes: Values) -> None:
    """Change what is one's own to change; of two windows the later one wins, nobody else is concerned."""
    own = {field: value for field, value in changes.items() if field in OWN}
    edit_user(session, user, user.version, own, actor=user.actor)


def deactivate_user(session: Session, user: User, *, actor: str) -> None:
    """Let somebody in no more, at once; what he did stays. Raises Conflict for the last administrator."""
    if not user.active:
        return
    user.active = False
    user.version += 1
    _keep_an_administrator(session, user)
    revoke_all_sessions(session, user, actor=actor)
    record(session, UserDeactivated(), actor=actor, subject=Subject(user_id=user.id))


def reactivate_user(session: Session, user: User, *, actor: str) -> None:
    """Let somebody in again, with the password and roles of before."""
    if user.active:
        return
    user.active = True
    user.version += 1
    event = UserChanged(["active"], list(user.roles))
    record(session, event, actor=actor, subject=Subject(user_id=user.id))


def set_password(session: Session, user: User, password: str, *, actor: str, keep: int | None = None) -> None:
    """Give a new password; every session ends but the one with the id `keep`. Raises Invalid for a weak one."""
    user.password_hash = hash_password(check_password(password, email=user.email))
    revoke_all_sessions(session, user, actor=actor, but=keep)
    record(session, PasswordChanged(), actor=actor, subject=Subject(user_id=user.id))


def change_own_password(session: Session, user: User, old: str, new: str, *, keep: int | None) -> None:
    """Set a new password by proving the old one. Raises Invalid at `old_password` if it is wrong."""
    if not password_fits(user.password_hash, old):
        raise Invalid(_("That is not your present password."), field="old_password")
    set_password(session, user, new, actor=user.actor, keep=keep)


def list_people(session: Session) -> Sequence[User]:
    """Everybody who signs in (no programs), active ones first, by name."""
    people = select(User).where(User.service.is_(False)).options(joinedload(User.team))
    return session.scalars(people.order_by(User.active.desc(), User.name, User.id)).all()


def has_people(session: Session) -> bool:
    """Whether anybody can sign in at all; False only in a fresh installation."""
    return session.scalar(select(User.id).where(User.service.is_(False)).limit(1)) is not None


def _apply(session: Session, user: User, values: Values) -> None:
    for field, value in values.items():
        if field not in EDITABLE:
            raise Invalid(_("%(field)s cannot be changed here.", field=field), field=field)
        setattr(user, field, _checked(session, user, field, value))


def _checked(session: Session, user: User, field: str, value: Any) -> Any:  # Any: of the field's type
    if field == "email":
        return _checked_new_email(session, user, value)
    if field == "name":
        return checked_name(value)
    if field == "roles":
        return _checked_roles(value)
    if field == "team_id":
        return _checked_team(session, value)
    if field in {"single_keys", "undo_chat"}:
        return bool(value)
    if field == "speaks":
        return [_one_of(each, LANGUAGES, field) for each in value]
    return _one_of(value, _CHOICES[field](), field)


_CHOICES = {
    "language": lambda: LANGUAGES,
    "theme": lambda: THEMES,
    "zone": available_timezones,
}


def _one_of(value: object, choices: Collection[str], field: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Invalid(_("Choose one of the offered values."), field=field)
    return value


def checked_name(name: object) -> str:
    """A name without white space around it. Raises Invalid for none, or one beyond 100 characters."""
    if not isinstance(name, str) or not name.strip():
        raise Invalid(_("Give a name."), field="name")
    if len(name.strip()) > 100:
        raise Invalid(_("A name has at most %(n)s characters.", n=100), field="name")
    return name.strip()


def _checked_email(email: object) -> str:
    if not isinstance(email, str) or not _EMAIL.fullmatch(email.strip()):
        raise Invalid(_("Give an e-mail address like name@example.com."), field="email")
    return email.strip().lower()


def _checked_new_email(session: Session, user: User, email: object) -> str:
    checked = _checked_email(email)
    if checked != user.email:
        _refuse_namesake(session, checked)
    return checked


def _refuse_namesake(session: Session, email: str) -> None:
    with session.no_autoflush:
        taken = session.scalar(select(User.id).where(User.email == email))
    if taken is not None:
        raise Conflict(_("Somebody with this e-mail address exists already."), details=[{"field": "email"}])


def _checked_roles(roles: object) -> list[str]:
    known = {role.value for role in Role}
    if not isinstance(roles, Collection) or isinstance(roles, str) or not roles:
        raise Invalid(_("Choose at least one role."), field="roles")
    if not set(roles) <= known:
        raise Invalid(_("Choose one of the offered values."), field="roles")
    return [role.value for role in Role if role in roles]


def _checked_team(session: Session, team_id: object) -> int | None:
    if team_id is None:
        return None
    if not isinstance(team_id, int) or session.get(Team, team_id) is None:
        raise Invalid(_("There is no such team."), field="team_id")
    return team_id


def _keep_an_administrator(session: Session, user: User) -> None:
    """An installation that nobody can set up any more would be lost: also if two lock each other out at once."""
    if user.has(Role.ADMINISTRATOR):
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADMINISTRATORS_LOCK})
    others = select(func.count()).select_from(User)
    others = others.where(User.active, User.service.is_(False), User.id != user.id)
    if not session.scalar(others.where(User.roles.contains([Role.ADMINISTRATOR.value]))):
        raise Conflict(_("This is the last administrator. Make somebody else one first."))

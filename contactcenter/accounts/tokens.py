"""API tokens: keys for programs, each held by a service user whose role and team say what it may do and see."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.events import TokenCreated, TokenRevoked, UserCreated
from contactcenter.accounts.models import ApiToken, Role, Team, User
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.core.security import digest

PREFIX = "cdr_"  # lets scanners of leaked secrets recognise one
TOUCH_EVERY_S = 60
NARROWED = (Role.AGENT, Role.SUPERVISOR)  # the roles that see the work of their team


def create_token(
    session: Session,
    role: Role,
    *,
    name: str = "",
    team: Team | None = None,
    read_only: bool = False,
    actor: str,
) -> str:
    """A new token that may do what `role` may, in the work of `team` (None: of all). Raises Invalid, Conflict.

    Only its digest is kept: the return value is never seen again.
    """
    if team is not None and role not in NARROWED:
        raise Invalid(_("A team narrows what agents and supervisors see, no other role."), field="team_id")
    user = _service_user(session, role, team, actor)
    return create_token_for(session, user, name=name or role.value, read_only=read_only, actor=actor)


def create_token_for(session: Session, user: User, *, name: str, read_only: bool = False, actor: str) -> str:
    """A new token that acts as `user`. Raises Invalid for one without a name."""
    if not name.strip():
        raise Invalid(_("Give the token a name."), field="name")
    token = PREFIX + new_token()
    row = ApiToken(name=name.strip()[:80], digest=digest(token), user=user, read_only=read_only)
    session.add(row)
    session.flush()  # the event needs the id
    event = TokenCreated(row.id, list(user.roles), user.team_id, read_only)
    record(session, event, actor=actor, subject=Subject(user_id=user.id))
    return token


def _service_user(session: Session, role: Role, team: Team | None, actor: str) -> User:
    login = role.value if team is None else f"{role.value}.team-{team.id}"
    email = f"{login}@service.invalid"
    found = session.scalar(select(User).where(User.email == email))
    if found is not None:
        return _as_asked(found, role, team)
    user = User(email=email, name=f"API ({role.value})", password_hash="", roles=[role.value], service=True)
    user.team = team
    session.add(user)
    session.flush()  # the event needs the id
    record(session, UserCreated([role.value], service=True), actor=actor, subject=Subject(user_id=user.id))
    return user


def _as_asked(user: User, role: Role, team: Team | None) -> User:
    """Raises Conflict if the program's user was changed: its token would do nothing, or more than was asked for."""
    team_id = team.id if team is not None else None
    if not (user.active and user.service and user.roles == [role.value] and user.team_id == team_id):
        raise Conflict(
            _("The user of these programs, %(email)s, was changed or deactivated.", email=user.email)
        )
    return user


def find_token(session: Session, token: str) -> ApiToken | None:
    """The token's row, its user and team loaded; None if it is unknown, revoked or its user inactive."""
    query = select(ApiToken).where(ApiToken.digest == digest(token), ApiToken.revoked_at.is_(None))
    row = session.scalar(query.options(joinedload(ApiToken.user).joinedload(User.team)))
    if row is None or not row.user.active:
        return None
    if row.last_used_at is None or (clock.now() - row.last_used_at).total_seconds() >= TOUCH_EVERY_S:
        row.last_used_at = clock.now()
    return row


def list_tokens(session: Session) -> Sequence[ApiToken]:
    """The tokens that still work, the newest first, each with its user and team."""
    working = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())
    return session.scalars(working.options(joinedload(ApiToken.user).joinedload(User.team))).all()


def revoke_token(session: Session, token_id: int, *, actor: str) -> None:
    """Let a token work no longer. Raises NotFound."""
    row = session.get(ApiToken, token_id)
    if row is None:
        raise NotFound(_("There is no such token."))
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        record(session, TokenRevoked(row.id), actor=actor, subject=Subject(user_id=row.user_id))

"""Signed-in browsers: sign in, stay, sign out, and see where one is signed in."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.events import SessionRevoked, SignedIn, SignInFailed
from contactcenter.accounts.models import User, UserSession
from contactcenter.accounts.passwords import password_fits
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.errors import NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.core.security import digest

LONGEST = timedelta(days=7)  # however busy, a session ends then
TOUCH_EVERY = timedelta(minutes=1)  # so that reading a page is not a write each time


def sign_in(session: Session, email: str, password: str, browser: str) -> str | None:
    """A new session's token for the cookie, or None: wrong password, unknown and inactive look and take the same.

    The caller limits how often one address may try; both outcomes are recorded, so commit either way.
    """
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    fits = password_fits(user.password_hash if user and user.active else None, password)
    if user is None or not fits:
        _record_failure(session, user)
        return None
    return start_session(session, user, browser)


def _record_failure(session: Session, user: User | None) -> None:
    reason = "unknown" if user is None else "password" if user.active else "inactive"
    subject = Subject(user_id=user.id if user else None)
    record(session, SignInFailed(reason), actor=user.actor if user else "system", subject=subject)


def start_session(session: Session, user: User, browser: str) -> str:
    """Sign `user` in without asking for a password (the caller has proof); returns the cookie's token."""
    token, now = new_token(), clock.now()
    row = UserSession(digest=digest(token), user=user, browser=browser[:200], created_at=now, seen_at=now)
    row.expires_at = _expiry(row, now)
    session.add(row)
    session.flush()  # the event needs the id
    record(session, SignedIn(row.id), actor=user.actor, subject=Subject(user_id=user.id))
    return token


def _expiry(row: UserSession, now: datetime) -> datetime:
    idle = timedelta(hours=get_settings().session_idle_h)
    return min(now + idle, row.created_at + LONGEST)


def find_session(session: Session, token: str, *, used: bool = True) -> UserSession | None:
    """The living session of a cookie's token, its user and team loaded; being `used` puts its end off."""
    query = select(UserSession).where(UserSession.digest == digest(token), UserSession.revoked_at.is_(None))
    row = session.scalar(query.options(joinedload(UserSession.user).joinedload(User.team)))
    now = clock.now()
    if row is None or row.expires_at <= now or not row.user.active:
        return None
    if used and is_stale(row):
        row.seen_at, row.expires_at = now, _expiry(row, now)
    return row


def is_stale(row: UserSession) -> bool:
    """Whether its use is worth writing down again."""
    return clock.now() - row.seen_at >= TOUCH_EVERY


def living_sessions(session: Session, tokens: Collection[str]) -> set[str]:
    """Those of `tokens` that sign somebody in, in one query; looking is not using."""
    by_digest = {digest(token): token for token in tokens}
    living = (
        select(UserSession.digest)
        .join(UserSession.user)
        .where(
            UserSession.digest.in_(by_digest),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > clock.now(),
            User.active,
        )
    )
    return {by_digest[found] for found in session.scalars(living)}


def list_sessions(session: Session, user: User) -> Sequence[UserSession]:
    """The living sessions of `user`, the latest used first."""
    living = select(UserSession).where(
        UserSession.user_id == user.id,
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > clock.now(),
    )
    return session.scalars(living.order_by(UserSession.seen_at.desc(), UserSession.id.desc())).all()


def sign_out(session: Session, token: str) -> None:
    """End the session of a cookie's token; nothing happens if there is none."""
    row = session.scalar(select(UserSession).where(UserSession.digest == digest(token)))
    if row is not None and row.revoked_at is None:
        _revoke(session, row, row.user.actor)


def revoke_session(session: Session, user: User, session_id: int) -> None:
    """End one of the user's own sessions. Raises NotFound for any other id, so that ids tell nothing."""
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != user.id:
        raise NotFound(_("There is no such session."))
    if row.revoked_at is None:
        _revoke(session, row, user.actor)


def revoke_all_sessions(session: Session, user: User, *, actor: str, but: int | None = None) -> None:
    """End every session of `user` except the one with the id `but`: after a new password, or when he leaves."""
    for row in list_sessions(session, user):
        if row.id != but:
            _revoke(session, row, actor)


def _revoke(session: Session, row: UserSession, actor: str) -> None:
    row.revoked_at = clock.now()
    record(session, SessionRevoked(row.id), actor=actor, subject=Subject(user_id=row.user_id))

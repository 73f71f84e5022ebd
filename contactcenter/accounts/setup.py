"""The first administrator: whoever can read the terminal proves it with a one-time code."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contactcenter.accounts.models import OneTimeCode, Role, User
from contactcenter.accounts.service import create_user, has_people
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import readable_code
from contactcenter.core.security import digest

PURPOSE = "first_administrator"
VALID_FOR = timedelta(hours=24)
CODE_LENGTH = 12


def issue_first_code(session: Session) -> str | None:
    """A code to show in the terminal; codes issued before stop working. None once anybody can sign in."""
    if has_people(session):
        return None
    unused = update(OneTimeCode).where(OneTimeCode.purpose == PURPOSE, OneTimeCode.used_at.is_(None))
    session.execute(unused.values(used_at=clock.now()))
    code = readable_code(CODE_LENGTH)
    row = OneTimeCode(purpose=PURPOSE, digest=digest(code), expires_at=clock.now() + VALID_FOR)
    session.add(row)
    return code


def create_first_administrator(session: Session, code: str, *, name: str, email: str, password: str) -> User:
    """The administrator of a fresh installation. Raises Conflict if there is one, Invalid for a wrong code."""
    _use_code(session, code)
    if has_people(session):
        raise Conflict(_("Candor has been set up already. Sign in."))
    roles = [Role.ADMINISTRATOR.value]
    return create_user(session, email=email, name=name, password=password, roles=roles, actor="system")


def _use_code(session: Session, code: str) -> None:
    """Compare-and-set, so that of two who send the same code at once one wins."""
    matching = select(OneTimeCode.id).where(
        OneTimeCode.purpose == PURPOSE,
        OneTimeCode.digest == digest(code.strip().lower()),
        OneTimeCode.expires_at > clock.now(),
    )
    claim = update(OneTimeCode).where(OneTimeCode.id.in_(matching), OneTimeCode.used_at.is_(None))
    if session.execute(claim.values(used_at=clock.now()).returning(OneTimeCode.id)).first() is None:
        raise Invalid(_("This code is wrong or out of date. The terminal shows the right one."), field="code")

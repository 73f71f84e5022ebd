"""Systems that may report what became of remedies: who they are, and how they prove it.

A source holds one secret, or several while they are changed. It sends it (`Authorization: Bearer …`), or signs with it
what it sends, where it cannot keep one ready for every call. It opens the door for reports and no other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from contactcenter.complaints.events import SecretCreated, SecretEnded, SourceCreated, SourceEnded
from contactcenter.complaints.lint import is_independent_system
from contactcenter.complaints.models import ReportSecret, ReportSource
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.db import lock_row
from contactcenter.core.errors import Conflict, Invalid, NotFound, NotSignedIn
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.core.security import digest, is_signed, seal, unseal

PREFIX = "cdrs_"  # lets scanners of leaked secrets recognise one
SECRETS_MAX = 3
TOLERANCE_S = 300
TOUCH_EVERY_S = 60
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
SIGNATURE = re.compile(r"t=(\d{1,11}),v1=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Made:
    """A source with a new secret, which nobody sees again."""

    source: ReportSource
    secret: str


def create_source(session: Session, name: str, *, actor: str) -> Made:
    """A source with its first secret. Raises Invalid for a name that proofs cannot carry, Conflict for one in use."""
    if not NAME.fullmatch(name) or not is_independent_system(name):
        raise Invalid(
            _("A name has 2 to 40 small letters, digits, dots and dashes, and names a system, like stripe."),
            field="name",
        )
    if session.scalar(select(ReportSource.id).where(ReportSource.name == name)) is not None:
        raise Conflict(_("There is a source of this name."), details=[{"field": "name"}])
    source = ReportSource(name=name)
    session.add(source)
    record(session, SourceCreated(name), actor=actor, subject=Subject())
    return Made(source, _add_secret(session, source, actor))


def add_secret(session: Session, source_id: int, *, actor: str) -> Made:
    """One more secret, to change to: both work until the old one is ended. Raises NotFound, Conflict beyond SECRETS_MAX."""
    source = _living(session, source_id)
    if len(working(source)) >= SECRETS_MAX:
        raise Conflict(_("End a secret that is no longer used before you make another."))
    return Made(source, _add_secret(session, source, actor))


def end_secret(session: Session, source_id: int, secret_id: int, *, actor: str) -> None:
    """Let a secret work no longer. Raises NotFound."""
    source = _living(session, source_id)
    found = next((one for one in working(source) if one.id == secret_id), None)
    if found is None:
        raise NotFound(_("There is no such secret."))
    found.ended_at = clock.now()
    record(session, SecretEnded(source.name, found.id), actor=actor, subject=Subject())


def end_source(session: Session, source_id: int, *, actor: str) -> None:
    """Hear this system no more; what it reported stays. Raises NotFound."""
    source = _living(session, source_id)
    source.ended_at = clock.now()
    record(session, SourceEnded(source.name), actor=actor, subject=Subject())


def list_sources(session: Session) -> Sequence[ReportSource]:
    """Those that are heard, by name, each with its secrets."""
    query = select(ReportSource).where(ReportSource.ended_at.is_(None)).order_by(ReportSource.name)
    return session.scalars(query.options(selectinload(ReportSource.secrets))).all()


def working(source: ReportSource) -> list[ReportSecret]:
    """The secrets that a source may use now."""
    return [one for one in source.secrets if one.ended_at is None]


def source_of_secret(session: Session, secret: str | None) -> ReportSource:
    """Who sent this secret. Raises NotSignedIn."""
    query = (
        select(ReportSecret, ReportSource)
        .join(ReportSource, ReportSecret.source_id == ReportSource.id)
        .where(ReportSecret.digest == digest(secret or ""))
        .where(ReportSecret.ended_at.is_(None), ReportSource.ended_at.is_(None))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotSignedIn(_("Send the secret of a source: Authorization: Bearer …"))
    used, source = found
    _touch(used)
    return source


def source_of_signature(session: Session, name: str, signature: str, body: bytes) -> ReportSource:
    """Whether `name` signed these bytes just now: `t=SECONDS,v1=HEX`, the HMAC-SHA-256 of `SECONDS.` and the body.

    Raises NotSignedIn: with one sentence for whatever is wrong, and another for a good signature that is too old.
    """
    source = session.scalar(
        select(ReportSource).where(ReportSource.name == name, ReportSource.ended_at.is_(None))
    )
    read = SIGNATURE.fullmatch(signature)
    used = _signer(source, read[1], read[2], body) if source and read else None
    if source is None or read is None or used is None:
        raise NotSignedIn(_("The signature does not fit what was sent."))
    if abs(clock.now().timestamp() - int(read[1])) > TOLERANCE_S:
        raise NotSignedIn(_("This was not signed within the last five minutes. Sign it anew."))
    _touch(used)
    return source


def _signer(source: ReportSource, seconds: str, hexed: str, body: bytes) -> ReportSecret | None:
    signed = seconds.encode() + b"." + body
    keys = ((one, unseal(get_settings().secret_keys, one.sealed)) for one in working(source))
    return next((one for one, key in keys if key is not None and is_signed(key, signed, hexed)), None)


def _add_secret(session: Session, source: ReportSource, actor: str) -> str:
    secret = PREFIX + new_token()
    row = ReportSecret(digest=digest(secret), sealed=seal(get_settings().secret_key, secret))
    source.secrets.append(row)
    session.flush()  # the event needs the id
    record(session, SecretCreated(source.name, row.id), actor=actor, subject=Subject())
    return secret


def _living(session: Session, source_id: int) -> ReportSource:
    source = lock_row(session, ReportSource, source_id)
    if source is None or source.ended_at is not None:
        raise NotFound(_("There is no such source."))
    return source


def _touch(secret: ReportSecret) -> None:
    now = clock.now()
    if secret.last_used_at is None or (now - secret.last_used_at).total_seconds() >= TOUCH_EVERY_S:
        secret.last_used_at = now

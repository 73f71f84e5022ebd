"""Sending once: who repeats a request with the same key gets the first answer again, and nothing is done twice.

The key, the work and its answer are one transaction. A twin that arrives meanwhile waits at the unique key for the
first to commit and then reads its answer; if the first fails, nothing is remembered and the twin does the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.db import Base, Id
from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import gettext as _
from contactcenter.core.resealing import SEALED
from contactcenter.core.security import seal, unseal

KEPT_FOR = timedelta(hours=24)


class IdempotencyKey(Base):
    """A request that is done: `scope` is who sent it where, `asked` the digest of what.

    The answer is sealed, for it holds people's data and links that are told only once.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[Id]
    scope: Mapped[str]
    key: Mapped[str]
    asked: Mapped[str]
    answer: Mapped[str | None] = mapped_column(info=SEALED)
    expires_at: Mapped[datetime]


class KeyReused(DomainError):
    """A key stands for one request; this one stands for another."""

    status = 422
    code = "key_reused"


@dataclass(frozen=True, slots=True)
class Done:
    """`repeated`: this was the answer of an earlier request."""

    answer: str
    repeated: bool = False


def do_once(session: Session, scope: str, key: str, asked: bytes, work: Callable[[], str]) -> Done:
    """The answer of `work`, run at most once for `key` within `scope`. Raises KeyReused if it came with other words."""
    digest = sha256(asked).hexdigest()
    row_id = _claim(session, scope, key, digest)
    if row_id is None:
        return _remembered(session, scope, key, digest)
    answer = work()
    row = session.get_one(IdempotencyKey, row_id)
    row.answer = seal(get_settings().secret_key, answer)
    return Done(answer)


def _claim(session: Session, scope: str, key: str, digest: str) -> int | None:
    """The row to fill in, or None if the key is taken; one out of date is as good as none."""
    now = clock.now()
    values = {"asked": digest, "answer": None, "expires_at": now + KEPT_FOR}
    claim = insert(IdempotencyKey).values(scope=scope, key=key, **values)
    free = claim.on_conflict_do_update(
        index_elements=["scope", "key"], set_=values, where=IdempotencyKey.expires_at <= now
    )
    return session.scalar(free.returning(IdempotencyKey.id))


def _remembered(session: Session, scope: str, key: str, digest: str) -> Done:
    row = session.scalars(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    ).one()
    answer = unseal(get_settings().secret_keys, row.answer or "")
    if row.asked != digest or answer is None:
        raise KeyReused(
            _("This was sent already, with other words. Look at what arrived before you send it again.")
        )
    return Done(answer, repeated=True)

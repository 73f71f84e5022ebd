"""A case's own key: personal values are encrypted with it, committed to by it, and gone when it is destroyed."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contactcenter.complaints.chain import SEALED
from contactcenter.complaints.model import Data, Event
from contactcenter.complaints.models import ComplaintCase, ComplaintEvent, ComplaintValue, RemedyReport
from contactcenter.core.config import get_settings
from contactcenter.core.security import seal, unseal

_KEY_BYTES = 32


def new_case_key() -> str:
    """A fresh key, sealed for the database with the installation's key."""
    return seal(get_settings().secret_key, secrets.token_hex(_KEY_BYTES))


def open_key(case: ComplaintCase) -> str | None:
    """The case's key as 64 hex digits; None once it was destroyed."""
    return unseal(get_settings().secret_keys, case.case_key) if case.case_key else None


def commitment_key(case: ComplaintCase) -> bytes:
    """The bytes that commitments are made with; of an erased case nothing can be committed to any more."""
    return bytes.fromhex(open_key(case) or "")


def lock_away(case: ComplaintCase, text: str) -> str:
    """Encrypt a text of this case. The caller has made sure that the key still exists."""
    key = open_key(case)
    if key is None:
        raise ValueError("the key of this case has been destroyed")
    return seal(key, text)


def bring_out(case: ComplaintCase, sealed: str) -> str | None:
    """The text again, or None if the key is gone."""
    key = open_key(case)
    return unseal(key, sealed) if key else None


def store_event(session: Session, case: ComplaintCase, event: Event) -> None:
    """Append one link of the chain, its plain data beside it under the case's key."""
    session.add(
        ComplaintEvent(
            case_id=case.id,
            seq=event.seq,
            at=event.at,
            name=event.name,
            by=event.by,
            data=dict(event.sealed),
            digest=event.digest,
        )
    )
    if event.data != event.sealed:
        plain = lock_away(case, json.dumps(event.data, ensure_ascii=False))
        session.add(ComplaintValue(case_id=case.id, seq=event.seq, sealed=plain))


def load_events(session: Session, case: ComplaintCase) -> list[Event]:
    """The chain in order; personal values where the key still opens them, else blank."""
    rows = session.scalars(
        select(ComplaintEvent).where(ComplaintEvent.case_id == case.id).order_by(ComplaintEvent.seq)
    ).all()
    values = _values(session, case, rows)
    return [
        Event(
            row.seq, row.at, row.name, row.by, values.get(row.seq) or _blanked(row.data), row.data, row.digest
        )
        for row in rows
    ]


def _values(session: Session, case: ComplaintCase, rows: Sequence[ComplaintEvent]) -> dict[int, Data]:
    if not rows or case.case_key is None:
        return {}
    query = select(ComplaintValue).where(ComplaintValue.case_id == case.id)
    opened = ((row.seq, bring_out(case, row.sealed)) for row in session.scalars(query))
    return {seq: _data(text) for seq, text in opened if text is not None}


def _blanked(data: Data) -> dict[str, Any]:  # Any: JSON
    """The data of an erased case: codes and dates stay, what was sealed is empty."""
    return {name: _blank(value) for name, value in data.items()}


def _blank(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return "" if set(value) == {SEALED} else _blanked(value)
    return [_blank(item) for item in value] if isinstance(value, list) else value


def _data(text: str) -> dict[str, Any]:  # Any: JSON
    data: dict[str, Any] = json.loads(text)
    return data


def shred(session: Session, case: ComplaintCase) -> None:
    """Destroy the key, what it closed and what other systems told; the chain stays and still verifies (SPEC §2.4)."""
    case.case_key, case.fact_words, case.fact_vector, case.fact_method = None, {}, None, ""
    session.execute(delete(ComplaintValue).where(ComplaintValue.case_id == case.id))
    session.execute(delete(RemedyReport).where(RemedyReport.case_id == case.id))

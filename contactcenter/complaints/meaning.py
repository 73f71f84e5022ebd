"""What the agreed facts of a case mean, as a model reads them: asked for, kept, and asked for again of a newer model.

From a plain direction much of the text could be guessed back, so it is sealed; with the key of the installation and not of
its case, because two hundred are opened for one comparison. Erasing the case takes both away.
"""

from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.folding import fold
from contactcenter.complaints.likeness import Direction
from contactcenter.complaints.machine import machine_of
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.vault import load_events
from contactcenter.core import outbox
from contactcenter.core.config import get_settings
from contactcenter.core.outbox import OutboxRow
from contactcenter.core.security import seal, unseal

READ_FACTS = "nlp.facts"
CATCH_UP = "nlp.facts_catch_up"
BATCH = 20

Read = Callable[[Sequence[str]], bytes]
"""A model's: facts → their direction, as signed bytes."""


def ask_to_read(session: Session, case: ComplaintCase, seq: int) -> None:
    """The facts of the case have changed with its event `seq`: a worker is to read them."""
    outbox.enqueue(session, READ_FACTS, {"case_id": case.id}, key=f"{READ_FACTS}:{case.id}:{seq}")


def read_facts(session: Session, case_id: int, method: str, read: Read) -> None:
    """Keep what the facts mean, unless this model has read them or there are none (any more)."""
    case = session.get(ComplaintCase, case_id, with_for_update=True, populate_existing=True)
    if case is None or case.case_key is None or case.fact_method == method:
        return
    told = fold(load_events(session, case), machine_of(case.pack)).key_points
    points = [point for point in told if point.strip()]
    if points:
        case.fact_vector, case.fact_method = sealed(read(points)), method


def sealed(direction: bytes) -> str:
    """A direction as it is kept."""
    return seal(get_settings().secret_key, b64encode(direction).decode())


def direction_of(kept: str | None) -> Direction | None:
    """The direction again, or None where there is none or the key has changed."""
    opened = unseal(get_settings().secret_keys, kept) if kept else None
    return array("b", b64decode(opened)) if opened else None


def plan_catching_up(session: Session) -> None:
    """A model has been loaded that may be a new one: earlier cases are to be read with it, unless that goes on already."""
    waiting = select(OutboxRow.id).where(OutboxRow.task == CATCH_UP, OutboxRow.done_at.is_(None))
    if session.scalar(waiting.limit(1)) is None:
        outbox.enqueue(session, CATCH_UP, {"after": 0})


def catch_up(session: Session, after: int, method: str) -> None:
    """Ask for the next cases beyond the number `after` whose facts this model has not read, then for those that follow.

    A few at a time and each in its own transaction: messages that come meanwhile wait for one batch, people for one case.
    """
    behind = select(ComplaintCase.id).where(
        ComplaintCase.id > after,
        ComplaintCase.fact_words != {},  # neither erased nor without facts
        ComplaintCase.fact_method != method,
    )
    case_ids = session.scalars(behind.order_by(ComplaintCase.id).limit(BATCH)).all()
    for case_id in case_ids:
        outbox.enqueue(session, READ_FACTS, {"case_id": case_id})
    if len(case_ids) == BATCH:
        outbox.enqueue(session, CATCH_UP, {"after": case_ids[-1]})

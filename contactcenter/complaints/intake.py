"""Take what another system reports of a remedy: keep it as it came, then let it count where it can."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.complaints.context import context_of
from contactcenter.complaints.events import RemedyReported
from contactcenter.complaints.folding import fold
from contactcenter.complaints.model import SYSTEM
from contactcenter.complaints.models import ComplaintCase, RemedyReport, ReportSource
from contactcenter.complaints.proofs import CORRECTION, REFUND, is_undone
from contactcenter.complaints.record import about_case
from contactcenter.complaints.references import read_reference
from contactcenter.complaints.service import act_for_time, apply, find_case, lock_case
from contactcenter.complaints.vault import load_events
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import seal

OLDEST = timedelta(days=20 * 365)
# Time enough to see that a reference was wrong, or that its complaint was erased.
STRAYS_KEPT = timedelta(days=90)
AHEAD = timedelta(minutes=5)  # clocks differ
CURRENCY_N = 3
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it was understood; `raw` is how it came."""

    reference: str
    id: str
    kind: str
    status: str
    amount: int | None
    currency: str | None
    occurred_at: datetime
    raw: str
    before: str | None = None
    after: str | None = None


def take_report(session: Session, source: ReportSource, told: Told) -> bool:
    """Keep it, and do what follows from it; False if it was told before. Nothing in the outcome says what complaints exist.

    Raises Invalid for an amount or date that cannot be, Conflict if the same was told before in other words.
    """
    _refuse_absurd(told)
    case = _case_of(session, told.reference)
    if not _keep(session, source, case, told):
        return False
    heard = RemedyReported(case.reference if case else None, source.name, told.kind, told.status)
    record(session, heard, actor=SYSTEM, subject=about_case(case) if case else Subject())
    if case is not None:
        _let_it_count(session, case, source, told)
    return True


def _case_of(session: Session, reference: str) -> ComplaintCase | None:
    """The case, held until the unit of work ends: a report that only pointed at it could not lock it later beside a twin.

    None for one that was erased: nothing is kept of it any more.
    """
    written = read_reference(reference)
    case = find_case(session, written) if written else None
    if case is None:
        return None
    lock_case(session, case)
    return case if case.case_key is not None else None


def _refuse_absurd(told: Told) -> None:
    if (told.kind == REFUND) != (told.amount is not None and told.currency is not None):
        raise Invalid(_("A refund has an amount and a currency, nothing else has."), field="amount")
    if told.currency is not None and not _is_currency(told.currency):
        raise Invalid(_("Write the currency in three capital letters, like GBP."), field="currency")
    _refuse_no_correction(told)
    now = clock.now()
    if not now - OLDEST <= told.occurred_at <= now + AHEAD:
        raise Invalid(_("This date lies in the future, or too far back."), field="occurred_at")


def _refuse_no_correction(told: Told) -> None:
    digests = [one for one in (told.before, told.after) if one is not None]
    if len(digests) != (2 if told.kind == CORRECTION else 0):
        raise Invalid(
            _("A correction has the record's digests before and after, nothing else has."), field="before"
        )
    if not all(SHA256.fullmatch(one) for one in digests):
        raise Invalid(_("A digest is a SHA-256: 64 digits and letters from a to f."), field="before")
    if digests and told.before == told.after:
        raise Invalid(_("These digests are equal: nothing was corrected."), field="after")


def _is_currency(word: str) -> bool:
    return len(word) == CURRENCY_N and word.isascii() and word.isalpha() and word.isupper()


def _keep(session: Session, source: ReportSource, case: ComplaintCase | None, told: Told) -> bool:
    """Once for each thing and status of the source; the first word stands. Known or not, a reference has one way to be written."""
    said = {
        "reference": read_reference(told.reference) or told.reference,
        "kind": told.kind,
        "amount": told.amount,
        "currency": told.currency,
        "before": told.before,
        "after": told.after,
    }
    key = {"source_id": source.id, "external_id": told.id, "status": told.status}
    row = {
        **said,
        **key,
        "case_id": case.id if case else None,
        "occurred_at": told.occurred_at,
        "sealed": seal(get_settings().secret_key, told.raw),
        "created_at": clock.now(),
    }
    once = insert(RemedyReport).values(row).on_conflict_do_nothing(index_elements=list(key))
    if session.scalar(once.returning(RemedyReport.id)) is not None:
        return True
    before = session.scalars(select(RemedyReport).filter_by(**key)).one()
    if any(getattr(before, name) != value for name, value in said.items()):
        raise Conflict(_("This id and status were reported before, with other words."))
    return False


def _let_it_count(session: Session, case: ComplaintCase, source: ReportSource, told: Told) -> None:
    """A remedy that was taken back is owed again; a case that waited for this report goes on."""
    context = context_of(session, case)
    facts = fold(load_events(session, case), context.machine)
    if facts.state == "remedy_done" and is_undone(context, facts):
        apply(session, case, "verify_fail", SYSTEM, {"cause": f"{source.name} {told.id}: {told.status}"})
    act_for_time(session, case)

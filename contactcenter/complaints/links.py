"""Tracking links: how a customer follows and answers a complaint without an account."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contactcenter.complaints.events import LinksRevoked
from contactcenter.complaints.models import ComplaintCase, ComplaintLink
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.events import Subject, record
from contactcenter.core.ids import new_token
from contactcenter.core.security import digest

LIFETIME = timedelta(days=30)


def issue_link(session: Session, case: ComplaintCase) -> str:
    """A new link to the status page of one case; only its digest is kept, so it is printed now or never."""
    token = new_token()
    now = clock.now()
    session.add(
        ComplaintLink(case_id=case.id, digest=digest(token), created_at=now, expires_at=now + LIFETIME)
    )
    return link_of(token)


def link_of(token: str) -> str:
    """The address of the status page for a token."""
    return f"{get_settings().base_url}/complaint/{token}"


def case_behind(session: Session, token: str) -> ComplaintCase | None:
    """The case of a living link; reading never uses a link up, it gives it 30 more days."""
    now = clock.now()
    link = session.scalar(
        select(ComplaintLink).where(ComplaintLink.digest == digest(token), ComplaintLink.expires_at > now)
    )
    if link is None:
        return None
    _slide(link, now)
    return session.get(ComplaintCase, link.case_id)


def _slide(link: ComplaintLink, now: datetime) -> None:
    """Once a day is enough; page views need not write."""
    if link.expires_at < now + LIFETIME - timedelta(days=1):
        link.expires_at = now + LIFETIME


def revoke_links(session: Session, case: ComplaintCase, *, actor: str) -> int:
    """End every link of a case, for instance because a mail went to the wrong person; how many still lived."""
    living = count_links(session, case)
    session.execute(delete(ComplaintLink).where(ComplaintLink.case_id == case.id))
    about = Subject(ticket_id=case.ticket_id, customer_id=case.customer_id)
    record(session, LinksRevoked(case.reference, living), actor=actor, subject=about)
    return living


def count_links(session: Session, case: ComplaintCase) -> int:
    """How many links to this case still open it."""
    living = select(func.count()).where(
        ComplaintLink.case_id == case.id, ComplaintLink.expires_at > clock.now()
    )
    return session.scalar(living) or 0

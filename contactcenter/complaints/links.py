"""Tracking links: how a customer follows and answers a complaint without an account."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase, ComplaintLink
from contactcenter.core import clock
from contactcenter.core.config import get_settings
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


def revoke_links(session: Session, case: ComplaintCase) -> None:
    """End every link of a case, for instance because a mail went to the wrong person."""
    session.execute(delete(ComplaintLink).where(ComplaintLink.case_id == case.id))

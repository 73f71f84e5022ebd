"""Find and fill in canned replies."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contactcenter.knowledge.models import CannedReply


def canned_replies(session: Session, *, brand_id: int, language: str) -> Sequence[CannedReply]:
    """Those of a brand (or of all brands) in the customer's language, by title."""
    query = select(CannedReply).where(
        CannedReply.language == language,
        or_(CannedReply.brand_id.is_(None), CannedReply.brand_id == brand_id),
    )
    return session.scalars(query.order_by(CannedReply.title, CannedReply.id)).all()


def fill_in(body: str, *, customer: str, agent: str, ticket: int) -> str:
    """The text with its three placeholders filled; anything else in braces stays as it is."""
    words = {"{customer}": customer, "{agent}": agent, "{ticket}": str(ticket)}
    for placeholder, word in words.items():
        body = body.replace(placeholder, word)
    return body

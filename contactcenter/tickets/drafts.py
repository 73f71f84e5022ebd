"""What somebody has typed and not sent yet: theirs alone, one reply and one note per ticket."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core import clock
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.tickets.models import Draft, Ticket

DRAFT_MAX = 200_000


def keep_draft(session: Session, user: User, ticket: Ticket, body: str, *, internal: bool) -> None:
    """Keep what is typed so far; an empty text forgets the draft. No event: nobody else is meant to know."""
    if len(body) > DRAFT_MAX:
        raise Invalid(
            _("The message is longer than %(n)s characters. Send it in parts.", n=DRAFT_MAX), field="body"
        )
    if not body.strip():
        drop_draft(session, user, ticket, internal=internal)
        return
    row = {"ticket_id": ticket.id, "user_id": user.id, "internal": internal}
    fresh = {"body": body, "updated_at": clock.now()}
    statement = insert(Draft).values(**row, **fresh)
    session.execute(statement.on_conflict_do_update(index_elements=list(row), set_=fresh))


def drop_draft(session: Session, user: User, ticket: Ticket, *, internal: bool) -> None:
    """Forget the draft, because it was sent or emptied."""
    session.execute(
        delete(Draft).where(
            Draft.ticket_id == ticket.id, Draft.user_id == user.id, Draft.internal.is_(internal)
        )
    )


def drafts_of(session: Session, user: User, ticket: Ticket) -> tuple[str, str]:
    """The user's draft reply and draft note on a ticket; empty where there is none."""
    query = select(Draft.internal, Draft.body).where(Draft.ticket_id == ticket.id, Draft.user_id == user.id)
    bodies = {row.internal: row.body for row in session.execute(query)}
    return bodies.get(False, ""), bodies.get(True, "")

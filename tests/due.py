"""Let fall due what is due, as the clock process does, inside the test's own transaction."""

from sqlalchemy.orm import Session

from contactcenter.core.timers import claim_due, fire


def fire_next(session: Session) -> bool:
    """Run the handler of one due timer; False when nothing is due."""
    row = claim_due(session)
    if row is None:
        return False
    fire(session, row)
    return True

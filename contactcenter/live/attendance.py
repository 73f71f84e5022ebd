"""Which agents are here, as the console sockets of this process show."""

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.connection import socket_gone
from contactcenter.assignment.presence import lock_presence
from contactcenter.edge.sids import Sids
from contactcenter.live.rooms import Who


def here(consoles: Sids[Who]) -> set[int]:
    """Whose consoles this process holds."""
    return {who.user_id for who in consoles.values()}


def note_gone(session: Session, consoles: Sids[Who], user_id: int) -> None:
    """The last console of somebody has gone, unless he came back while we waited for his presence."""
    lock_presence(session, user_id)
    if user_id not in here(consoles):
        socket_gone(session, session.get_one(User, user_id))

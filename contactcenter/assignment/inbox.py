"""Tell the router what changed: a row in the transaction of the change, and a wake-up when it commits.

A row says only *what* to read again, never what to do. The router compares the database with what it holds in memory,
so a row that comes late, twice or out of order does no harm.
"""

from typing import Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from contactcenter.assignment.models import RouterInbox
from contactcenter.core import clock
from contactcenter.core.db import notify

CHANNEL = "router"
_INSERT = insert(RouterInbox)  # made once, for it is used with every change
Command = Literal["conversation", "agent", "queue", "definitions"]


def tell_router(session: Session, command: Command, id: int = 0) -> None:
    """Let the router read this conversation, agent or queue again; `definitions` are skills, teams, hours: everything."""
    session.execute(_INSERT, {"command": command, "data": {"id": id}, "at": clock.now()})
    notify(session, CHANNEL)

"""Tell the router what changed: a row in the transaction of the change, and a wake-up when it commits.

A row says only *what* to read again, never what to do. The router compares the database with what it holds in memory,
so a row that comes late, twice or out of order does no harm.
"""

from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from contactcenter.core import clock

CHANNEL = "router"
# As text and in one round trip, for it comes with every change.
_TELL = text("""
WITH told AS (
  INSERT INTO router_inbox (command, data, at, created_at) VALUES (:command, jsonb_build_object('id', :id), :at, :at)
)
SELECT pg_notify(:channel, '')
""")
Command = Literal["conversation", "agent", "queue", "definitions"]


def tell_router(session: Session, command: Command, id: int = 0) -> None:
    """Let the router read this conversation, agent or queue again; `definitions` are skills, teams, hours: everything."""
    session.execute(_TELL, {"command": command, "id": id, "channel": CHANNEL, "at": clock.now()})

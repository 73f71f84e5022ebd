"""Whether an agent's console is there: who vanishes becomes away, and his chats and calls go to somebody else.

A web process notes which agents it holds sockets of. Its own death is noticed by a timer that it keeps pushing forward.
"""

import os
import secrets
import socket
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.events import WebProcessGone
from contactcenter.assignment.handover import put_back_live_work
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.models import ConsoleConnection, PresenceState
from contactcenter.assignment.presence import (
    CONNECTION_LOST,
    LIVE_CHANNELS,
    change_state,
    leave_wrap_up,
    lock_presence,
)
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.events import Subject, record
from contactcenter.core.timers import cancel_timer, set_timer

VANISHED_TIMER = "assignment.agent_vanished"
PROCESS_TIMER = "assignment.web_process_gone"
HEARTBEAT_EVERY_S = 10
SILENT_FOR_S = 30
LATE = timedelta(seconds=10)
STARTED = secrets.token_hex(4)  # after a restart the same number may be another process


def process_name() -> str:
    """This web process among all of them, the earlier ones included."""
    return f"{socket.gethostname()}:{os.getpid()}:{STARTED}"


def socket_connected(session: Session, user: User) -> None:
    """This process holds a console socket of `user`: he is there, and no longer about to be away."""
    row = {"process": process_name(), "user_id": user.id}
    session.execute(insert(ConsoleConnection).values(row).on_conflict_do_nothing())
    lock_presence(session, user.id).sockets_gone_at = None
    cancel_timer(session, VANISHED_TIMER, str(user.id))


def socket_gone(session: Session, user: User) -> None:
    """The last console socket of `user` in this process is gone; if no other has one, the clock starts to run."""
    _disconnect(session, process_name(), user.id, get_settings().vanish_after_s)


def connected_here(session: Session) -> set[int]:
    """The agents of whom this process has noted a socket."""
    query = select(ConsoleConnection.user_id).where(ConsoleConnection.process == process_name())
    return set(session.scalars(query))


def keep_process_alive(session: Session) -> None:
    """A web process says every HEARTBEAT_EVERY_S that it still holds its sockets."""
    _expect_word_of(session, process_name())


def _expect_word_of(session: Session, process: str) -> None:
    due_at = clock.after(SILENT_FOR_S)
    set_timer(session, PROCESS_TIMER, process, due_at, {"process": process, "due_at": due_at.isoformat()})


def on_process_silent(session: Session, args: dict[str, Any]) -> None:
    """Timer: a web process has died with its sockets. It was silent long enough: nobody waits any longer.

    A timer that fires late says that the database or the clocks were away, and then no process could be heard.
    """
    due_at = datetime.fromisoformat(args["due_at"])
    if clock.now() - due_at > LATE:
        _expect_word_of(session, args["process"])
        return
    gone = WebProcessGone(args["process"], (due_at - timedelta(seconds=SILENT_FOR_S)).isoformat())
    record(session, gone, actor="system", subject=Subject())
    query = select(ConsoleConnection.user_id).where(ConsoleConnection.process == args["process"])
    for user_id in session.scalars(query.order_by(ConsoleConnection.user_id)).all():
        _disconnect(session, args["process"], user_id, 0)


def _disconnect(session: Session, process: str, user_id: int, wait_s: float) -> None:
    presence = lock_presence(session, user_id)
    gone = delete(ConsoleConnection).where(
        ConsoleConnection.process == process, ConsoleConnection.user_id == user_id
    )
    session.execute(gone)
    elsewhere = select(ConsoleConnection.process).where(ConsoleConnection.user_id == user_id)
    if session.scalar(elsewhere.limit(1)) is None:
        presence.sockets_gone_at = clock.now()
        set_timer(session, VANISHED_TIMER, str(user_id), clock.after(wait_s), {"user_id": user_id})


def on_agent_vanished(session: Session, args: dict[str, int]) -> None:
    """Timer: the console has been gone too long."""
    lose_agent(session, args["user_id"])


def lose_agent(session: Session, user_id: int, channels: Collection[str] = LIVE_CHANNELS) -> None:
    """He cannot be reached: his live work on `channels` moves on; who was on a break stays there."""
    put_back_live_work(session, user_id, channels)
    presence = lock_presence(session, user_id)
    presence.then_break = None
    leave_wrap_up(session, presence)
    if presence.state != PresenceState.BREAK:
        change_state(session, presence, PresenceState.AWAY, CONNECTION_LOST, by="system")
    tell_router(session, "agent", user_id)

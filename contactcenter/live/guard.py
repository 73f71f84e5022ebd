"""Look after the sockets of this process: those of ended sessions are closed, and those that broke unseen forgotten."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from flask_socketio import SocketIO

from contactcenter.accounts.sessions import find_session
from contactcenter.assignment.connection import HEARTBEAT_EVERY_S, keep_process_alive
from contactcenter.channels.voice.lines import forget_lost_sockets
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger

log = get_logger(__name__)


class SignedIn(Protocol):
    """Behind a socket: the session it was opened with, '' for a visitor, who has none."""

    @property
    def token(self) -> str: ...


class Sockets(Protocol):
    """Those of one namespace that this process holds (`Sids`)."""

    def items(self) -> Iterable[tuple[str, SignedIn]]: ...


Doors = Mapping[str, Sockets]
"""Namespace → its sockets."""


def watch_sessions(socketio: SocketIO, doors: Doors) -> None:
    """Background loop of a web process: say that it lives, and look at every open socket's session."""
    while True:
        try:
            end_stale(socketio, doors)
        except Exception:  # the loop must outlive every turn: without it all agents here would count as gone
            log.exception("guard_failed")
        socketio.sleep(HEARTBEAT_EVERY_S)


def end_stale(socketio: SocketIO, doors: Doors) -> int:
    """Disconnect sockets whose session no longer signs anybody in; how many."""
    sockets = ((space, sid, who) for space, sids in doors.items() for sid, who in sids.items())
    held = [(space, sid, who.token) for space, sid, who in sockets if who.token]
    with unit_of_work() as session:
        keep_process_alive(session)
        if VOICE in doors:
            forget_lost_sockets(session, [sid for sid, _ in doors[VOICE].items()])
        # Looking is not using: a console left open must not keep its session alive.
        alive = {token: find_session(session, token, used=False) is not None for _, _, token in held}
    stale = [(space, sid) for space, sid, token in held if not alive[token]]
    for space, sid in stale:
        socketio.server.disconnect(sid, namespace=space)
    return len(stale)

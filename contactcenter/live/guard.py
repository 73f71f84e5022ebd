"""Look after the sockets of a web process: nobody hears more than he may, and nobody counts as here who is gone.

Every HEARTBEAT_EVERY_S, with a few queries however many sockets there are.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from flask_socketio import SocketIO
from socketio import Server

from contactcenter.accounts.sessions import living_sessions
from contactcenter.assignment.connection import HEARTBEAT_EVERY_S, connected_here, keep_process_alive
from contactcenter.channels.voice.lines import forget_lost_sockets
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger
from contactcenter.edge.sids import Sids
from contactcenter.live.attendance import here, note_gone
from contactcenter.live.door import Door
from contactcenter.live.rights import changes_since
from contactcenter.live.rooms import Who

log = get_logger(__name__)

LOOK_BACK = timedelta(seconds=60)  # a transaction that took longer is not found in the log
BEGIN_NO_EARLIER = timedelta(seconds=5)


class SignedIn(Protocol):
    """Behind a socket: the session it was opened with, '' for a visitor, who has none."""

    @property
    def token(self) -> str: ...


class Sockets(Protocol):
    """Those of one namespace that this process holds (`Sids`)."""

    def items(self) -> Iterable[tuple[str, SignedIn]]: ...


class Guard:
    """Of one web process. `sockets`: namespace → its sockets, of which `consoles` make agents present."""

    def __init__(
        self, server: Server, door: Door, consoles: Sids[Who], sockets: Mapping[str, Sockets]
    ) -> None:
        self._server, self._door, self._consoles, self._sockets = server, door, consoles, sockets
        self._began_at = clock.now()

    def watch(self, socketio: SocketIO) -> None:
        """Background loop: look, for ever."""
        while True:
            try:
                self.look()
            except (
                Exception
            ):  # the loop must outlive every turn: without it all agents here would count as gone
                log.exception("guard_failed")
            socketio.sleep(HEARTBEAT_EVERY_S)

    def look(self) -> None:
        """Say that this process lives, then mend what its sockets and the database disagree on."""
        self.keep_alive()
        self.end_stale()
        self.catch_up_with_rights()
        self.forget_gone()

    def keep_alive(self) -> None:
        with unit_of_work() as session:
            keep_process_alive(session)

    def end_stale(self) -> int:
        """Disconnect sockets whose session no longer signs anybody in; how many."""
        sockets = ((space, sid, who) for space, sids in self._sockets.items() for sid, who in sids.items())
        held = [(space, sid, who.token) for space, sid, who in sockets if who.token]
        with unit_of_work() as session:
            living = living_sessions(session, {token for _, _, token in held})
        stale = [(space, sid) for space, sid, token in held if token not in living]
        for space, sid in stale:
            self._server.disconnect(sid, namespace=space)
        return len(stale)

    def catch_up_with_rights(self) -> None:
        """Put out those whose rights changed without our being told: the line was broken, or nobody could tell."""
        since = max(clock.now() - LOOK_BACK, self._began_at - BEGIN_NO_EARLIER)
        with unit_of_work() as session:
            changes = changes_since(session, since)
        for change in changes:
            self._door.put_out(change)

    def forget_gone(self) -> None:
        """Agents and calls whose last socket went while the database was away, and so unnoticed."""
        with unit_of_work() as session:
            for user_id in sorted(connected_here(session) - here(self._consoles)):
                note_gone(session, self._consoles, user_id)
            forget_lost_sockets(session, [sid for sid, _side in self._sockets[VOICE].items()])

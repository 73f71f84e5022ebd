"""End the sockets of sessions that ended: a revoked session or a locked account hears nothing more."""

from flask_socketio import SocketIO
from sqlalchemy.exc import OperationalError

from contactcenter.accounts.sessions import find_session
from contactcenter.assignment.connection import HEARTBEAT_EVERY_S, keep_process_alive
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger
from contactcenter.edge.sids import Sids
from contactcenter.live.rooms import NAMESPACE
from contactcenter.live.sockets import Who

log = get_logger(__name__)


def watch_sessions(socketio: SocketIO, sids: "Sids[Who]") -> None:
    """Background loop of a web process: say that it lives, and look at every open socket's session."""
    while True:
        try:
            end_stale(socketio, sids)
        except OperationalError as error:  # the database restarts; the next turn finds it
            log.warning("database_away", reason=type(error.orig).__name__)
        socketio.sleep(HEARTBEAT_EVERY_S)


def end_stale(socketio: SocketIO, sids: "Sids[Who]") -> int:
    """Disconnect sockets whose session no longer signs anybody in; how many."""
    with unit_of_work() as session:
        keep_process_alive(session)
        tokens = {who.token for who in sids.values()}
        # Looking is not using: a console left open must not keep its session alive.
        alive = {token: find_session(session, token, used=False) is not None for token in tokens}
    stale = [sid for sid, who in sids.items() if not alive.get(who.token, False)]
    for sid in stale:
        socketio.server.disconnect(sid, namespace=NAMESPACE)
    return len(stale)

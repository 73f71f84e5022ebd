"""End the sockets of sessions that ended: a revoked session or a locked account hears nothing more."""

from flask_socketio import SocketIO

from contactcenter.core.db import unit_of_work
from contactcenter.edge.sessions import user_of_token
from contactcenter.live.rooms import NAMESPACE
from contactcenter.live.sids import Sids
from contactcenter.live.sockets import Who

LOOK_EVERY_S = 20


def watch_sessions(socketio: SocketIO, sids: "Sids[Who]") -> None:
    """Background loop of a web process: look at every open socket's session each LOOK_EVERY_S seconds."""
    while True:
        socketio.sleep(LOOK_EVERY_S)
        end_stale(socketio, sids)


def end_stale(socketio: SocketIO, sids: "Sids[Who]") -> int:
    """Disconnect sockets whose session no longer signs anybody in; how many."""
    with unit_of_work() as session:
        alive = {who.token: user_of_token(session, who.token) is not None for who in sids.values()}
    stale = [sid for sid, who in sids.items() if not alive.get(who.token, False)]
    for sid in stale:
        socketio.server.disconnect(sid, namespace=NAMESPACE)
    return len(stale)

"""Put the sockets on a Flask application."""

from flask import Flask
from flask_socketio import SocketIO

from contactcenter.channels.chat import sockets as chat
from contactcenter.channels.voice import push as voice_push
from contactcenter.channels.voice import sockets as voice
from contactcenter.core.config import Settings
from contactcenter.edge.sids import Sids
from contactcenter.live import rooms
from contactcenter.live import sockets as console
from contactcenter.live.guard import watch_sessions
from contactcenter.live.server import AsyncMode, create_socketio


def attach_sockets(
    app: Flask, settings: Settings, *, async_mode: AsyncMode, watched: bool = True
) -> SocketIO:
    """Every namespace on one server; `watched` starts the loop that ends the sockets of ended sessions."""
    socketio = create_socketio(app, settings, async_mode)
    sids: Sids[console.Who] = Sids()
    console.register(socketio, sids)
    chat.register(socketio)
    calls: Sids[voice.Side] = Sids()
    voice.register(socketio, calls)
    app.extensions["candor.sids"] = sids
    if watched:
        doors = {rooms.NAMESPACE: sids, voice_push.NAMESPACE: calls}
        socketio.start_background_task(watch_sessions, socketio, doors)
    return socketio

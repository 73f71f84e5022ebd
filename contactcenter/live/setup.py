"""Put the sockets on a Flask application."""

from flask import Flask
from flask_socketio import SocketIO

from contactcenter.channels.chat import sockets as chat
from contactcenter.channels.voice import push as voice_push
from contactcenter.channels.voice import sockets as voice
from contactcenter.core.config import Settings
from contactcenter.core.push import Payload
from contactcenter.edge.sids import Sids
from contactcenter.live import rooms
from contactcenter.live import sockets as console
from contactcenter.live.door import Door
from contactcenter.live.guard import Guard, Sockets
from contactcenter.live.server import AsyncMode, create_socketio


def attach_sockets(
    app: Flask, settings: Settings, *, async_mode: AsyncMode, watched: bool = True
) -> SocketIO:
    """Every namespace on one server; `watched` starts the loop that ends the sockets of ended sessions."""
    consoles: Sids[rooms.Who] = Sids()
    phones: Sids[voice.Side] = Sids()

    def hear(word: str, notice: Payload) -> None:
        door.hear(word, notice)

    socketio = create_socketio(app, settings, async_mode, hear)
    door = Door(socketio.server, consoles, phones)
    console.register(socketio, consoles, door)
    chat.register(socketio)
    voice.register(socketio, phones, door.let_in)
    sockets: dict[str, Sockets] = {rooms.NAMESPACE: consoles, voice_push.NAMESPACE: phones}
    guard = Guard(socketio.server, door, consoles, sockets)
    app.extensions["candor.guard"] = guard
    if watched:
        socketio.start_background_task(guard.watch, socketio)
    return socketio

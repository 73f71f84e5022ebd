"""The Socket.IO server of a web process: WebSocket only, same origin only, in order, fanned out through Redis."""

from typing import Any, Literal

from flask import Flask
from flask_socketio import SocketIO
from socketio import RedisManager

from contactcenter.core import push
from contactcenter.core.config import Settings

AsyncMode = Literal["gevent", "threading"]
PING_EVERY_S = 20
MAX_FRAME_BYTES = 512 * 1024


def create_socketio(app: Flask, settings: Settings, async_mode: AsyncMode) -> SocketIO:
    """The server on `app`; pushes of this process leave through it, and so reach its own sockets without Redis.

    `async_handlers=False` keeps the messages of one client in order. `cors_allowed_origins=None` means same origin
    ([] would accept everybody). With a trusted PUBLIC_URL that origin counts as ours, too.
    """
    manager = RedisManager(settings.redis_url) if settings.redis_url else None
    origins = [settings.base_url] if settings.public_url else None
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        client_manager=manager,
        transports=["websocket"],
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=origins,
        ping_interval=PING_EVERY_S,
        ping_timeout=PING_EVERY_S,
        max_http_buffer_size=MAX_FRAME_BYTES,
        logger=False,
    )

    def emit(event: str, payload: dict[str, Any], *, room: str, namespace: str) -> None:  # Any: JSON
        socketio.emit(event, payload, to=room, namespace=namespace)

    push.use(emit)
    return socketio

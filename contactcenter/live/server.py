"""The Socket.IO server of a web process: WebSocket only, same origin only, in order, fanned out through Redis."""

from collections.abc import Collection
from typing import Any, Literal

from flask import Flask
from flask_socketio import SocketIO

from contactcenter.core import push
from contactcenter.core.config import Settings
from contactcenter.core.fanout import Fanout
from contactcenter.core.urls import read_url
from contactcenter.live.line import MAX_FRAME_BYTES, bound_lines
from contactcenter.live.parcel import Parcel

AsyncMode = Literal["gevent", "threading"]
PING_EVERY_S = 20
SILENT_S = 2.5 * PING_EVERY_S


def create_socketio(app: Flask, settings: Settings, async_mode: AsyncMode, hear: push.Crier) -> SocketIO:
    """The server on `app`; pushes of this process leave through it, and so reach its own sockets without Redis.

    `hear` gets what processes tell each other. `async_handlers=False` keeps the messages of one client in order.
    """

    def is_ours(origin: str | None, environ: dict[str, Any]) -> bool:  # Any: WSGI's
        """The same rule as for forms: the site that was asked for, as trusted proxies say it, or PUBLIC_URL."""
        return read_url(origin or "").netloc in (environ.get("HTTP_HOST"), read_url(settings.base_url).netloc)

    fanout = Fanout(settings.redis_url, hear) if settings.redis_url else None
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        client_manager=fanout,
        transports=["websocket"],
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=is_ours,
        ping_interval=PING_EVERY_S,
        ping_timeout=PING_EVERY_S,
        max_http_buffer_size=MAX_FRAME_BYTES,
        serializer=Parcel,
        logger=False,
    )
    bound_lines(socketio.server, SILENT_S)

    def emit(event: str, payload: push.Payload, *, room: str, namespace: str) -> None:
        socketio.emit(event, payload, to=room, namespace=namespace)

    def heard_here(rooms: Collection[str], namespace: str) -> Collection[str]:
        return set(rooms) & set(socketio.server.manager.rooms.get(namespace, {}))

    if fanout is None:
        push.use(emit, heard_here, hear)
    else:
        push.use(emit, fanout.heard, fanout.tell_processes)
    return socketio

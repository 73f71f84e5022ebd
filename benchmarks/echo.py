"""The bare server of `bench_chat.py`: python-socketio under gunicorn and gevent as we run it, and nothing behind it.

`message` goes to the room of its writer, and is acknowledged; `join` enters a room.
"""

from gevent import monkey

monkey.patch_all()

from typing import Any  # noqa: E402  the patch must come first

import socketio  # noqa: E402

server = socketio.Server(
    async_mode="gevent", transports=["websocket"], async_handlers=False, cors_allowed_origins="*"
)
app = socketio.WSGIApp(server)


@server.on("join", namespace="/chat")  # type: ignore[untyped-decorator]  # the library ships no types
def join(sid: str, data: dict[str, Any]) -> dict[str, Any]:
    server.enter_room(sid, data["room"], namespace="/chat")
    return {"ok": True}


@server.on("message", namespace="/chat")  # type: ignore[untyped-decorator]  # as above
def message(sid: str, data: dict[str, Any]) -> dict[str, Any]:
    for room in server.rooms(sid, namespace="/chat"):
        if room != sid:
            server.emit("message", data, room=room, namespace="/chat")
    return {"seq": 1}

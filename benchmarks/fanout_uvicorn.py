"""The rival of `bench_fanout.py`: python-socketio's AsyncServer with its Redis manager; `uvicorn benchmarks.fanout_uvicorn:app`.

Everybody who connects is in the room `all`. Needs uvicorn[standard], python-socketio and redis, and nothing of ours.
"""

import os
from typing import Any

import socketio

server = socketio.AsyncServer(
    async_mode="asgi",
    transports=["websocket"],
    cors_allowed_origins="*",
    client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]),
)
app = socketio.ASGIApp(server)


@server.on("connect", namespace="/chat")  # type: ignore[untyped-decorator]  # the library ships no types
async def connect(sid: str, _environ: dict[str, Any], _auth: object) -> None:
    await server.enter_room(sid, "all", namespace="/chat")

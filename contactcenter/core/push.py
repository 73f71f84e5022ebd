"""Tell browsers, best effort: what is missed is replayed by sequence number, so nothing here may fail a caller."""

from typing import Any, Protocol

import redis
from socketio import RedisManager

from contactcenter.core.logs import get_logger

log = get_logger(__name__)
Payload = dict[str, Any]  # Any: JSON


class Emitter(Protocol):
    """Sends one event to everybody in a room of a namespace."""

    def __call__(self, event: str, payload: Payload, *, room: str, namespace: str) -> None: ...


def _nobody(event: str, payload: Payload, *, room: str, namespace: str) -> None:
    """Commands and tests without browsers: nobody listens."""


_emitter: Emitter = _nobody


def use(emitter: Emitter) -> None:
    """Send through `emitter` from now on: the web server's own, or a test's collector."""
    global _emitter  # noqa: PLW0603  the process's one way out, set once by its entry point
    _emitter = emitter


def connect(redis_url: str) -> None:
    """Send through Redis to whichever web process holds the sockets; for workers, router and clock."""
    manager = RedisManager(redis_url, write_only=True)

    def emit(event: str, payload: Payload, *, room: str, namespace: str) -> None:
        manager.emit(event, payload, namespace=namespace, room=room)

    use(emit)


def emit(event: str, payload: Payload, *, room: str, namespace: str = "/console") -> None:
    """Send `payload` to a room; a broker that is away costs a log line, never the caller's work."""
    try:
        _emitter(event, payload, room=room, namespace=namespace)
    except (redis.RedisError, OSError) as error:
        log.warning("push_failed", room=room, reason=type(error).__name__)

"""Tell browsers, best effort: what is missed is fetched by sequence number, so nothing here may fail a caller."""

from collections.abc import Collection
from typing import Any, Protocol

from contactcenter.core.db import memory
from contactcenter.core.fanout import Fanout

Payload = dict[str, Any]  # Any: JSON


class Emitter(Protocol):
    """Sends one event to everybody in a room of a namespace."""

    def __call__(self, event: str, payload: Payload, *, room: str, namespace: str) -> None: ...


class Audience(Protocol):
    """Which of these rooms somebody may be in."""

    def __call__(self, rooms: Collection[str], namespace: str) -> Collection[str]: ...


class Crier(Protocol):
    """Says something to every web process."""

    def __call__(self, word: str, notice: Payload) -> None: ...


def _nobody(event: str, payload: Payload, *, room: str, namespace: str) -> None:
    """Commands and tests without browsers: nobody listens."""


def _perhaps_all(rooms: Collection[str], namespace: str) -> Collection[str]:  # noqa: ARG001  the shape of an Audience
    return rooms


def _no_process(word: str, notice: Payload) -> None:
    """The guards of the web processes find in the log what nobody told them."""


_emitter: Emitter = _nobody
_audience: Audience = _perhaps_all
_crier: Crier = _no_process


def use(emitter: Emitter, audience: Audience = _perhaps_all, crier: Crier = _no_process) -> None:
    """Send through these from now on: the web server's own, or a test's collector."""
    global _emitter, _audience, _crier  # the process's one way out, set once by its entry point
    _emitter, _audience, _crier = emitter, audience, crier


def connect(redis_url: str) -> None:
    """Send through Redis to whichever web process holds the sockets; for workers, router and clock."""
    line = Fanout(redis_url)

    def emit(event: str, payload: Payload, *, room: str, namespace: str) -> None:
        line.emit(event, payload, namespace=namespace, room=room)

    use(emit, line.heard, line.tell_processes)


def emit(event: str, payload: Payload, *, room: str, namespace: str = "/console") -> None:
    """Send `payload` to a room."""
    _emitter(event, payload, room=room, namespace=namespace)


def heard(*rooms: str, namespace: str = "/console") -> Collection[str]:
    """Those of `rooms` that somebody may be in; what nobody hears need not be made.

    Who joins afterwards fetches what there is then: ask after the commit, and nothing is lost. All who are told of one
    commit ask after it, so that once is enough for them.
    """
    known = memory()
    if known is None:
        return _audience(rooms, namespace)
    unknown = [room for room in rooms if (namespace, room) not in known]
    if unknown:
        found = set(_audience(unknown, namespace))
        known.update({(namespace, room): room in found for room in unknown})
    return {room for room in rooms if known[namespace, room]}


def tell_processes(word: str, notice: Payload) -> None:
    """Let every web process know, in the order of the pushes."""
    _crier(word, notice)

"""Which sockets this process holds, who is behind each, and how fast each may talk."""

import time
from collections.abc import Iterable
from typing import Generic, TypeVar

W = TypeVar("W")

EVENTS_PER_S = 10.0
BURST = 40.0


class Sids(Generic[W]):
    """From socket id to whoever opened it, with a token bucket each; copies may be walked while sockets come and go."""

    def __init__(self) -> None:
        self._known: dict[str, W] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def add(self, sid: str, who: W) -> None:
        self._known[sid] = who
        self._buckets[sid] = (BURST, time.monotonic())

    def get(self, sid: str) -> W | None:
        return self._known.get(sid)

    def remove(self, sid: str) -> W | None:
        self._buckets.pop(sid, None)
        return self._known.pop(sid, None)

    def values(self) -> Iterable[W]:
        return list(self._known.values())

    def items(self) -> Iterable[tuple[str, W]]:
        return list(self._known.items())

    def may_talk(self, sid: str) -> bool:
        """False when a socket sends more than EVENTS_PER_S for longer than its BURST lasts."""
        tokens, at = self._buckets.get(sid, (0.0, time.monotonic()))
        now = time.monotonic()
        tokens = min(BURST, tokens + (now - at) * EVENTS_PER_S)
        self._buckets[sid] = (max(tokens - 1.0, 0.0), now)
        return tokens >= 1.0

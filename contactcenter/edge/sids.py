"""Which sockets this process holds, who is behind each, and how fast each may talk."""

import time
from collections.abc import Iterable
from typing import Generic, TypeVar

from contactcenter.core.errors import TooMany
from contactcenter.core.i18n import gettext as _

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

    def check_pace(self, sid: str) -> None:
        """Raises TooMany when a socket sends more than EVENTS_PER_S for longer than its BURST lasts.

        What was refused does not count: who knocks at many doors again and again gets through all of them in time.
        """
        tokens, at = self._buckets.get(sid, (0.0, time.monotonic()))
        now = time.monotonic()
        tokens = min(BURST, tokens + (now - at) * EVENTS_PER_S)
        self._buckets[sid] = (tokens - 1.0 if tokens >= 1.0 else tokens, now)
        if tokens < 1.0:
            raise TooMany(_("Too fast. Wait a moment and try again."), retry_after_s=1)

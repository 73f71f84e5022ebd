"""Which sockets this process holds, and who is behind each."""

from collections.abc import Iterable
from typing import Generic, TypeVar

W = TypeVar("W")


class Sids(Generic[W]):
    """A dictionary from socket id to whoever opened it; the copy in `items` may be walked while sockets come and go."""

    def __init__(self) -> None:
        self._known: dict[str, W] = {}

    def add(self, sid: str, who: W) -> None:
        self._known[sid] = who

    def get(self, sid: str) -> W | None:
        return self._known.get(sid)

    def remove(self, sid: str) -> W | None:
        return self._known.pop(sid, None)

    def values(self) -> Iterable[W]:
        return list(self._known.values())

    def items(self) -> Iterable[tuple[str, W]]:
        return list(self._known.items())

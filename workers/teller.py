"""Tells browsers on a thread of its own, so that a slow or failing push never delays who decides."""

import threading
from collections.abc import Iterable
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from contactcenter.core.db import Hook, tell


class Teller:
    """Calls hooks in the order of their commits. Leaving the block waits for those that were handed in."""

    def __init__(self) -> None:
        self._hooks: SimpleQueue[Iterable[Hook] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._tell, name="teller", daemon=True)

    def __call__(self, hooks: Iterable[Hook]) -> None:
        """Call them soon: all that waited for one commit."""
        self._hooks.put(hooks)

    def _tell(self) -> None:
        while (hooks := self._hooks.get()) is not None:
            tell(hooks)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hooks.put(None)
        self._thread.join(timeout=10)

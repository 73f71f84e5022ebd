"""Tells browsers on a thread of its own, so that a slow or failing push never delays who decides."""

import threading
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from contactcenter.core.db import Hook
from contactcenter.core.logs import get_logger

log = get_logger(__name__)


class Teller:
    """Calls hooks in the order of their commits. Leaving the block waits for those that were handed in."""

    def __init__(self) -> None:
        self._hooks: SimpleQueue[Hook | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._tell, name="teller", daemon=True)

    def __call__(self, hook: Hook) -> None:
        """Call `hook` soon."""
        self._hooks.put(hook)

    def _tell(self) -> None:
        while (hook := self._hooks.get()) is not None:
            try:
                hook()
            except Exception:  # the loop outlives every page that cannot be rendered
                log.exception("telling_failed")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hooks.put(None)
        self._thread.join(timeout=10)

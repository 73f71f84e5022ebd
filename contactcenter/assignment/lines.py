"""How many wait in each queue and since when, kept up to date move by move for the wallboard."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from contactcenter.conversations.models import State


@dataclass(frozen=True, slots=True)
class Line:
    """One queue's figures."""

    queue_id: int
    waiting: int
    offered: int
    oldest_at: datetime | None


@dataclass(slots=True)
class _Queue:
    waiting: dict[int, datetime] = field(default_factory=dict)
    offered: dict[int, datetime] = field(default_factory=dict)
    by_age: list[tuple[datetime, int]] = field(default_factory=list)

    def oldest_at(self) -> datetime | None:
        """Since when the first one waits; entries of those who left are dropped when they come up."""
        while self.by_age and self.waiting.get(self.by_age[0][1]) != self.by_age[0][0]:
            heappop(self.by_age)
        return self.by_age[0][0] if self.by_age else None


class Lines:
    """All queues. A conversation that rings counts as offered, not as waiting."""

    def __init__(self) -> None:
        self._queues: defaultdict[int, _Queue] = defaultdict(_Queue)
        self._queue_of: dict[int, int] = {}
        self._changed: set[int] = set()

    def see(self, conversation_id: int, queue_id: int, state: str, enqueued_at: datetime) -> None:
        """Note where a conversation stands."""
        self.forget(conversation_id)
        queue = self._queues[queue_id]
        if state == State.WAITING:
            queue.waiting[conversation_id] = enqueued_at
            heappush(queue.by_age, (enqueued_at, conversation_id))
        elif state == State.OFFERED:
            queue.offered[conversation_id] = enqueued_at
        self._queue_of[conversation_id] = queue_id
        self._changed.add(queue_id)

    def forget(self, conversation_id: int) -> None:
        """It is over, or about to be counted elsewhere."""
        queue_id = self._queue_of.pop(conversation_id, None)
        if queue_id is not None:
            self._queues[queue_id].waiting.pop(conversation_id, None)
            self._queues[queue_id].offered.pop(conversation_id, None)
            self._changed.add(queue_id)

    def changed(self) -> list[Line]:
        """The queues that moved since the last call."""
        moved, self._changed = sorted(self._changed), set()
        return [self._line(queue_id) for queue_id in moved]

    def _line(self, queue_id: int) -> Line:
        queue = self._queues[queue_id]
        return Line(queue_id, len(queue.waiting), len(queue.offered), queue.oldest_at())

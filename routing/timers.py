"""One heap of moments. A timer lives as long as its owner's attribute still names its moment; nothing is removed."""

from heapq import heapify, heappop, heappush
from math import inf
from typing import Literal

from routing.state import Agent, Ticket

Moment = Literal["deadline", "next_change", "bar_end", "wrap_until"]
Timer = tuple[float, int, Moment, Ticket | Agent]


class Timers:
    """Timers in due order. Nothing is due before `first`, the cheap question before every event."""

    def __init__(self) -> None:
        self.first = inf
        self._heap: list[Timer] = []
        self._count = 0
        self._limit = 64

    def add(self, due: float, moment: Moment, owner: Ticket | Agent) -> None:
        """Fire when `due` comes, unless the owner's `moment` is another one by then."""
        self._count += 1
        heappush(self._heap, (due, self._count, moment, owner))
        if due < self.first:  # noqa: PLR1730 — `min` costs a call with every offer
            self.first = due
        if len(self._heap) > self._limit:
            self._compact()

    def next_due(self) -> float | None:
        """The moment of the first living timer."""
        heap = self._heap
        while heap and not _is_alive(heap[0]):
            heappop(heap)
        self.first = heap[0][0] if heap else inf
        return heap[0][0] if heap else None

    def pop(self, t: float) -> list[Timer]:
        """Take out the living timers due by then; handling one may end another, so check again."""
        fired = []
        heap = self._heap
        while heap and heap[0][0] <= t:
            timer = heappop(heap)
            if _is_alive(timer):
                fired.append(timer)
        self.first = heap[0][0] if heap else inf
        return fired

    def _compact(self) -> None:
        """Drop the dead; the limit doubles with the living, so that the cost per timer stays constant."""
        self._heap = [timer for timer in self._heap if _is_alive(timer)]
        heapify(self._heap)
        self._limit = 64 + 2 * len(self._heap)


def _is_alive(timer: Timer) -> bool:
    due, _, moment, owner = timer
    return bool(getattr(owner, moment) == due)

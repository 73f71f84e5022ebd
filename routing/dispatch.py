"""One round of joint dispatch: which changed tickets and agents, and whom they touch, meet now."""

from heapq import heapify, heappop, heappush
from itertools import count

from routing.lanes import Lanes, first_waiting
from routing.matching import Matching
from routing.state import Agent, Lane, Place, Ticket

Head = tuple[Place, int, Lane]


def round_of(
    lanes: Lanes, tickets: list[Ticket], agents: list[Agent], now: float
) -> list[tuple[Ticket, Agent]]:
    """The offers of one round, in ticket order. The tickets must be placed and the agents listed.

    After a dispatch no waiting ticket can meet an agent with room, so every pair that is possible now involves one of
    the `tickets` or `agents` that changed since:

    1. Walk the lanes these touch, all together, in ticket order. At most as many tickets can be served as changed, and
       so only so many agents from the front of each lane matter.
    2. Serve each ticket if the matching allows it. When nobody is left for a lane, leave it.
    3. Settle who gets whom, and put the entries taken out of the lanes back.
    """
    walk = _Walk(lanes, len(tickets) + len(agents), now)
    heads = walk.enter(_touched(lanes, tickets, agents))
    while heads:
        place, number, lane = heappop(heads)
        walk.try_to_serve(place[2])
        following = walk.following(lane)
        if following is not None:
            heappush(heads, (following, number, lane))
    return walk.settle()


def _touched(lanes: Lanes, tickets: list[Ticket], agents: list[Agent]) -> dict[Lane, None]:
    touched = {lane: None for ticket in tickets for lane in ticket.lanes}
    for agent in agents:
        for channel in lanes.room(agent):
            touched.update(dict.fromkeys(agent.lanes[channel]))
    return touched


class _Walk:
    """The lanes of one round, taken apart only as far as needed."""

    def __init__(self, lanes: Lanes, most: int, now: float) -> None:
        self._lanes = lanes
        self._most = most
        self._now = now
        self._matching: Matching[Ticket, Agent] = Matching()
        self._pools: dict[tuple[Lane, ...], list[Agent]] = {}
        self._tried: dict[Ticket, bool] = {}
        self._taken: list[tuple[Place, Lane]] = []

    def enter(self, lanes: dict[Lane, None]) -> list[Head]:
        """The first ticket of each lane, as a heap."""
        numbers = count()
        heads = [
            (place, next(numbers), lane) for lane in lanes if (place := self.following(lane)) is not None
        ]
        heapify(heads)
        return heads

    def try_to_serve(self, ticket: Ticket) -> None:
        """Serve the ticket if that is possible; a ticket met a second time, in another lane, is left alone."""
        if ticket not in self._tried:
            self._tried[ticket] = self._matching.serve(ticket, self._pool_of(ticket))

    def following(self, lane: Lane) -> Place | None:
        """Take the next ticket out of the lane, unless nobody is left for it."""
        if self._matching.is_exhausted(self._pool((lane,))):
            return None
        place = first_waiting(lane)
        if place is not None:
            self._taken.append((heappop(lane.wait), lane))
        return place

    def settle(self) -> list[tuple[Ticket, Agent]]:
        """Put back who was not served and say who gets whom."""
        for place, lane in self._taken:
            if not self._tried[place[2]]:
                heappush(lane.wait, place)
        return self._matching.settle()

    def _pool_of(self, ticket: Ticket) -> list[Agent]:
        if not ticket.barred_n:
            return self._pool(ticket.lanes)
        candidates = self._lanes.first_agents(ticket.lanes, self._most + ticket.barred_n)
        return [agent for agent in candidates if not ticket.is_barred(agent, self._now)]

    def _pool(self, lanes: tuple[Lane, ...]) -> list[Agent]:
        pool = self._pools.get(lanes)
        if pool is None:
            pool = self._pools[lanes] = self._lanes.first_agents(lanes, self._most)
        return pool

"""Lanes: one waiting heap and one idle heap per (channel, need mask), so that neither side ever scans the other.

Keys never change while an object waits, so heaps are never re-sorted. What no longer holds is left lying and skipped
when it comes to the top: a ticket's entry counts while it is the ticket's `place`, an agent's while it is `listed`.
"""

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from routing.model import Channel, Needs
from routing.requirements import Requirements, bits_of
from routing.state import Agent, Lane, Listing, Place, Ticket


class Lanes:
    """All lanes, who is in them, and the best ticket for an agent or the best agent for a ticket."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._requirements = Requirements()
        self._lane_of: dict[tuple[int, int], Lane] = {}
        self._lanes_of: dict[tuple[int, Needs], tuple[Lane, ...]] = {}
        self._lane_limit = 1024
        self._nowhere: tuple[None, ...] = (None,) * len(channels)
        self._open_by_busy = _open_channels_by_busy(channels)
        self._members = [tuple(bits_of(room)) for room in range(1 << len(channels))]

    def join(self, agent: Agent) -> None:
        """Take an agent into every lane it can serve."""
        self._requirements.join(agent)
        for lane in self._lane_of.values():
            if not lane.mask & ~agent.have:
                agent.lanes[lane.channel].append(lane)

    def leave(self, agent: Agent) -> None:
        """Take an agent out of all lanes; must run before its levels change."""
        self._requirements.leave(agent)
        agent.listed = self._nowhere
        for lanes in agent.lanes:
            lanes.clear()

    def room(self, agent: Agent) -> tuple[int, ...]:
        """The channels on which the agent could be offered something now."""
        if not agent.ready or agent.wrap_until is not None:
            return ()
        return self._members[self._open_by_busy[agent.busy] & ~agent.full]

    def list_idle(self, agent: Agent) -> None:
        """Bring the agent's entries in the idle heaps up to date."""
        room = self.room(agent)
        before = agent.listed
        if not room:
            agent.listed = self._nowhere
            return
        listed = agent.listed = list(self._nowhere)
        since = agent.idle_since + agent.handicap
        for channel in room:
            share = agent.share(channel)
            entry = listed[channel] = before[channel]
            if entry is None or entry[0] != share or entry[1] != since:
                entry = listed[channel] = (share, since, agent.order, agent)
                for lane in agent.lanes[channel]:
                    heappush(lane.idle, entry)
                    if len(lane.idle) > lane.idle_limit:
                        _compact_idle(lane)

    def resolve(self, channel: int, needs: Needs) -> tuple[Lane, ...]:
        """The lanes of a requirement, one for each alternative that matters."""
        lanes = self._lanes_of.get((channel, needs))
        if lanes is None:
            if len(self._lane_of) > self._lane_limit:
                self._drop_empty()
            masks = self._requirements.masks(needs)
            lanes = tuple(self._lane(channel, mask) for mask in masks)
            self._lanes_of[channel, needs] = lanes
        return lanes

    def place(self, ticket: Ticket) -> None:
        """Let the ticket wait in its lanes, at the place its key gives it."""
        place = ticket.place = (ticket.key, ticket.seq, ticket)
        for lane in ticket.lanes:
            heappush(lane.wait, place)
            if len(lane.wait) > lane.wait_limit:
                _compact_wait(lane)

    def best_ticket(self, agent: Agent, now: float) -> Ticket | None:
        """The first ticket in line among all that this agent may be offered now."""
        best: Place | None = None
        for channel in self.room(agent):
            for lane in agent.lanes[channel]:
                wait = lane.wait
                while wait and wait[0][2].place is not wait[0]:
                    heappop(wait)
                if not wait or (best is not None and best < wait[0]):
                    continue
                place = wait[0]
                if place[2].barred_n:
                    allowed = _first_allowed(lane, agent, now)
                    if allowed is None or (best is not None and best < allowed):
                        continue
                    place = allowed
                best = place
        return best[2] if best is not None else None

    def best_agent(self, ticket: Ticket, now: float) -> Agent | None:
        """The agent first in order among all that may be offered this ticket now."""
        best: Listing | None = None
        for lane in ticket.lanes:
            entry = _first_idle(lane) if lane.idle else None
            if entry is None:
                continue
            if ticket.barred_n:
                entry = _first_unbarred(lane, ticket, now)
            if entry is not None and (best is None or entry < best):
                best = entry
        return best[3] if best is not None else None

    def first_agents(self, lanes: Iterable[Lane], count: int) -> list[Agent]:
        """The first `count` agents in order that could be offered a ticket of these lanes."""
        entries: set[Listing] = set()
        for lane in lanes:
            entries.update(_first_idles(lane, count))
        return [entry[3] for entry in sorted(entries)[:count]]

    def _lane(self, channel: int, mask: int) -> Lane:
        lane = self._lane_of.get((channel, mask))
        if lane is None:
            holders = self._requirements.holders(mask)
            idle = [entry for agent in holders if (entry := agent.listed[channel]) is not None]
            heapify(idle)
            lane = self._lane_of[channel, mask] = Lane(channel, mask, idle)
            for agent in holders:
                agent.lanes[channel].append(lane)
        return lane

    def _drop_empty(self) -> None:
        """Forget lanes without a waiting ticket (most were made for one preferred agent); they come back when asked for."""
        kept = {at: lane for at, lane in self._lane_of.items() if first_waiting(lane) is not None}
        gone = {lane for lane in self._lane_of.values() if (lane.channel, lane.mask) not in kept}
        self._lane_of = kept
        self._lanes_of = {asked: lanes for asked, lanes in self._lanes_of.items() if gone.isdisjoint(lanes)}
        for lane in gone:
            for agent in self._requirements.holders(lane.mask):
                agent.lanes[lane.channel].remove(lane)
        self._lane_limit = 1024 + 2 * len(kept)


def first_waiting(lane: Lane) -> Place | None:
    """The first ticket in the lane, after clearing away what no longer waits."""
    wait = lane.wait
    while wait and wait[0][2].place is not wait[0]:
        heappop(wait)
    return wait[0] if wait else None


def _first_allowed(lane: Lane, agent: Agent, now: float) -> Place | None:
    """The first ticket in the lane that is not barred from the agent."""
    barred = []
    found = None
    while (place := first_waiting(lane)) is not None:
        if not place[2].is_barred(agent, now):
            found = place
            break
        barred.append(heappop(lane.wait))
    for place in barred:
        heappush(lane.wait, place)
    return found


def _first_idle(lane: Lane) -> Listing | None:
    idle = lane.idle
    channel = lane.channel
    while idle and idle[0][3].listed[channel] is not idle[0]:
        heappop(idle)
    return idle[0] if idle else None


def _first_unbarred(lane: Lane, ticket: Ticket, now: float) -> Listing | None:
    count = 1 + ticket.barred_n
    allowed = (entry for entry in _first_idles(lane, count) if not ticket.is_barred(entry[3], now))
    return next(allowed, None)


def _first_idles(lane: Lane, count: int) -> list[Listing]:
    """The first `count` valid entries in order; they stay in the heap."""
    entries: list[Listing] = []
    while len(entries) < count and _first_idle(lane) is not None:
        entries.append(heappop(lane.idle))
    for entry in entries:
        heappush(lane.idle, entry)
    return entries


def _compact_wait(lane: Lane) -> None:
    """Drop what no longer waits; the limit doubles with the rest, so that the cost per entry stays constant."""
    lane.wait = [place for place in lane.wait if place[2].place is place]
    heapify(lane.wait)
    lane.wait_limit = 64 + 2 * len(lane.wait)


def _compact_idle(lane: Lane) -> None:
    channel = lane.channel
    lane.idle = [entry for entry in lane.idle if entry[3].listed[channel] is entry]
    heapify(lane.idle)
    lane.idle_limit = 64 + 2 * len(lane.idle)


def _open_channels_by_busy(channels: Sequence[Channel]) -> list[int]:
    """For each set of busy channels the set of channels that they do not block."""
    index = {channel.name: number for number, channel in enumerate(channels)}
    blockers = [sum(1 << index[name] for name in channel.blocked_by) for channel in channels]
    return [
        sum(1 << number for number, blocker in enumerate(blockers) if not blocker & busy)
        for busy in range(1 << len(channels))
    ]

"""Joint matching: who of several tickets is served by which of several agents, one ticket per agent.

The sets of tickets that can be served together form a transversal matroid: serving them greedily in order, each along
an augmenting path (Kuhn 1955), gives the lexicographically best set, and that set is of maximum size.
"""

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)
A = TypeVar("A", bound=Hashable)


class Matching(Generic[T, A]):
    """Tickets must be offered in their order; a pool lists a ticket's agents in order of preference.

    Tickets may share one pool object; a search then enters it once, which keeps it linear in pools, not in tickets.
    """

    def __init__(self) -> None:
        self._pool_of: dict[T, Sequence[A]] = {}
        self._agent_of: dict[T, A] = {}
        self._ticket_of: dict[A, T] = {}
        self._saturated: set[A] = set()

    def serve(self, ticket: T, pool: Sequence[A]) -> bool:
        """Serve the ticket without giving up an earlier one, if that is possible.

        All agents met by a failed search are taken by tickets that cannot move: no later search needs to enter them.
        """
        self._pool_of[ticket] = pool
        met = self._augment(ticket, self._saturated)
        self._saturated |= met
        if ticket not in self._agent_of:
            del self._pool_of[ticket]
            return False
        return True

    def is_exhausted(self, pool: Sequence[A]) -> bool:
        """Whether no ticket of this pool can be served any more."""
        return self._saturated.issuperset(pool)

    def settle(self) -> list[tuple[T, A]]:
        """The lexicographically best assignment of the served tickets: the first gets its best agent, then the second.

        1. Go through the tickets in order; those before are fixed.
        2. Try the agents it prefers to the one it has; a free one is taken at once.
        3. A taken one moves over if its ticket finds another agent, be it the one given up.
        """
        fixed: set[A] = set()
        for ticket, pool in self._pool_of.items():
            unmovable = set(fixed)
            for agent in pool:
                if agent == self._agent_of[ticket]:
                    break
                if agent not in unmovable and self._moves_over(ticket, agent, unmovable, fixed):
                    break
            fixed.add(self._agent_of[ticket])
        return list(self._agent_of.items())

    def _moves_over(self, ticket: T, agent: A, unmovable: set[A], fixed: set[A]) -> bool:
        current = self._agent_of[ticket]
        owner = self._ticket_of.get(agent)
        del self._ticket_of[current]
        if owner is not None:
            met = self._augment(owner, fixed | {agent})
            if self._agent_of[owner] == agent:
                self._ticket_of[current] = ticket
                unmovable |= met
                return False
        self._agent_of[ticket] = agent
        self._ticket_of[agent] = ticket
        return True

    def _augment(self, start: T, closed: set[A]) -> set[A]:
        """Search breadth first for a path to a free agent and shift along it; returns the agents met if there is none."""
        met_by: dict[A, T] = {}
        entered = {id(self._pool_of[start])}
        queue = [start]
        for ticket in queue:
            for agent in self._pool_of[ticket]:
                if agent in met_by or agent in closed:
                    continue
                met_by[agent] = ticket
                owner = self._ticket_of.get(agent)
                if owner is None:
                    self._shift(start, agent, met_by)
                    return set()
                if id(self._pool_of[owner]) not in entered:
                    entered.add(id(self._pool_of[owner]))
                    queue.append(owner)
        return set(met_by)

    def _shift(self, start: T, free: A, met_by: dict[A, T]) -> None:
        agent = free
        while True:
            ticket = met_by[agent]
            given_up = self._agent_of.get(ticket)
            self._agent_of[ticket] = agent
            self._ticket_of[agent] = ticket
            if ticket == start or given_up is None:
                return
            agent = given_up

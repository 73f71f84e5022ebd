"""Requirements as bits: every `skill>=n` and every `agent:id` that a ticket ever asked for is one bit of an integer.

An agent may take a ticket exactly if `need & ~have == 0` for one alternative. Levels are thermometer-coded: an agent
of level 4 has the bits of `>=1` to `>=4` (as far as anybody asked for them).
"""

from collections.abc import Iterable, Iterator

from routing.model import Needs
from routing.state import Agent


def parse_literal(literal: str) -> tuple[str, int]:
    """Split `skill>=n` into name and level; a bare `skill` or `agent:id` means level 1. ValueError on nonsense."""
    name, sign, level = literal.partition(">=")
    name = name.strip()
    if not name:
        raise ValueError(f"{literal!r} names no skill")
    if not sign:
        return name, 1
    if not level.strip().isdecimal() or int(level) < 1:
        raise ValueError(f"{literal!r} needs a level of at least 1")
    return name, int(level)


def bits_of(number: int) -> Iterator[int]:
    """The places of the ones in a number, lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


class Requirements:
    """The bits in use and the agents that hold each of them."""

    def __init__(self) -> None:
        self._bit_of: dict[tuple[str, int], int] = {}
        self._holders: list[dict[Agent, None]] = []
        self._agents: dict[Agent, None] = {}
        self._levels_of: dict[str, dict[Agent, int]] = {}
        self._bits_of_name: dict[str, list[tuple[int, int]]] = {}

    def join(self, agent: Agent) -> None:
        """Give the agent the bits of its levels."""
        self._agents[agent] = None
        agent.have = 0
        for name, level in agent.levels.items():
            self._levels_of.setdefault(name, {})[agent] = level
            for asked, bit in self._bits_of_name.get(name, ()):
                if level >= asked:
                    self._grant(agent, bit)

    def leave(self, agent: Agent) -> None:
        """Forget what the agent holds; must run before its levels change."""
        del self._agents[agent]
        for name in agent.levels:
            del self._levels_of[name][agent]
            for _, bit in self._bits_of_name.get(name, ()):
                self._holders[bit].pop(agent, None)

    def masks(self, needs: Needs) -> tuple[int, ...]:
        """The alternatives as masks, without repetitions and without those that a looser one covers."""
        masks = sorted({self._mask(alternative) for alternative in needs})
        return tuple(m for m in masks if not any(other != m and other & m == other for other in masks))

    def holders(self, mask: int) -> list[Agent]:
        """The agents that hold every bit of the mask, found through its rarest bit."""
        candidates = min((self._holders[bit] for bit in bits_of(mask)), key=len, default=self._agents)
        return [agent for agent in candidates if not mask & ~agent.have]

    def _mask(self, alternative: Iterable[str]) -> int:
        mask = 0
        for literal in alternative:
            mask |= 1 << self._bit(*parse_literal(literal))
        return mask

    def _bit(self, name: str, level: int) -> int:
        bit = self._bit_of.get((name, level))
        if bit is None:
            bit = self._bit_of[name, level] = len(self._holders)
            self._holders.append({})
            self._bits_of_name.setdefault(name, []).append((level, bit))
            for agent, has in self._levels_of.get(name, {}).items():
                if has >= level:
                    self._grant(agent, bit)
        return bit

    def _grant(self, agent: Agent, bit: int) -> None:
        agent.have |= 1 << bit
        self._holders[bit][agent] = None

"""Joint matching against trying everything."""

import random

import pytest

from routing.matching import Matching
from tests.routing.oracle import best_assignment, can_serve


@pytest.mark.parametrize("seed", range(300))
def test_matching_is_the_lexicographically_best(seed: int) -> None:
    dice = random.Random(seed)
    agents = list(range(dice.randint(1, 6)))
    pools = [dice.sample(agents, dice.randint(0, len(agents))) for _ in range(dice.randint(1, 4))]
    takers = {ticket: dice.choice(pools) for ticket in range(dice.randint(1, 7))}
    served: list[int] = []
    matching: Matching[int, int] = Matching()
    for ticket, pool in takers.items():
        is_possible = can_serve([*served, ticket], takers, set())
        assert matching.serve(ticket, pool) == is_possible
        served += [ticket] if is_possible else []
    assert dict(matching.settle()) == best_assignment(served, takers)


def test_a_thousand_tickets_and_agents_are_settled() -> None:
    """A shift starts: all the same pool, the worst case for exchanges, in far less than a second."""
    pools = [list(range(1000)), list(range(999, -1, -1))]
    matching: Matching[int, int] = Matching()
    for ticket in range(1000):
        assert matching.serve(ticket, pools[ticket % 2])
    assert not matching.serve(1000, pools[0])
    assert matching.is_exhausted(pools[1])
    settled = dict(matching.settle())
    assert [settled[ticket] for ticket in range(6)] == [0, 999, 1, 998, 2, 997]

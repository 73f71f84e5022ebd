"""Random streams of events: small worlds in which ties, coincidences and events that no longer fit are common."""

import random
from typing import Any

from tests.routing.oracle import Json, Line, Oracle

SKILLS = ("s", "t", "u")
AGENTS = ("ann", "bob", 3, "4")
CREW = ("ann", "bob", 3, "4", "eve", "fay")
CHANNELS = ("voice", "voice", "chat", "chat", "email")


def random_stream(seed: int, length: int = 60) -> tuple[Json, list[list[Line]]]:
    """A scenario and, for each of its events, what the oracle decides."""
    dice = random.Random(seed)
    scenario: Json = {
        "config": {"ring": dice.choice([0, 5, 20]), "cooldown": dice.choice([0, 10, 30])},
        "agents": [_agent(dice, agent) for agent in AGENTS[: dice.randint(2, 4)]],
        "events": [],
    }
    is_shift_start = seed % 5 == 0
    if is_shift_start:
        scenario["agents"] = [_agent(dice, agent) for agent in CREW]
    oracle = Oracle(scenario["config"], scenario["agents"])
    decided = []
    t = 0
    for number in range(length):
        t += dice.choice([0, 0, 0, 1, 1, 2, 5, 9])
        if is_shift_start and number <= 12:
            event = [t, *_before_the_shift(dice, oracle, number, t)]
        else:
            event = [t, *_happening(dice, oracle, number, t)]
        scenario["events"].append(event)
        decided.append(oracle.event(event))
    return scenario, decided


def _agent(dice: random.Random, agent_id: Any) -> Json:
    agent: Json = {
        "id": agent_id,
        "skills": {s: dice.choice([0, 1, 1, 2, 3, 5]) for s in SKILLS if dice.random() < 0.7},
    }
    if dice.random() < 0.7:
        agent["cap"] = {
            "voice": dice.choice([0, 1, 1, 2]),
            "chat": dice.choice([0, 1, 2, 3]),
            "email": dice.choice([0, 2]),
        }
    if dice.random() < 0.4:
        agent["handicap"] = dice.choice([1, 5, 10])
    return agent


def _before_the_shift(dice: random.Random, oracle: Oracle, number: int, t: int) -> list[Any]:
    """Tickets queue up, then everybody signs in together: the matching has to do its best."""
    if number < 12:
        return ["enqueue", f"T{number}", _request(dice, oracle, t)]
    return ["ready", list(oracle.agents)]


def _happening(dice: random.Random, oracle: Oracle, number: int, t: int) -> list[Any]:
    """Mostly something that fits the present state, sometimes anything."""
    offered = [ticket for ticket in oracle.tickets if oracle.state_of(ticket) == "offered"]
    active = [ticket for ticket in oracle.tickets if oracle.state_of(ticket) == "active"]
    known = list(oracle.tickets) or ["T0"]
    away = [agent for agent in oracle.agents if not oracle.agents[agent]["ready"]]
    if away and dice.random() < 0.2:
        return ["ready", dice.sample(away, dice.randint(1, len(away)))]
    if offered and dice.random() < 0.3:
        return [dice.choice(["accept", "accept", "accept", "reject"]), dice.choice(offered)]
    if active and dice.random() < 0.2:
        return dice.choice(
            [
                ["complete", dice.choice(active)],
                ["complete", dice.choice(active), dice.choice([0, 3, 12])],
                ["transfer", dice.choice(active), _needs(dice, oracle)],
                ["release", dice.choice(active)],
            ],
        )
    kind = dice.random()
    if kind < 0.6:
        return ["enqueue", dice.choice([f"T{number}", number, *known[:1]]), _request(dice, oracle, t)]
    agent = dice.choice(list(oracle.agents))
    return dice.choice(
        [
            ["tick"],
            ["away", agent],
            ["ready", agent],
            ["end_wrap_up", agent],
            ["abandon", dice.choice(known)],
            ["priority", dice.choice(known), dice.choice([-1, 1, 2, 0.5])],
            [
                "keep_from",
                dice.choice([*offered, *known]),
                dice.sample(list(oracle.agents), dice.choice([0, 1, 1, 2])),
            ],
            [
                dice.choice(["accept", "reject", "complete", "release", "abandon"]),
                dice.choice([*known, "nobody"]),
            ],
        ],
    )


def _request(dice: random.Random, oracle: Oracle, t: int) -> Json:
    request: Json = {"channel": dice.choice(CHANNELS), "needs": _needs(dice, oracle)}
    if dice.random() < 0.3:
        request["priority"] = dice.choice([1, 2, -1])
    if dice.random() < 0.3:
        request["target"] = dice.choice([10, 60, 120])
    if dice.random() < 0.3:
        offsets = [dice.choice([0, 3, 8, 15]) for _ in range(dice.randint(1, 3))]
        request["steps"] = [[offset, _needs(dice, oracle)] for offset in offsets]
    if dice.random() < 0.25:
        request["prefer"] = dice.choice([*oracle.agents, "stranger"])
        request["prefer_for"] = dice.choice([0, 4, 10])
    if dice.random() < 0.1:
        request["ring"] = dice.choice([0, 3, 40])
    if dice.random() < 0.1:
        request["opens_at"] = t + dice.choice([-2, 0, 5, 12])
    if dice.random() < 0.2:
        request["not_for"] = dice.sample(list(oracle.agents), dice.choice([1, 1, 2]))
    return request


def _needs(dice: random.Random, oracle: Oracle) -> list[list[str]]:
    alternatives = dice.choice([0, 1, 1, 1, 1, 1, 2, 2, 3])
    return [_alternative(dice, oracle) for _ in range(alternatives)]


def _alternative(dice: random.Random, oracle: Oracle) -> list[str]:
    literals = [f"{skill}>={dice.choice([1, 2, 3])}" for skill in SKILLS] + list(SKILLS) * 2
    literals += [f"agent:{agent}" for agent in oracle.agents]
    return dice.sample(literals, dice.choice([0, 1, 1, 1, 1, 2]))

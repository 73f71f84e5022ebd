"""Changes to JSON that leave it JSON, so that a fuzzer comes further than to the reader of JSON."""

import copy
import json
import random
from typing import Any

Json = Any  # Any: JSON
NASTY: tuple[Json, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**63,
        10**40,
        0.5,
        -1e300,
        1e-300,
        "",
        "x",
        "\0",
        "\ud800",
        "水",
        [],
        {},
    ),
    *([[]], [{}], [None], {"": None}, "x" * 300, "2026-11-02T10:15:00Z", "0001-01-01T00:00:00+23:59"),
    *("9999-12-31T23:59:59-23:59", "2026-02-30", "system", "customer", "closed", "-0", "1e999", "P1D"),
)


def change(raw: bytes, longest: int, seed: int) -> bytes | None:
    """One to four changes; None if it is no JSON, or would be too long."""
    dice = random.Random(seed)
    try:
        content = json.loads(raw)
        for _time in range(dice.randint(1, 4)):
            content = _changed(content, dice)
        changed = json.dumps(content).encode()
    except (ValueError, RecursionError):
        return None
    return changed if len(changed) <= longest else None


def _changed(content: Json, dice: random.Random) -> Json:
    places = list(_places(content))
    if not places:
        return copy.deepcopy(dice.choice(NASTY))
    inside, key = dice.choice(places)
    match dice.randrange(5):
        case 0:
            del inside[key]
        case 1:
            other, name = dice.choice(places)
            inside[key] = copy.deepcopy(other[name])
        case 2 if isinstance(inside, list):
            inside.insert(key, copy.deepcopy(dice.choice(inside)))
        case 3 if isinstance(inside[key], int):
            inside[key] += dice.choice([-1, 1, 7, 1000])
        case _:
            inside[key] = copy.deepcopy(dice.choice(NASTY))
    return content


def _places(content: Json) -> list[tuple[Json, Json]]:
    """Every list or object with each of its keys."""
    found: list[tuple[Json, Json]] = []
    keys = (
        content.keys()
        if isinstance(content, dict)
        else range(len(content))
        if isinstance(content, list)
        else ()
    )
    for key in keys:
        found += [(content, key), *_places(content[key])]
    return found

"""What the fuzzer ever found, and some changes to what people write, the same in every run."""

import random
from pathlib import Path

import pytest

from tests.fuzz.mutate import change
from tests.fuzz.targets import FOUND, TARGETS

CHANGES = 150
FILES = sorted(path for path in FOUND.rglob("*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_found_once_is_borne(file: Path) -> None:
    TARGETS[file.parent.name].read(file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_borne_changed_and_unchanged(name: str) -> None:
    target, dice = TARGETS[name], random.Random(5)
    seeds = list(target.seeds())
    for seed in seeds:
        target.read(seed)
    for _time in range(CHANGES):
        seed = dice.choice(seeds)
        changed = change(seed, len(seed) * 2, dice.getrandbits(32)) if target.is_json else None
        place = dice.randrange(len(seed) + 1)
        target.read(changed or seed[:place] + dice.randbytes(3) + seed[place + 2 :])

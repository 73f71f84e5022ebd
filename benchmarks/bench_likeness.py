"""How well the agreed facts of cases are compared: by words, and by what they mean to the model that comes with us.

`python benchmarks/bench_likeness.py` compares the matters of `likeness.tsv` with each other, each told by two people in
English and by two in Chinese. Pairs of one matter are alike, pairs of two matters of one category are not. The constants of
`contactcenter/complaints/likeness.py` are found on the rows of part `fit`; those of part `test` are only reported.
"""

import csv
import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("SECRET_KEY", "benchmark" * 4)

from contactcenter.complaints.likeness import (
    ALIKE,
    UNLIKE,
    Direction,
    count_words,
    likeness,
    likeness_of_meaning,
)
from nlp.analyzer import get_analyzer
from nlp.meaning import Meaning, open_meaning

ROWS = Path(__file__).parent / "likeness.tsv"
NEEDED = 0.2
"""The likeness of the facts that, with equal gravity, reaches the bound of 0.60: (0.2 + 1) / 2."""
CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One matter as one person tells it."""

    category: str
    matter: str
    language: str
    points: Sequence[str]


Compare = Callable[[Told, Told], float]


def main() -> int:
    analyzer = get_analyzer("onnx")
    meaning = open_meaning(analyzer)
    assert meaning is not None
    figures = {part: measure(read_rows(part), meaning) for part in ("fit", "test")}
    found = {
        "method": meaning.method,
        "constants": {"used": [UNLIKE, ALIKE], "found": calibrate(read_rows("fit"), meaning)},
        "parts": figures,
        "compare_200_ms": compare_ms(meaning),
    }
    print(json.dumps(found, indent=1))
    return 0


def read_rows(part: str) -> list[Told]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["part"] == part]
    return [Told(row["category"], row["matter"], row["language"], row["points"].split(" | ")) for row in rows]


def measure(rows: Sequence[Told], meaning: Meaning) -> dict[str, dict[str, dict[str, float]]]:
    """Of each way and pair of languages: AUC, and the share of pairs, alike and not, whose likeness is NEEDED."""
    return {
        name: {
            languages: quality(*told_apart(rows, compare, languages))
            for languages in ("en-en", "zh-zh", "en-zh", "all")
        }
        for name, compare in (("words", by_words(rows)), ("meaning", by_meaning(rows, meaning)))
    }


def quality(alike: Sequence[float], unlike: Sequence[float]) -> dict[str, float]:
    return {
        "pairs_alike": len(alike),
        "pairs_unlike": len(unlike),
        "auc": round(auc(alike, unlike), 3),
        "mean_alike": round(fmean(alike), 3),
        "mean_unlike": round(fmean(unlike), 3),
        "found": round(fmean(one >= NEEDED for one in alike), 3),
        "found_wrongly": round(fmean(one >= NEEDED for one in unlike), 3),
    }


def auc(alike: Sequence[float], unlike: Sequence[float]) -> float:
    """How often a pair that is alike comes before one that is not; ties count half (Mann-Whitney U / n1·n2)."""
    return fmean(1.0 if one > other else 0.5 if one == other else 0.0 for one in alike for other in unlike)


def told_apart(
    rows: Sequence[Told], compare: Compare, languages: str = "all"
) -> tuple[list[float], list[float]]:
    """What `compare` says of all pairs within a category: those of one matter, and the others."""
    alike: list[float] = []
    unlike: list[float] = []
    for one, other in pairs(rows, languages):
        (alike if one.matter == other.matter else unlike).append(compare(one, other))
    return alike, unlike


def pairs(rows: Sequence[Told], languages: str) -> Iterator[tuple[Told, Told]]:
    for one, other in combinations(rows, 2):
        spoken = "-".join(sorted((one.language, other.language)))
        if one.category == other.category and languages in (spoken, "all"):
            yield one, other


def by_words(rows: Sequence[Told]) -> Compare:
    """As a case is compared: how rare a word is, is counted over all the candidates of its category."""
    words = {id(row): count_words(row.points) for row in rows}

    def compare(one: Told, other: Told) -> float:
        rest = [row for row in rows if row.category == one.category and row not in (one, other)]
        return likeness(words[id(one)], [words[id(row)] for row in (other, *rest)])[0] or 0.0

    return compare


def by_meaning(rows: Sequence[Told], meaning: Meaning) -> Compare:
    known = directions(rows, meaning)
    return lambda one, other: likeness_of_meaning(known[id(one)], [known[id(other)]])[0] or 0.0


def directions(rows: Sequence[Told], meaning: Meaning) -> dict[int, Direction]:
    return {id(row): array("b", meaning.of(row.points)) for row in rows}


def calibrate(rows: Sequence[Told], meaning: Meaning) -> list[float]:
    """The cosines to be read as 0 and 1: NEEDED is passed by one unlike pair in twenty, 1 by one alike pair in ten."""
    known = directions(rows, meaning)

    def cosine(one: Told, other: Told) -> float:
        first, second = (np.array(known[id(row)], dtype=float) for row in (one, other))
        return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))

    alike, unlike = told_apart(rows, cosine)
    bound, top = float(np.percentile(unlike, 95)), float(np.percentile(alike, 90))
    return [round((bound - NEEDED * top) / (1 - NEEDED), 3), round(top, 3)]


def compare_ms(meaning: Meaning) -> float:
    """Processor time of one comparison with as many cases as there may be, without opening what is sealed."""
    one = array("b", meaning.of(["The deposit was not paid back"]))
    started = time.process_time()
    likeness_of_meaning(one, [one] * CANDIDATES)
    return round(1000 * (time.process_time() - started), 1)


if __name__ == "__main__":
    sys.exit(main())

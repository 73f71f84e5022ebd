"""How alike the agreed facts of two cases are: hashed words, weighed by how rare they are (TF-IDF), cosine. Needs no model.

Better by what they mean, where a model has read them all: that finds what was told in other words or another language, too.

Words are kept as keyed hashes alone: enough to compare cases, nothing to read, and nothing to guess without the key of
the installation. An erased case loses them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt
from operator import mul

from contactcenter.core.config import get_settings
from contactcenter.core.search import words
from contactcenter.core.security import commit_to

METHOD = "tfidf-1"
"""Stored with each decision: which way of comparing found the cases it was compared with."""

_HASH_DIGITS = 10
Counts = Mapping[str, int]
"""How often each word (as its hash) occurs in the facts of one case; empty: nothing is known of them."""

Direction = Sequence[int]
"""What facts mean to a model, as whole numbers; all are of one length, but for their rounding."""

UNLIKE, ALIKE = 0.18, 0.56
"""The cosines that are read as 0 and 1, measured by `benchmarks/bench_likeness.py` for the model that comes with us.

Such that 0.2, which with equal gravity reaches the bound of 0.60, is reached by one in twenty of unlike matters.
"""


def count_words(facts: Iterable[str]) -> dict[str, int]:
    """The words of these facts as keyed hashes, with how often each occurs."""
    key = get_settings().secret_key.encode()
    counted = Counter(word for fact in facts for word in words(fact))
    return {commit_to(key, f"fact:{word}")[:_HASH_DIGITS]: n for word, n in counted.items()}


def likeness(one: Counts, others: Sequence[Counts]) -> list[float | None]:
    """The cosine (0..1) of `one` with each of `others`; None where the facts of either are not known.

    A word weighs its count times ln((1 + n) / (1 + cases that have it)) + 1, over all of these n cases together.
    """
    known = [counts for counts in (one, *others) if counts]
    cases_with = Counter(word for counts in known for word in counts)
    rarity = {word: log((1 + len(known)) / (1 + n)) + 1 for word, n in cases_with.items()}
    mine = _weighed(one, rarity)
    return [_cosine(mine, _weighed(other, rarity)) if one and other else None for other in others]


def likeness_of_meaning(one: Direction | None, others: Sequence[Direction | None]) -> list[float | None]:
    """The cosine of `one` with each of `others` from UNLIKE to ALIKE, as 0 to 1; None where either is not known."""
    if not one:
        return [None for _other in others]
    whole = _product(one, one)
    return [_share(_product(one, other) / whole) if other else None for other in others]


def _share(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - UNLIKE) / (ALIKE - UNLIKE)))


def _product(one: Direction, other: Direction) -> int:
    return sum(map(mul, one, other))


def _weighed(counts: Counts, rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {word: n * rarity[word] for word, n in counts.items()}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return min(1.0, sum(weight * other[word] for word, weight in one.items() if word in other))

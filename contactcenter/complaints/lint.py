"""What a letter, a condition or a proof may not say (rules F-11, T-06, U-01)."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from contactcenter.complaints.calendars import DATA

GRADE_MAX = 9.0
CHINESE_SENTENCE_MAX = 60
_ENOUGH_WORDS = 40  # a grade of a few words means nothing
_WORD = re.compile(r"[A-Za-z']+")
_SENTENCE_END = re.compile(r"[.!?。！？]+")
_VOWELS = re.compile(r"[aeiouy]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def unfair_condition(conditions: Iterable[str]) -> str | None:
    """The first condition that takes a right away from the customer (F-11)."""
    return next((text for text in conditions if _matches("conditions", text)), None)


def misleading_words(text: str) -> str | None:
    """The words that would mislead about the customer's rights (T-06)."""
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in _lists()["misleading"])
    return next((match.group() for match in found if match), None)


def is_readable(text: str) -> bool:
    """At most grade 9 (Flesch-Kincaid) in English; in Chinese at most 60 characters a sentence on average."""
    if _CHINESE.search(text):
        sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
        return sum(map(len, sentences)) <= CHINESE_SENTENCE_MAX * max(1, len(sentences))
    words = _WORD.findall(text)
    return len(words) < _ENOUGH_WORDS or _grade(text, words) <= GRADE_MAX


def is_independent_system(system: str) -> bool:
    """Whether a proof comes from another system than somebody's own words (U-01)."""
    return system.strip().casefold() not in _lists()["vague_systems"]


def is_final(status: str) -> bool:
    """Whether that system says it really happened (`settled`, not `requested`)."""
    return status.strip().casefold() in _lists()["settled"]


def _grade(text: str, words: list[str]) -> float:
    """Flesch-Kincaid grade level, Kincaid et al. 1975; syllables counted as groups of vowels."""
    sentences = max(1, len([part for part in _SENTENCE_END.split(text) if part.strip()]))
    syllables = sum(max(1, len(_VOWELS.findall(word.lower()))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _matches(name: str, text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in _lists()[name])


@lru_cache(maxsize=1)
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = json.loads((DATA / "lint.json").read_text(encoding="utf-8"))
    return lists

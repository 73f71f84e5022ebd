"""Words for PostgreSQL's `simple` tsvector that find Chinese: single characters and bigrams, Latin words whole.

`to_tsvector('simple', 中文)` makes one giant token; trigrams miss two-character words. Uni- and bigrams find both.
"""

import re
import unicodedata

_IDEOGRAPHS = r"\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_IDEOGRAPHS}]+|(?:(?![{_IDEOGRAPHS}])[^\W_])+")
_CJK = re.compile(rf"[{_IDEOGRAPHS}]")
MAX_WORDS = 5000


def words(text: str) -> list[str]:
    """The search words of a text, in order, with repeats; at most MAX_WORDS."""
    found: list[str] = []
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower()):
        found.extend(_grams(run) if _CJK.match(run) else [run[:64]])
        if len(found) >= MAX_WORDS:
            break
    return found[:MAX_WORDS]


def index_text(text: str) -> str:
    """What `to_tsvector('simple', …)` should be given so that `query_text` finds it."""
    return " ".join(words(text))


def query_text(typed: str) -> str:
    """A `to_tsquery('simple', …)` that asks for all typed words, the last Latin one as a prefix; '' asks nothing."""
    terms: list[str] = []
    for run in _RUNS.findall(unicodedata.normalize("NFKC", typed).lower()):
        grams = _grams(run)[1::2] if _CJK.match(run) and len(run) > 1 else [run[:64]]
        terms.extend(f"'{gram}'" for gram in grams)
    if terms and not _CJK.search(terms[-1]):
        terms[-1] += ":*"
    return " & ".join(terms)


def _grams(run: str) -> list[str]:
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    return [gram for i, char in enumerate(run) for gram in (char, *pairs[i : i + 1])]

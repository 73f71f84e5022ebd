"""Says which language a text is in: by its script where that decides, else among the configured languages."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from nlp.text import is_han

UNKNOWN: Final = "und"
DEFAULT_LANGUAGES: Final = ("en", "zh")

# One Han character says about as much as three Latin letters; so "我的 order 一直 pending" is Chinese.
HAN_WEIGHT = 3
LOOKED_AT = 2000

# Addresses are in Latin letters whatever the language around them.
ADDRESS = re.compile(r"https?://[!-~]+|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")

SCRIPTS = (
    ("kana", "\u3040", "\u30ff"),
    ("hangul", "\uac00", "\ud7a3"),
    ("cyrillic", "\u0400", "\u04ff"),
    ("greek", "\u0370", "\u03ff"),
    ("hebrew", "\u0590", "\u05ff"),
    ("arabic", "\u0600", "\u06ff"),
    ("devanagari", "\u0900", "\u097f"),
    ("thai", "\u0e00", "\u0e7f"),
)
# The languages written in a script, the likeliest first.
SCRIPT_LANGUAGES = {
    "han": ("zh",),
    "kana": ("ja",),
    "hangul": ("ko",),
    "cyrillic": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn"),
    "greek": ("el",),
    "hebrew": ("he",),
    "arabic": ("ar", "fa", "ur", "ps", "ug"),
    "devanagari": ("hi", "mr", "ne"),
    "thai": ("th",),
}
OTHER_SCRIPTS = frozenset(language for languages in SCRIPT_LANGUAGES.values() for language in languages)


def detect(text: str, languages: Sequence[str] = DEFAULT_LANGUAGES) -> str:
    """The language's ISO 639-1 code, `und` for a text without letters.

    Latin script is decided among the configured languages only. Another script names its language even where that
    is not configured: a Korean message is better called Korean than English.
    """
    script = main_script(ADDRESS.sub(" ", text[:LOOKED_AT]))
    if script is None:
        return UNKNOWN
    if script == "latin":
        candidates = [language for language in languages if language not in OTHER_SCRIPTS]
        return UNKNOWN if not candidates else pick(text, tuple(candidates))
    written = SCRIPT_LANGUAGES[script]
    candidates = [language for language in languages if language in written]
    return pick(text, tuple(candidates)) if candidates else written[0]


def main_script(text: str) -> str | None:
    """The script with the most weight. Japanese mixes kana and Han; a tenth of kana makes it Japanese."""
    counts = Counter(script for script in map(script_of, text) if script)
    if not counts:
        return None
    if counts["kana"] * 10 >= counts["han"] and counts["kana"] >= 2:
        counts["kana"] += counts["han"]
        counts["han"] = 0
    weights = {
        script: count * (HAN_WEIGHT if script in {"han", "kana", "hangul"} else 1)
        for script, count in counts.items()
    }
    return max(weights, key=lambda script: weights[script])


def script_of(character: str) -> str | None:
    if character.isascii():
        return "latin" if character.isalpha() else None
    if is_han(character):
        return "han"
    for script, first, last in SCRIPTS:
        if first <= character <= last:
            return script if character.isalpha() or script == "kana" else None
    return "latin" if character.isalpha() and character < "\u0370" else None


def pick(text: str, candidates: tuple[str, ...]) -> str:
    """The likeliest of some languages in one script; the statistics are needed only where there is a choice."""
    if len(candidates) == 1:
        return candidates[0]
    return str(identifier(candidates).classify(text[:LOOKED_AT])[0])


@lru_cache(maxsize=8)
def identifier(candidates: tuple[str, ...]) -> LanguageIdentifier:
    chosen = LanguageIdentifier.from_model_file(MODEL_FILE)
    chosen.set_languages(list(candidates))
    return chosen

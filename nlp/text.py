"""Brings raw text into one shape, and keeps the way back to the original characters."""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

# What is invisible and only hides text from a pattern: soft hyphen, zero-width marks, bidi controls, byte-order mark.
INVISIBLE = frozenset("\u00ad\u180e\ufeff") | {
    chr(code) for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F))
}
INVISIBLE |= {chr(code) for code in range(0x2060, 0x206A)}
REPLACEMENT = "\ufffd"

QUOTED_LINE = re.compile(r"^[ \t]{0,3}>.*$", re.MULTILINE)
QUOTE_HEADER = re.compile(
    r"^[ \t]{0,3}(?:"
    r"On .{4,120} wrote:|.{0,60}于.{4,60}写道[:：]|在.{4,80}写道[:：]|"
    r"-{2,}\s?(?:Original Message|Forwarded message|原始邮件|转发邮件|原始郵件)\s?-{2,}|"
    r"_{20,}"
    r")[ \t]{0,3}$",
    re.MULTILINE | re.IGNORECASE,
)
SIGNATURE = re.compile(r"^(?:-- ?|Sent from my .{2,30}|发自我的.{2,20}|從我的.{2,20}傳送)$", re.MULTILINE)

DIGITS = re.compile(r"\d+")
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
TOKEN = re.compile(
    rf"[{HAN}]+|0+|[^\W\d_{HAN}]+(?:['’][^\W\d_{HAN}]+)*|[!?！？…]|[\U0001f300-\U0001faff\u2600-\u27bf]"
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """Normalised text; `offsets[i]` is where its character i began in the original, plus one last entry: the end."""

    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters [start, end) of the normalised text lie in the original; end > start."""
        return self.offsets[start], self.offsets[end - 1 + self.width(end - 1)]

    def width(self, index: int) -> int:
        """How many normalised characters, from this one on, came from the same original characters."""
        step = 1
        while index + step < len(self.text) and self.offsets[index + step] == self.offsets[index]:
            step += 1
        return step


def normalise(text: str) -> Mapped:
    """NFKC without invisible and control characters. Line ends stay; a lone surrogate becomes the replacement mark.

    The form is taken cluster by cluster (a character and the marks combined with it), so that every character keeps
    its place; only Hangul written as separate letters comes out otherwise than with `unicodedata.normalize`.
    """
    if text.isascii() and text.isprintable():
        return Mapped(text, tuple(range(len(text) + 1)))
    characters: list[str] = []
    offsets: list[int] = []
    for start, cluster in clusters(text):
        shaped = "".join(visible(character) for character in unicodedata.normalize("NFKC", cluster))
        characters.append(shaped)
        offsets.extend([start] * len(shaped))
    offsets.append(len(text))
    return Mapped("".join(characters), tuple(offsets))


def clusters(text: str) -> Iterator[tuple[int, str]]:
    """Every character with the combining marks after it, and its place."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            if start < len(text):
                yield start, text[start:index]
            start = index


def visible(character: str) -> str:
    if character in INVISIBLE:
        return ""
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return REPLACEMENT
    return " " if category in {"Cc", "Zl", "Zp"} else character


def own_words(text: str) -> str:
    """What the writer wrote now: without quoted mail and signature. All of it where nothing else is left."""
    cut = text
    for pattern in (QUOTE_HEADER, SIGNATURE):
        found = pattern.search(cut)
        if found and cut[: found.start()].strip():
            cut = cut[: found.start()]
    cut = QUOTED_LINE.sub("", cut).strip()
    return cut or text.strip()


def excerpt(text: str, limit: int) -> str:
    """At most `limit` characters: the beginning, and of a longer text the last third too, where the demand stands."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return text[: limit - tail - 1] + "\n" + text[-tail:]


def is_han(character: str) -> bool:
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
    )


def ngram_buckets(text: str, buckets: int) -> list[int]:
    """The buckets of all character n-grams, with repeats.

    Words: whole, and 3 to 5 characters with a blank on either side; Han: 1 to 3. Pairs of neighbouring words are added,
    because "not happy" is more than its parts. Numbers are one mark, for an order number says nothing.
    """
    return [zlib.crc32(gram.encode("utf-8", "replace")) % buckets for gram, _, _ in ngrams(text)]


def ngrams(text: str) -> Iterator[tuple[str, int, int]]:
    """Every n-gram with the place [start, end) in `text` that it speaks of."""
    lowered = DIGITS.sub(lambda found: "0" * len(found.group()), text.lower())
    if len(lowered) != len(text):  # a few capitals grow when lowered; then the places would be wrong
        lowered = DIGITS.sub(lambda found: "0" * len(found.group()), text)
    previous: tuple[str, int] | None = None
    for start, end in token_spans(lowered):
        token = lowered[start:end]
        han = is_han(token[0])
        yield from (run_ngrams(token, start) if han else word_ngrams(token, start))
        if previous:
            yield f"{previous[0]}_{'' if han else token}", previous[1], end
        previous = None if han else (token, start)


def token_spans(text: str) -> Iterator[tuple[int, int]]:
    """Runs of Han characters, words, runs of digits, and single marks of punctuation that carry feeling."""
    for match in TOKEN.finditer(text):
        yield match.span()


def run_ngrams(run: str, start: int) -> Iterator[tuple[str, int, int]]:
    for size in (1, 2, 3):
        for at in range(len(run) - size + 1):
            yield run[at : at + size], start + at, start + at + size


def word_ngrams(word: str, start: int) -> Iterator[tuple[str, int, int]]:
    padded = f" {word} "
    end = start + len(word)
    yield padded, start, end
    for size in (3, 4, 5):
        for at in range(len(padded) - size + 1):
            yield padded[at : at + size], start, end

"""Header fields as senders write them: encoded words, parameters, Message-IDs, dates. Tolerant and linear in time."""

import binascii
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from contactcenter.channels.email.charsets import decode

_FOLD = re.compile(r"[\r\n]+[ \t]*")
_SPACES = re.compile(r"\s+")
_WORD_START = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_PARAMETER = re.compile(
    r"""[;\s]([^\s=;*"]{1,60})(?:\*(\d{1,4}))?(\*)?\s*=\s*(?:"((?:\\.|[^"\\])*)"|"?([^;]*))""", re.DOTALL
)
_MESSAGE_ID = re.compile(r"<\s*([^<>]{1,998}?)\s*>")
_MAX_IDS = 200
_MAX_ID = 400  # characters; longer ones are cut alike on both sides, and fit an index
_MAX_HEADER = 262_144


def header_text(raw: bytes, hints: Iterable[str] = ()) -> str:
    """A header's value as a person reads it: unfolded, raw bytes and encoded words decoded, one line."""
    return one_line(decode_words(unfold(raw, hints)))


def unfold(raw: bytes, hints: Iterable[str] = ()) -> str:
    """The value on one line, raw eight-bit characters decoded (`hints`: charsets seen in the body)."""
    return _FOLD.sub(" ", decode(raw[:_MAX_HEADER], hints=hints)).strip()


def one_line(text: str) -> str:
    """Composed (NFC), with every run of white space as one space."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


class _EncodedWord(NamedTuple):
    """`charset` is empty for text that was not encoded."""

    charset: str
    content: bytes | str


def decode_words(text: str) -> str:
    """Decode RFC 2047 words, also where they should not stand and where a character was cut between two of them."""
    if "=?" not in text:
        return text
    out = []
    for charset, run in groupby(_split_words(text), key=lambda word: word.charset):
        contents = [word.content for word in run]
        if charset:
            out.append(decode(b"".join(c for c in contents if isinstance(c, bytes)), charset))
        else:
            out.extend(c for c in contents if isinstance(c, str))
    return "".join(out)


def _split_words(text: str) -> Iterable[_EncodedWord]:
    """Encoded words and what lies between them; white space between two words is not text (RFC 2047 §6.2)."""
    position, after_word = 0, False
    while match := _WORD_START.search(text, position):
        end = text.find("?=", match.end())
        if end < 0:
            break
        between = text[position : match.start()]
        if between and not (after_word and between.isspace()):
            yield _EncodedWord("", between)
        language_free = match[1].partition("*")[0].lower()
        yield _EncodedWord(language_free, _word_bytes(match[2].lower(), text[match.end() : end]))
        position, after_word = end + 2, True
    if rest := text[position:]:
        yield _EncodedWord("", rest)


def _word_bytes(encoding: str, content: str) -> bytes:
    data = content.encode("utf-8")
    return decode_base64(data) if encoding == "b" else binascii.a2b_qp(data, header=True)


def decode_base64(data: bytes) -> bytes:
    """All that can be read: foreign characters are skipped, missing padding is added, pieces may follow padding."""
    try:
        if b"=" not in data.rstrip(b"=\r\n \t"):
            return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    letters = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    return b"".join(map(_decode_piece, re.split(rb"=+", letters)))


def _decode_piece(letters: bytes) -> bytes:
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


class Parameters(NamedTuple):
    """`text/plain; charset=x` as ("text/plain", {"charset": "x"}); names and value in lower case."""

    value: str
    named: dict[str, str]


def parse_parameters(raw: bytes, hints: Iterable[str] = ()) -> Parameters:
    """A parameterised value, with RFC 2231 pieces joined and RFC 2047 words decoded wherever they stand."""
    text = unfold(raw, hints)
    value, _, _ = text.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, section, star, quoted, bare in _PARAMETER.findall(text[len(value) :]):
        content = re.sub(r'\\(["\\])', r"\1", quoted) if quoted else bare.strip().rstrip('"')
        if section or star:
            pieces.setdefault(name.lower(), {}).setdefault(int(section or 0), (content, bool(star)))
        else:
            plain.setdefault(name.lower(), one_line(decode_words(content)))
    extended = {name: one_line(_join_pieces(found)) for name, found in pieces.items()}
    return Parameters(value.strip().lower(), plain | extended)


def _join_pieces(pieces: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231: `charset'language'percent-encoded`, in numbered pieces of which some may be plain."""
    ordered = [pieces[number] for number in sorted(pieces)]
    charset = ""
    first, encoded = ordered[0]
    if encoded and first.count("'") >= 2:
        charset, _, rest = first.split("'", 2)
        ordered[0] = (rest, True)
    data = b"".join(unquote_to_bytes(text) if is_encoded else text.encode() for text, is_encoded in ordered)
    return decode_words(decode(data, charset or None))


def parse_message_ids(raw: bytes) -> tuple[str, ...]:
    """All ids in order, without angle brackets and inner white space; a lone id without brackets counts too."""
    text = unfold(raw)
    found = [_SPACES.sub("", match)[:_MAX_ID] for match in _MESSAGE_ID.findall(text)]
    if not found and "@" in text and " " not in text:
        found = [text.strip("<>")[:_MAX_ID]]
    return tuple(dict.fromkeys(found))[-_MAX_IDS:]


def parse_date(raw: bytes) -> datetime | None:
    """The instant in UTC; None if it is no date (a date without a zone is taken as UTC)."""
    try:
        date = parsedate_to_datetime(header_text(raw)[:200])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

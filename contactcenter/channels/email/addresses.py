"""Addresses as people and robots write them: groups, comments, bare words, broken quotes. Never raises."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contactcenter.channels.email.headers import decode_words, one_line, unfold

_TOKEN = re.compile(r'"((?:\\.|[^"\\]){0,500})"|<([^<>]*)>?|([,;:()>"])|([^",;<>:()]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BARE_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]{1,200}@[^\s@<>()\[\],;:\"]{1,255}")
_VALID = re.compile(r"(?:\"[^\"]{1,200}\"|[^\s@<>,;\"]{1,200})@[^\s@<>,;\"]{1,255}")
_MAX_ADDRESSES = 2_000


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox with the name beside it; `address` is None where none could be read."""

    address: str | None
    name: str = ""


UNKNOWN = Address(None)


def parse_sender(raw: bytes, hints: Iterable[str] = ()) -> Address:
    """The first address with an `@`, else the best name there is, else UNKNOWN."""
    found = _parse(raw, hints)
    return next((one for one in found if one.address), found[0] if found else UNKNOWN)


def parse_addresses(raw: bytes, hints: Iterable[str] = ()) -> tuple[Address, ...]:
    """Every real address of a list, in order, each once; group names and `undisclosed-recipients` are left out."""
    once: dict[str, Address] = {}
    for one in _parse(raw, hints):
        if one.address:
            once.setdefault(one.address.lower(), one)
    return tuple(once.values())


@dataclass(slots=True)
class _Entry:
    """One list entry while it is read."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    surname_n: int = 0  # leading words that came before a comma

    def finish(self) -> Address | None:
        name, comment = _readable(" ".join(self.words)), _readable(" ".join(self.comments))
        address = _clean_address(self.angle or "")
        if address:
            return Address(address, _unless_same(name or comment, address))
        bare = _BARE_ADDRESS.search(decode_words(self.words[-1])) if self.words else None
        address = _clean_address(bare[0]) if bare else None
        if address and bare:
            beside = " ".join(
                [*self.words[self.surname_n : -1], decode_words(self.words[-1]).replace(bare[0], " ")]
            )
            return Address(address, _readable(beside) or comment)
        name = (comment or name) if self.angle is None else name
        return Address(None, name) if name else None


def _parse(raw: bytes, hints: Iterable[str]) -> list[Address]:
    found: list[Address] = []
    for entry, joins_next in _entries(unfold(raw, hints)):
        address = entry.finish()
        if address and not (joins_next and address.address is None):
            found.append(address)
        if len(found) >= _MAX_ADDRESSES:
            break
    return found


def _entries(text: str) -> Iterator[tuple[_Entry, bool]]:
    """Entries between commas; one without an `@` before a comma is the surname of the next (`Li, Wang <…>`)."""
    entry, depth = _Entry(), 0
    for quoted, angle, mark, words in _TOKEN.findall(text):
        if depth or mark == "(":
            depth = max(0, depth + (mark == "(") - (mark == ")"))
            entry.comments.append(words or quoted)
        elif mark in {",", ";"}:
            surname = _is_surname(entry, mark)
            yield entry, surname
            entry = _Entry(words=[" ".join(entry.words).strip() + ","], surname_n=1) if surname else _Entry()
        elif mark == ":" and "@" not in " ".join(entry.words):
            entry = _Entry()
        elif mark:
            continue
        elif words or quoted:
            entry.words.append(_ESCAPED.sub(r"\1", quoted) or words)
        else:
            entry.angle = entry.angle or angle
    yield _unquote_surname(entry), False


def _is_surname(entry: _Entry, mark: str) -> bool:
    text = "".join(entry.words)
    return mark == "," and entry.angle is None and bool(text.strip()) and "@" not in text and "=?" not in text


def _unquote_surname(entry: _Entry) -> _Entry:
    """The last entry; when no address followed a surname, its comma goes again."""
    if entry.angle is None and entry.words:
        entry.words[-1] = entry.words[-1].rstrip(", ")
    return entry


def _readable(text: str) -> str:
    return one_line(decode_words(text)).strip("'\" ")


def _unless_same(name: str, address: str) -> str:
    return "" if name.lower() == address.lower() else name


def _clean_address(text: str) -> str | None:
    """The address without `mailto:`, source route, inner spaces and final dots; None if it has no two sides."""
    plain = re.sub(r"\s", "", decode_words(text)).removeprefix("mailto:").strip("'")
    if plain.startswith("@"):
        plain = plain.rpartition(":")[2]
    plain = plain.rstrip(".,;")
    return plain if _VALID.fullmatch(plain) else None

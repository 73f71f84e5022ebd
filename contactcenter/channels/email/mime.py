"""The MIME tree of a message, cut out of its bytes by boundaries.

Our own splitter, not `email.parser`: attached messages keep their exact bytes, headers keep their raw eight-bit
characters, and hostile nesting costs linear time (docs/adr says what was measured).
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contactcenter.channels.email.charsets import decode
from contactcenter.channels.email.headers import Parameters, decode_base64, parse_parameters

MAX_DEPTH = 20
MAX_PARTS = 1_000
MAX_HEADERS = 2_000
_HEADER_END = re.compile(rb"\r*\n\r*(?:\n|\Z)")
_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_LINE = re.compile(rb"\r*\n")
_LIKELY_BOUNDARY = re.compile(rb"^--(\S{1,200})\r*\n(?=[A-Za-z-]{1,60}:)", re.MULTILINE)
_GUESS_WITHIN = 65_536


@dataclass(frozen=True, slots=True)
class Headers:
    """Raw values in the order of the mail; names are compared without case."""

    fields: tuple[tuple[str, bytes], ...]

    def get(self, name: str) -> bytes:
        """The first value, or empty bytes."""
        return next(self.all(name), b"")

    def all(self, name: str) -> Iterator[bytes]:
        return (value for key, value in self.fields if key == name)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Part:
    """One node: `body` is still transfer-encoded; `parts` are the children of a multipart."""

    headers: Headers
    body: bytes
    content: Parameters
    disposition: Parameters
    parts: tuple["Part", ...] = field(default=())

    @property
    def content_type(self) -> str:
        return self.content.value

    @property
    def charset(self) -> str | None:
        return self.content.named.get("charset")

    def walk(self) -> Iterator["Part"]:
        yield self
        for part in self.parts:
            yield from part.walk()


def split(raw: bytes) -> Part:
    """The whole message as a tree; multiparts deeper than MAX_DEPTH stay leaves."""
    return _Splitter().split(_with_newlines(raw), depth=0, default_type="text/plain")


def _with_newlines(raw: bytes) -> bytes:
    """Old Macs end lines with CR alone."""
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")


class _Splitter:
    """Splits within one budget of parts, so that no bytes can make the tree large."""

    def __init__(self) -> None:
        self.parts_left = MAX_PARTS

    def split(self, raw: bytes, *, depth: int, default_type: str) -> Part:
        headers, body = split_headers(raw)
        content = _content_type(headers, default_type)
        disposition = parse_parameters(headers.get("content-disposition"))
        children: tuple[Part, ...] = ()
        if content.value.startswith("multipart/") and depth < MAX_DEPTH:
            child_type = "message/rfc822" if content.value == "multipart/digest" else "text/plain"
            children = tuple(
                self.split(piece, depth=depth + 1, default_type=child_type)
                for piece in self._cut(body, content.named.get("boundary", ""))
            )
            if not children:
                content = Parameters("text/plain", content.named)
        return Part(headers, body, content, disposition, children)

    def _cut(self, body: bytes, boundary: str) -> list[bytes]:
        """The bytes between delimiter lines; a wrong or missing boundary is looked for in the text."""
        spans = self._delimiters(body, boundary.encode()) if boundary else []
        if not spans and (likely := _LIKELY_BOUNDARY.search(body, 0, _GUESS_WITHIN)):
            spans = self._delimiters(body, likely[1])
        if not spans:
            return []
        ends = [start for start, _, _ in spans[1:]] + [len(body)]
        return [
            _without_last_newline(body[start:end])
            for (_, start, closing), end in zip(spans, ends, strict=True)
            if not closing
        ]

    def _delimiters(self, body: bytes, boundary: bytes) -> list[tuple[int, int, bool]]:
        """Delimiter lines as (start, end with newline, whether it closes), at most as many as the budget has."""
        marker, found, position = b"--" + boundary, [], 0
        while self.parts_left and (start := body.find(marker, position)) >= 0:
            newline = body.find(b"\n", start)
            end = newline + 1 if newline >= 0 else len(body)
            tail = body[start + len(marker) : end].strip()
            position = end if tail in {b"", b"--"} else start + len(marker)
            if tail in {b"", b"--"} and (start == 0 or body[start - 1 : start] == b"\n"):
                found.append((start, end, tail == b"--"))
                self.parts_left -= 1
        return found


def _without_last_newline(piece: bytes) -> bytes:
    """The line break before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)."""
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece.removesuffix(b"\n")


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """Headers and body. A line that is no header is skipped if headers follow it, else the body begins there."""
    raw = raw.lstrip(b"\r\n") if raw[:1] in {b"\r", b"\n"} and _HEADER.match(raw.lstrip()[:300]) else raw
    if raw[:1] in {b"\r", b"\n"}:
        return Headers(()), raw.lstrip(b"\r").removeprefix(b"\n")
    end = _HEADER_END.search(raw)
    block, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    lines = _LINE.split(block)
    last = max((n for n, line in enumerate(lines) if _is_header(line)), default=-1)
    loose = next((n for n in range(last + 1, len(lines)) if lines[n][:1] not in {b" ", b"\t", b""}), None)
    if loose is not None and not (loose == 0 and lines[0].startswith(b"From ")):
        return Headers(_join_folded(lines[:loose])), b"\n".join([*lines[loose:], b"", body])
    return Headers(_join_folded(lines)), body


def _is_header(line: bytes) -> bool:
    return _HEADER.match(line) is not None


def _join_folded(lines: list[bytes]) -> tuple[tuple[str, bytes], ...]:
    joined: list[list[bytes]] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and joined:
            joined[-1].append(line)
        elif _is_header(line) and len(joined) < MAX_HEADERS:
            joined.append([line])
    matches = (_HEADER.match(b"\n".join(run)) for run in joined)
    return tuple((match[1].decode("ascii").lower(), match[2]) for match in matches if match)


def _content_type(headers: Headers, default: str) -> Parameters:
    """The declared type, or the default where it is missing or is no `type/subtype`."""
    found = parse_parameters(headers.get("content-type"))
    value = found.value.split()[0] if found.value else default
    if value == "text":
        value = "text/plain"
    return Parameters(value if value.count("/") == 1 else default, found.named)


def content_bytes(part: Part) -> bytes:
    """The part's content without its transfer encoding; what is broken in it stays as it is."""
    encoding = part.headers.get("content-transfer-encoding").split(b";")[0].strip().lower()
    if encoding == b"base64":
        return decode_base64(part.body)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(part.body)
    if encoding in {b"x-uuencode", b"uuencode", b"x-uue", b"uue"}:
        return b"".join(decode_uu_line(line) for line in part.body.splitlines() if _is_uu_content(line))
    return part.body


def _is_uu_content(line: bytes) -> bool:
    return not line.startswith((b"begin ", b"end"))


def decode_uu_line(line: bytes) -> bytes:
    """One line of uuencoded content; a broken line is read as far as its own length byte says, else dropped."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        needed = ((line[0] - 32 & 63) * 4 + 5) // 3 if line else 0
        try:
            return binascii.a2b_uu(line[:needed])
        except binascii.Error:
            return b""


def content_text(part: Part, hints: tuple[str, ...] = ()) -> str:
    """The text of a text part, with plain newlines."""
    text = decode(content_bytes(part), part.charset, hints=hints)
    return text.replace("\r\n", "\n").replace("\r", "\n")

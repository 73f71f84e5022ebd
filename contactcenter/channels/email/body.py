"""Which parts of a mail are its text, its HTML and its attachments."""

import html as escapes
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from contactcenter.channels.email.attachments import (
    Attachment,
    declared_name,
    read_attachment,
    show_in_place,
    take_uuencoded,
)
from contactcenter.channels.email.charsets import decode
from contactcenter.channels.email.html_text import (
    clean_mail_html,
    declared_charset,
    html_reply_source,
    html_to_text,
)
from contactcenter.channels.email.mime import Part, content_bytes, content_text

MAX_TEXT = 1_000_000
_TEXT_TYPES = {"text/plain", "text/enriched", "text/markdown", "text/x-markdown"}
_SKIPPED_ALTERNATIVES = {"text/x-amp-html", "text/watch-html"}
_WORD = re.compile(r"\w")
_HTML_NOTICE = re.compile(r"\bHTML\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """`text` always says what the mail says; `html` is safe to show; `reply_source` is text with quotes marked."""

    text: str
    html: str | None
    reply_source: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class _Segment:
    """One stretch of the body, as text, as HTML, or both saying the same."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class _Found:
    segments: list[_Segment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def read_body(root: Part) -> Body:
    """Text from text/plain where it says something, else from the HTML beside it; all other parts are files."""
    found = _collect(root, _Found(), is_root=True)
    html = _join_html(found.segments)
    return Body(
        text=_join(_as_text(segment) for segment in found.segments),
        html=clean_mail_html(html) if html else None,
        reply_source=_join(_as_reply_source(segment) for segment in found.segments),
        attachments=tuple(show_in_place(one, html) for one in found.attachments),
    )


def _collect(part: Part, found: _Found, *, is_root: bool = False) -> _Found:
    if part.content_type == "multipart/alternative":
        _collect_alternatives(part, found)
    elif part.parts:
        for child in part.parts:
            _collect(child, found)
    elif _is_body(part, found, is_root=is_root):
        _collect_text(part, found)
    elif part.body.strip() or declared_name(part):
        found.attachments.append(read_attachment(part))
    return found


def _is_body(part: Part, found: _Found, *, is_root: bool) -> bool:
    if part.content_type not in {*_TEXT_TYPES, "text/html"}:
        return False
    if is_root:
        return True
    if part.disposition.value == "attachment" or part.disposition.named.get("filename"):
        return False
    return not (declared_name(part) and found.segments)


def _collect_text(part: Part, found: _Found) -> None:
    if part.content_type == "text/html":
        found.segments.append(_Segment(html=_html_of(part)))
    else:
        text, files = take_uuencoded(content_text(part))
        found.segments.append(_Segment(plain=_unflow(part, text)[:MAX_TEXT]))
        found.attachments += files
    if len(part.body) > 2 * MAX_TEXT:  # what is shown is cut; the whole stays at hand
        found.attachments.append(read_attachment(part))


def _html_of(part: Part) -> str:
    data = content_bytes(part)
    text = decode(data, part.charset or declared_charset(data))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _collect_alternatives(part: Part, found: _Found) -> None:
    """One segment out of several renderings of the same: the plainest that says something, the richest HTML."""
    plain, html = "", ""
    for child in part.parts:
        if child.content_type in _SKIPPED_ALTERNATIVES:
            continue
        inner = _collect(child, _Found())
        plain = plain or _join(segment.plain for segment in inner.segments)
        html = "".join(segment.html for segment in inner.segments) or html
        found.attachments += inner.attachments
    if plain or html:
        found.segments.append(_Segment(plain if not html or _says_something(plain, html) else "", html))


def _says_something(plain: str, html: str) -> bool:
    """False for an empty text part and for one that only says that there is HTML."""
    if not _WORD.search(plain):
        return False
    if len(plain) > 400 or not _HTML_NOTICE.search(plain):
        return True
    return _squeezed(plain)[:40] in _squeezed(html_to_text(html))


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text)


def _unflow(part: Part, text: str) -> str:
    """Join soft-broken lines of format=flowed (RFC 3676)."""
    if part.content.named.get("format", "").lower() != "flowed":
        return text
    deletes_space = part.content.named.get("delsp", "").lower() == "yes"
    paragraphs: list[list[str]] = []
    open_quote: str | None = None  # the quote marks of a line that goes on, else None
    for line in text.split("\n"):
        content = line.lstrip(">")
        marks = line[: len(line) - len(content)]
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        piece = content[:-1] if flows and deletes_space else content
        if open_quote == marks and content != "-- ":
            paragraphs[-1].append(piece)
        else:
            paragraphs.append([marks, " ", piece] if marks else [piece])
        open_quote = marks if flows else None
    return "\n".join(map("".join, paragraphs))


def _join(texts: Iterable[str]) -> str:
    return "\n\n".join(stripped for text in texts if (stripped := text.strip("\n")))


def _join_html(segments: list[_Segment]) -> str:
    if not any(segment.html for segment in segments):
        return ""
    return "\n".join(segment.html or f"<pre>{escapes.escape(segment.plain)}</pre>" for segment in segments)


def _as_text(segment: _Segment) -> str:
    return segment.plain or html_to_text(segment.html)


def _as_reply_source(segment: _Segment) -> str:
    return segment.plain or html_reply_source(segment.html)

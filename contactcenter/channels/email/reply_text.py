"""The new part of a reply: without the quoted history, without the signature; the whole text stays beside it."""

import re
from itertools import takewhile

from contactcenter.channels.email.reply_words import (
    ATTRIBUTION_START,
    BEGIN_FORWARDED,
    DEVICE_LINE,
    HAS_ADDRESS,
    HAS_DATE,
    HEADER_LINE,
    RULE,
    SEPARATOR,
    SIGNATURE_MARK,
    WROTE,
)

_ATTRIBUTION_LINES = 4
_ATTRIBUTION_LENGTH = 500
_HEADER_LINES = 8
_SIGNATURE_LINES = 15
_MAX_TEXT = 100_000  # characters looked at; nobody writes a longer reply, and the whole text is kept anyway
_COLONS = (":", "：")
_NOISE = re.compile("[\u200b-\u200f\u202a-\u202e\ufeff]")


def reply_text(text: str) -> str:
    """What the writer added; the whole text where nothing would be left (a bare forward, a quote alone)."""
    kept = "\n".join(_without_device_lines(_new_lines(text[:_MAX_TEXT].split("\n")))).strip()
    return kept or text.strip()


def _new_lines(raw: list[str]) -> list[str]:
    """Walk down: drop quotes and their attributions, stop where a copied message begins, skip signatures."""
    lines = [_NOISE.sub("", line).replace("\u00a0", " ").strip() for line in raw]
    kept: list[str] = []
    position, signing = 0, False
    while position < len(lines):
        if _is_quoted(lines[position]):
            position, signing = position + 1, False
        elif span := _attribution_span(lines, position):
            position += span
            if not _is_quoted(_next_words(lines, position)):
                break
        elif _begins_copy(lines, position):
            break
        else:
            signing = signing or _begins_signature(lines, position)
            if not signing:
                kept.append(raw[position].rstrip())
            position += 1
    return kept


def _without_device_lines(kept: list[str]) -> list[str]:
    """Without "Sent from my phone" at the end; the same words elsewhere are a person's."""
    end = len(kept)
    while end and (not kept[end - 1].strip() or DEVICE_LINE.match(kept[end - 1].strip()[:200])):
        end -= 1
    return kept[:end]


def _is_quoted(line: str) -> bool:
    return line.startswith((">", "＞", "&gt;"))


def _next_words(lines: list[str], position: int) -> str:
    return next((lines[n] for n in range(position, len(lines)) if lines[n]), "")


def _attribution_span(lines: list[str], start: int) -> int:
    """How many lines from `start` on are an "On … wrote:" (0: none). Programs wrap it over up to four lines."""
    if not lines[start]:
        return 0
    for span in range(1, _ATTRIBUTION_LINES + 1):
        end = start + span
        if end > len(lines) or not lines[end - 1] or _is_quoted(lines[end - 1]):
            return 0
        if lines[end - 1].endswith((*_COLONS, ":*")):
            quote_follows = _is_quoted(_next_words(lines, end))
            return span if _is_attribution(lines[start:end], quote_follows=quote_follows) else 0
    return 0


def _is_attribution(lines: list[str], *, quote_follows: bool) -> bool:
    """A beginning, a verb, a date, an address: those that prove it together; prose with a colon has fewer."""
    text = " ".join(lines).rstrip("*")
    if len(text) > _ATTRIBUTION_LENGTH:
        return False
    says_wrote = WROTE.search(text[-160:]) is not None
    addressed = HAS_ADDRESS.search(text) is not None
    dated = HAS_DATE.search(text) is not None
    if ATTRIBUTION_START.match(text) and dated and (says_wrote or addressed):
        return True
    if len(lines) > 1:
        return says_wrote and addressed and dated and _begins_in_first(lines, quote_follows=quote_follows)
    return (says_wrote and (quote_follows or addressed)) or (addressed and dated)


def _begins_in_first(lines: list[str], *, quote_follows: bool) -> bool:
    """Whether the first line is part of it, and not the last line of what somebody wrote above."""
    marked = HAS_DATE.search(lines[0]) or HAS_ADDRESS.search(lines[0])
    if marked is None or lines[1].startswith(
        "<"
    ):  # an address on a line of its own belongs to the name above it
        return marked is not None
    return not _is_attribution(lines[1:], quote_follows=quote_follows)


def _begins_copy(lines: list[str], position: int) -> bool:
    """A separator, or a block of mail headers, also under a drawn rule."""
    line = lines[position]
    if SEPARATOR.match(line[:200]) or BEGIN_FORWARDED.match(line[:100]):
        return True
    if RULE.match(line[:200]):
        following = next((n for n in range(position + 1, len(lines)) if lines[n]), None)
        return following is not None and _is_header_block(lines, following)
    return _is_header_block(lines, position)


def _is_header_block(lines: list[str], position: int) -> bool:
    """From and subject with a third, or a sender's address with a date or receiver, in a few lines on end."""
    if not HEADER_LINE.match(lines[position][:400]):
        return False
    seen: dict[str, str] = {}
    for line in [line for line in lines[position : position + 2 * _HEADER_LINES] if line][:_HEADER_LINES]:
        match = HEADER_LINE.match(line[:400])
        if match:
            seen.setdefault(_kind(match), match["value"])
    if "sender" not in seen:
        return False
    return ("subject" in seen and len(seen) >= 3) or ("@" in seen["sender"] and len(seen) >= 3)


def _kind(match: re.Match[str]) -> str:
    return next(name for name, value in match.groupdict().items() if value is not None and name != "value")


def _begins_signature(lines: list[str], position: int) -> bool:
    """The `-- ` line with a few lines under it; a long text under it is no signature."""
    if not SIGNATURE_MARK.match(lines[position]) or SIGNATURE_MARK.match(_next_words(lines, position + 1)):
        return False
    until = position + 1 + 4 * _SIGNATURE_LINES
    below = [*takewhile(lambda line: not _is_quoted(line), lines[position + 1 : until])]
    return sum(map(bool, below)) <= _SIGNATURE_LINES or any(
        _begins_copy(lines, n) or _attribution_span(lines, n)
        for n in range(position + 1, min(len(lines), position + 2 + _SIGNATURE_LINES))
    )

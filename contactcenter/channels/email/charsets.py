"""Bytes of any charset, named, misnamed or unnamed, become clean text; nothing here raises.

Names mean what senders mean by them: gb2312 is gb18030, iso-8859-1 is cp1252, iso-2022-jp is Microsoft's superset.
A declared charset that the bytes contradict is not believed: UTF-8 is tried, then detection, then replacement.
"""

import re
from collections.abc import Callable, Iterable

from charset_normalizer import from_bytes

from contactcenter.channels.email.detect import guess_charset

_MEANT = {
    "gb18030": "gb2312 gbk x-gbk gb_2312-80 gb2312-80 csgb2312 euc-cn x-euc-cn cp936 windows-936 ms936 chinese",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 8859_1 windows-1252 ansi x-ansi",
    "cp1254": "iso-8859-9 iso8859-9 latin5 windows-1254",
    "cp874": "iso-8859-11 tis-620 tis620 windows-874",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji csshiftjis windows-31j windows-932",
    "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601 ksc5601 ksc_5601 korean windows-949",
    "cp950": "big5 big-5 x-x-big5 cn-big5 csbig5 windows-950",
    "iso-8859-8": "iso-8859-8-i iso-8859-8-e logical",
    "utf-7": "unicode-1-1-utf-7 x-unicode-1-1-utf-7 csunicode11utf7",
    "utf-8": "utf8 utf-8mb4 utf8mb4 unicode-1-1-utf-8 us-ascii ascii ansi_x3.4-1968 646",
    "hz": "hz-gb-2312",
    "iso-2022-jp": "iso-2022-jp csiso2022jp iso2022jp cp50220 cp50221 cp50222 iso-2022-jp-ms _iso-2022-jp$esc",
}
_MEANING = {alias: name for name, aliases in _MEANT.items() for alias in [name, *aliases.split()]}
# A second strict try where the first name is not the widest of its family.
_WIDER = {"cp950": ("big5hkscs",), "cp932": ("shift_jis_2004",), "euc-jp": ("euc_jis_2004",)}
_ONE_BYTE = re.compile(r"(?:iso[-_]?8859|cp125|windows-125|koi8|mac|cp8)")
# Codecs that are no charsets of mail; punycode is quadratic besides.
_REFUSED = {
    "idna",
    "punycode",
    "unicode_escape",
    "unicode-escape",
    "raw_unicode_escape",
    "undefined",
    "charmap",
}
_JIS_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDO]|\([BJIH])")
_MULTIBYTE_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_SAMPLE = 16_384


def decode(data: bytes, declared: str | None = None, *, hints: Iterable[str] = ()) -> str:
    """The text of `data`; `hints` are charsets seen elsewhere in the mail, asked when nothing is declared."""
    if data.isascii() and b"\x1b" not in data and not _is_seven_bit_code(declared):
        return clean(data.decode("ascii"))
    for attempt in (_by_mark, _by_name, _by_utf8, _by_hints, _by_detection):
        text = attempt(data, declared or "", tuple(hints))
        if text is not None:
            return clean(text)
    return clean(data.decode("utf-8", "replace"))


def clean(text: str) -> str:
    """Without NUL, stray control characters and lone surrogates, which no database or page can hold."""
    return _UNWANTED.sub("", text)


def _meaning(name: str) -> str:
    plain = name.strip().strip("'\"").lower()
    return _MEANING.get(plain) or _MEANING.get(plain.replace("_", "-")) or plain


def _is_seven_bit_code(declared: str | None) -> bool:
    return _meaning(declared or "") in {"utf-7", "hz"}


def _by_mark(data: bytes, _declared: str, _hints: tuple[str, ...]) -> str | None:
    if data.startswith(b"\xef\xbb\xbf"):
        return _strictly(data, "utf-8-sig")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    return None


def _by_name(data: bytes, declared: str, _hints: tuple[str, ...]) -> str | None:
    name = _meaning(declared)
    if name in {"", "utf-8"} or name in _REFUSED or _is_really_utf8(data, name):
        return None
    for candidate in (name, *_WIDER.get(name, ())):
        text = _strictly(data, candidate)
        if text is not None:
            return text
    return _mostly(data, name)


def _is_really_utf8(data: bytes, name: str) -> bool:
    """Whether UTF-8 was sent under another name; two-byte charsets need more proof, they collide by chance."""
    if not _decodes(data, "utf-8") or data.isascii():
        return False
    return bool(_ONE_BYTE.match(name)) or len(_MULTIBYTE_UTF8.findall(data[:_SAMPLE])) >= 4


def _by_utf8(data: bytes, _declared: str, _hints: tuple[str, ...]) -> str | None:
    if _JIS_ESCAPE.search(data):
        return _decode_jis(data)
    return _strictly(data, "utf-8") or _mostly(data, "utf-8")


def _by_hints(data: bytes, _declared: str, hints: tuple[str, ...]) -> str | None:
    for hint in hints:
        name = _meaning(hint)
        japanese = ("cp932", "euc-jp") if name in {"iso-2022-jp", "cp932", "euc-jp"} else ()
        for candidate in (name, *japanese):
            if candidate not in _REFUSED and candidate != "iso-2022-jp" and _decodes(data, candidate):
                return _strictly(data, candidate)
    return None


def _by_detection(data: bytes, _declared: str, _hints: tuple[str, ...]) -> str | None:
    sample = data[:_SAMPLE]
    name = guess_charset(sample)
    if name is None:
        best = from_bytes(sample).best()
        name = best.encoding if best else "cp1252"
    return _strictly(data, name) or _mostly(data, name) or _leniently(data, name)


def _strictly(data: bytes, name: str) -> str | None:
    if name == "iso-2022-jp":
        return _decode_jis(data)
    if name == "cp1252":
        return data.decode("cp1252", "replace")
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _decodes(data: bytes, name: str) -> bool:
    return _strictly(data, name) is not None


def _mostly(data: bytes, name: str) -> str | None:
    """The text with a few replaced characters: one broken byte is no reason to doubt a whole charset."""
    text = _leniently(data, name)
    if text is None:
        return None
    foreign = sum(not char.isascii() for char in text)
    return text if text.count("\ufffd") * 20 <= foreign or _is_cut_short(text) else None


def _is_cut_short(text: str) -> bool:
    """Whether only the end is broken, as in a subject cut inside a character."""
    whole = text.rstrip("\ufffd")
    return "\ufffd" not in whole and any(char >= "\u0800" for char in whole)


def _leniently(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):
        return None


def _decode_jis(data: bytes) -> str:
    """ISO-2022-JP with what Windows adds to it (cp50221): circled digits, ㈱, half-width kana, raw Shift_JIS."""
    readers: dict[bytes, Callable[[bytes], str]] = {b"$@": _read_kanji, b"$B": _read_kanji, b"(I": _read_kana}
    pieces = _JIS_ESCAPE.split(data)
    text = [pieces[0].decode("cp932", "replace")]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        text.append(readers.get(escape, _read_plain)(run))
    return "".join(text)


def _read_plain(run: bytes) -> str:
    return run.decode("cp932", "replace")


def _read_kana(run: bytes) -> str:
    return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")


def _read_kanji(run: bytes) -> str:
    """Rows of JIS X 0208 in seven bits, moved to their places in Shift_JIS (JIS X 0208 annex 1)."""
    moved = bytearray()
    position = 0
    while position < len(run):
        row, cell = run[position], run[position + 1] if position + 1 < len(run) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            moved.append(row)
            position += 1
            continue
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        moved += bytes((lead, trail))
        position += 2
    return moved.decode("cp932", "replace")

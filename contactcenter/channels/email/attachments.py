"""What hangs on a mail: named safely, typed as declared, content untouched."""

import mimetypes
import re
import unicodedata
from dataclasses import dataclass, replace

from contactcenter.channels.email.charsets import clean
from contactcenter.channels.email.headers import header_text, one_line
from contactcenter.channels.email.mime import Part, content_bytes, decode_uu_line, split_headers

MAX_NAME_BYTES = 200
_TYPES = mimetypes.MimeTypes(filenames=())  # the standard table alone: names must not depend on the machine
_EXTENSIONS = {
    "application/octet-stream": ".bin",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "image/jpeg": ".jpg",
    "text/calendar": ".ics",
}
_INVISIBLE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_UU_BLOCK = re.compile(
    r"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,200})\n((?:[ -`][^\n]{0,90}\n)*?)`?[ ]?\n?end$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; `inline` means the sender shows it inside the text, under `content_id` if the HTML refers to it."""

    filename: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


def read_attachment(part: Part) -> Attachment:
    """The part as a file, whatever it is."""
    content = content_bytes(part)
    return Attachment(
        filename=_name(part, content),
        content_type=part.content_type,
        content=content,
        inline=part.disposition.value == "inline",
        content_id=header_text(part.headers.get("content-id")).strip("<> "),
    )


def declared_name(part: Part) -> str:
    """The name the sender gave it, or nothing."""
    return part.disposition.named.get("filename") or part.content.named.get("name") or ""


def show_in_place(attachment: Attachment, html: str) -> Attachment:
    """Marked inline if the HTML shows it by its Content-ID, however it was declared."""
    shown = bool(attachment.content_id) and f"cid:{attachment.content_id}" in html
    return replace(attachment, inline=True) if shown else attachment


def _name(part: Part, content: bytes) -> str:
    given = safe_name(declared_name(part))
    if given:
        return given
    if part.content_type == "message/rfc822":
        subject = header_text(split_headers(content)[0].get("subject"))
        stem = safe_name(subject.replace("/", "-").replace("\\", "-"))
        return f"{stem}.eml" if stem else "attachment.eml"
    return "attachment" + extension_of(part.content_type)


def extension_of(content_type: str) -> str:
    return _EXTENSIONS.get(content_type) or _TYPES.guess_extension(content_type) or ".bin"


def safe_name(name: str) -> str:
    """Without path, control and direction characters, composed, at most MAX_NAME_BYTES; empty if nothing is left."""
    last = re.split(r"[/\\]", clean(name))[-1]
    plain = one_line(_INVISIBLE.sub("", unicodedata.normalize("NFC", last)))
    return "" if plain in {".", ".."} else _shorten(plain)


def _shorten(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 12:
        stem, dot, extension = name, "", ""
    room = MAX_NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + extension


def take_uuencoded(text: str) -> tuple[str, list[Attachment]]:
    """Files written into the text by old mailers: the text without them, and the files."""
    if "\nend" not in text or "begin " not in text:
        return text, []
    files = [
        Attachment(safe_name(name) or "attachment.bin", _type_of(name), _decode_uu(block))
        for name, block in _UU_BLOCK.findall(text)
    ]
    return (_UU_BLOCK.sub("", text), files) if files else (text, [])


def _type_of(name: str) -> str:
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def _decode_uu(block: str) -> bytes:
    return b"".join(decode_uu_line(line.encode("ascii", "replace")) for line in block.splitlines())

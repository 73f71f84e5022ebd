"""Files: checked, named by their content, kept outside every web root, served as harmless bytes."""

import hashlib
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from contactcenter.core.config import get_settings
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.text import storable

_BLOCKED = {".exe", ".com", ".bat", ".cmd", ".scr", ".msi", ".js", ".vbs", ".ps1", ".jar", ".hta", ".lnk"}
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
INLINE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on disk: SHA-256 of its content (its name there), size in bytes, sniffed media type."""

    sha256: str
    size: int
    content_type: str


def store_file(content: bytes, filename: str, *, check: bool = True) -> StoredFile:
    """Keep `content` durably; the same bytes are kept once.

    With `check` (uploads) raises Invalid for a file that is too large, empty or a program; mail keeps all it got.
    """
    if check:
        _refuse_unwanted(content, filename)
    sha256 = hashlib.sha256(content).hexdigest()
    target = file_path(sha256)
    try:
        os.utime(target)  # young again: nobody sweeps it away before its new row is there
    except FileNotFoundError:
        _write_durably(target, content)
    return StoredFile(sha256, len(content), sniff_type(content))


def file_path(sha256: str) -> Path:
    """Where the content of that hash lies, two levels deep so that folders stay small."""
    return get_settings().files_dir / sha256[:2] / sha256


def sniff_type(content: bytes) -> str:
    """The media type by what the bytes say, never by what the sender says."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    known = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
    if known:
        return known
    try:
        content[:4096].decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        return "text/plain" if error.start > 4092 else "application/octet-stream"
    return "application/octet-stream" if b"\0" in content[:4096] else "text/plain"


def safe_filename(name: str) -> str:
    """The last part of a name, NFC, without control or path characters, at most 150 characters."""
    plain = unicodedata.normalize("NFC", storable(name)).replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "", plain).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return (f"{stem[:130]}{dot}{suffix[:15]}" if dot else plain[:150]) or "attachment"


def _refuse_unwanted(content: bytes, filename: str) -> None:
    limit = get_settings().upload_max_bytes
    if not content:
        raise Invalid(_("The file is empty."), field="file")
    if len(content) > limit:
        message = _("The file is larger than %(limit)s MB. Send a smaller one.", limit=limit // 1_048_576)
        raise Invalid(message, field="file")
    if Path(filename.lower()).suffix in _BLOCKED or content[:2] == b"MZ" or content[:4] == b"\x7fELF":
        raise Invalid(_("Programs cannot be sent. Send a document or a picture."), field="file")


def _write_durably(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(target)

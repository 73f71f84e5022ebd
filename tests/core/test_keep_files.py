"""Files: named by content, typed by their bytes, refused with a sentence when unwanted."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contactcenter.core.config import get_settings
from contactcenter.core.errors import Invalid
from contactcenter.core.storage import file_path, safe_filename, sniff_type, store_file


@pytest.mark.usefixtures("engine")
def test_same_bytes_are_kept_once_under_their_hash() -> None:
    first, again = store_file(b"hello", "a.txt"), store_file(b"hello", "b.txt")
    assert first == again
    assert first.sha256 == hashlib.sha256(b"hello").hexdigest()
    path = file_path(first.sha256)
    assert path.read_bytes() == b"hello"
    assert path.is_relative_to(get_settings().files_dir)
    assert [file.name for file in path.parent.iterdir()] == [first.sha256]  # no drafts left behind


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("content", "filename", "sentence"),
    [
        (b"", "empty.txt", "empty"),
        (b"MZ\x90", "invoice.pdf", "Programs"),
        (b"\x7fELF...", "picture.png", "Programs"),
        (b"harmless", "setup.EXE", "Programs"),
        (b"harmless", "run.js", "Programs"),
        (b"x" * (10 * 1024 * 1024 + 1), "big.txt", "larger than 10 MB"),
    ],
)
def test_unwanted_upload_is_refused_with_a_sentence(content: bytes, filename: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        store_file(content, filename)


@pytest.mark.usefixtures("engine")
def test_mail_keeps_what_it_got() -> None:
    assert store_file(b"MZ\x90", "virus.exe", check=False).size == 3
    assert store_file(b"", "nothing", check=False).size == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
        (b"<html><script>", "text/plain"),
        (b"<svg onload=alert(1)>", "text/plain"),
        ("好".encode() * 2000, "text/plain"),
        (b"a" + "好".encode() * 2000, "text/plain"),
        (b"text with \0", "application/octet-stream"),
        (b"\xfe\xff\0\x01", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_type_is_what_the_bytes_say(content: bytes, kind: str) -> None:
    assert sniff_type(content) == kind


@given(st.text(st.characters(), max_size=300))
@example("../../etc/passwd")
@example("C:\\Windows\\evil.txt")
@example("photo\u202egnp.exe")
@example("\ud800.txt")
@example("好" * 300 + ".pdf")
def test_any_name_becomes_a_harmless_one(name: str) -> None:
    safe = safe_filename(name)
    assert 0 < len(safe) <= 150
    assert not set(safe) & set('/\\\0\n<>:"|?*\u202e')
    assert safe == safe.strip(" .") or "." in safe
    assert Path(safe).name == safe
    safe.encode()


def test_names_of_people_keep_their_letters_and_ending() -> None:
    assert safe_filename("发票 2026.pdf") == "发票 2026.pdf"
    assert safe_filename("...") == "attachment"
    assert safe_filename("好" * 300 + ".pdf").endswith("好.pdf")

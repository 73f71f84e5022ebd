"""`mail parse`: JSON lines in order, exit status 0 only when every input could be read."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from contactcenter.cli.mail import main
from tests.channels.email import mails

KEYS = [
    "ticket",
    "created",
    "duplicate",
    "from",
    "to",
    "cc",
    "reply_to",
    "subject",
    "text",
    "reply_text",
    "attachments",
    "auto",
    "error",
]


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_input_gives_one_line_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "1.eml", tmp_path / "2.eml"
    one.write_bytes(mails.plain())
    two.write_bytes(mails.with_files(("发票.pdf", b"%PDF", "application/pdf")))
    assert main(["parse", "--json", str(one), str(two)]) == 0
    first, second = _lines(capsys)
    assert list(first) == KEYS
    assert first["from"] == {"address": "wang.li@example.cn", "name": "Wang Li"}
    assert (first["ticket"], first["created"], first["auto"], first["error"]) == (None, None, False, None)
    assert second["attachments"] == [
        {"filename": "发票.pdf", "content_type": "application/pdf", "size": 4, "inline": False}
    ]


def test_a_file_that_cannot_be_read_is_named_and_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "1.eml"
    there.write_bytes(mails.plain())
    assert main(["parse", "--json", str(tmp_path / "none.eml"), str(there)]) == 1
    missing, read = _lines(capsys)
    assert "none.eml" in str(missing["error"])
    assert read["subject"] == "Leaking kettle"


def test_a_dash_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(mails.plain())))
    assert main(["parse", "--json", "-"]) == 0
    assert _lines(capsys)[0]["subject"] == "Leaking kettle"


def test_without_json_people_can_read_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(mails.plain())
    assert main(["parse", str(file)]) == 0
    assert "subject: Leaking kettle" in capsys.readouterr().out

"""Commands that cannot go on say so in one line, with the right status, and never show a trace of the code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = {
    "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "k" * 40,
}
BROKEN_PIPE = 128 + signal.SIGPIPE


def run(words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return shell(f"{sys.executable} app.py {words}", **environment)


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The status is that of the first command of a pipe."""
    return subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str], status: int) -> str:
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (status, 1), done.stderr
    return lines[0]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "one.eml"
    path.write_bytes(b"From: wang@example.com\r\nSubject: Hello\r\n\r\nWhere is my parcel?\r\n")
    return path


@pytest.mark.parametrize("command", ["token create --role agent", "migrate", "complaints verify"])
def test_database_that_is_away_is_one_line(command: str) -> None:
    assert "database does not answer" in one_line(run(command, **NOWHERE), 1)


def test_address_that_is_none_is_one_line() -> None:
    line = one_line(run("migrate", **{**NOWHERE, "DATABASE_URL": "nonsense"}), 1)
    assert "DATABASE_URL" in line


def test_setting_of_the_wrong_type_is_named() -> None:
    assert "PORT" in one_line(run("doctor", PORT="eight"), 1)


def test_reader_who_has_seen_enough_is_no_error(mail: Path) -> None:
    for line in (f"mail parse --json {mail} {mail} {mail}", "help"):
        done = shell(f"{sys.executable} app.py {line} | true")
        assert done.stderr == ""
        assert done.returncode in (0, BROKEN_PIPE)


def test_full_disk_is_one_line(mail: Path) -> None:
    done = shell(f"{sys.executable} app.py mail parse --json {mail} > /dev/full")
    assert "No space left" in one_line(done, 1)


def test_file_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert str(folder) in one_line(run(f"complaints replay {folder}"), 2)


def test_closed_standard_input_is_an_unreadable_mail() -> None:
    done = shell(f"{sys.executable} app.py mail parse --json - <&-")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Cannot read" in done.stdout


def test_fewer_than_no_tickets_cannot_be_added() -> None:
    done = run("demo --size -3")
    assert done.returncode == 2
    assert "--size" in done.stderr

import os
import stat
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from contactcenter.cli import backup
from contactcenter.embedded.engines import Engines

ROOT = Path(__file__).resolve().parents[2]
COUNT = """
from sqlalchemy import text
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.embedded.attach import attach_or_start
with attach_or_start(get_settings()) as settings:
    db.connect(settings.database_url, pool_n=1)
    with db.unit_of_work() as session:
        print(*(session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("user_account", "ticket")))
"""
LETTER = b"A letter in an attachment"


def run(own_dir: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STATE_DIR": str(own_dir)}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_everything_comes_back_in_an_empty_installation_and_only_there(own_dir: Path) -> None:
    old, new, archive = own_dir / "old", own_dir / "new", own_dir / "candor.tar.gz"
    assert run(old, "app.py", "demo").returncode == 0
    letter = old / "files" / sha256(LETTER).hexdigest()[:2] / sha256(LETTER).hexdigest()
    letter.parent.mkdir(parents=True)
    letter.write_bytes(LETTER)

    made = run(old, "app.py", "backup", str(archive))
    assert (made.returncode, made.stderr) == (0, "")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    done = run(new, "app.py", "restore", str(archive))
    assert (done.returncode, done.stderr) == (0, "")

    people_n, tickets_n = map(int, run(new, "-c", COUNT).stdout.split())
    assert people_n >= 7
    assert tickets_n >= 1
    assert (new / letter.relative_to(old)).read_bytes() == LETTER
    assert (new / "secret_key").read_text() == (old / "secret_key").read_text()

    again = run(new, "app.py", "restore", str(archive))
    assert again.returncode == 1
    assert again.stderr.startswith("candor: This installation is in use")


def test_the_owner_of_a_database_restores_it_without_being_more_than_that(
    engines: Engines, own_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/operations.md makes a database of one's own. The extension in it comes back by him, whoever made it there before."""
    old, new, archive = own_dir / "old", own_dir / "new", own_dir / "candor.tar.gz"
    for name, value in {**engines.addresses.environment(), "SECRET_KEY": "test-" * 8}.items():
        monkeypatch.setenv(name, value)
    first, second = (database_of(engines.migration_url, owner) for owner in ("landlord", "landlady"))
    use(first, monkeypatch)
    for words in (["migrate"], ["backup", str(archive)]):
        assert run(old, "app.py", *words).stderr == ""
    use(second, monkeypatch)
    assert run(new, "app.py", "restore", str(archive)).stderr == ""
    with psycopg.connect(second.replace("+psycopg", "")) as connection:
        made_by = "SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'pg_trgm'"
        assert connection.execute(made_by).fetchone() == ("landlady",)


def database_of(server: str, owner: str) -> str:
    """The address of a new database and of its owner, who may do nothing else; somebody has been there before."""
    here = server.replace("/candor?", f"/{owner}?")
    for url, statements in (
        (server, [f"CREATE ROLE {owner} LOGIN", f"CREATE DATABASE {owner} OWNER {owner} TEMPLATE template0"]),
        (here, ["CREATE EXTENSION pg_trgm"]),
    ):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    return here.replace("//candor@", f"//{owner}@")


def use(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "MIGRATION_URL"):
        monkeypatch.setenv(name, address)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused_in_one_sentence(own_dir: Path, content: bytes) -> None:
    (own_dir / "wrong").write_bytes(content)
    done = run(own_dir / "var", "app.py", "restore", str(own_dir / "wrong"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("candor: Cannot read")


def test_an_archive_cannot_write_outside_its_places(own_dir: Path) -> None:
    evil = own_dir / "evil.tar.gz"
    outside = own_dir / "outside"
    outside.write_text("mine")
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(outside, arcname="../../../outside-of-all")
        archive.add(outside, arcname="files/../secret_key")
    done = run(own_dir / "var", "app.py", "restore", str(evil))
    assert done.returncode == 1
    assert "is no archive that this version's `backup` wrote" in done.stderr
    assert not (own_dir.parent / "outside-of-all").exists()


def test_files_that_come_and_go_meanwhile_do_not_stop_a_backup(
    own_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload is a draft until it is whole, and an erasure takes files away."""
    folder = own_dir / "files" / "ab"
    folder.mkdir(parents=True)
    kept, gone = folder / ("ab" * 32), folder / ("ac" * 32)
    kept.write_bytes(LETTER)
    gone.write_bytes(LETTER)
    (folder / "tmp8d1x").write_bytes(b"half of an upl")
    walk = Path.rglob

    def and_then_one_goes(path: Path, pattern: str) -> list[Path]:
        seen = list(walk(path, pattern))
        gone.unlink(missing_ok=True)
        return seen

    monkeypatch.setattr(Path, "rglob", and_then_one_goes)
    backup.write_archive(own_dir / "a.tar.gz", [own_dir / "files"])
    with tarfile.open(own_dir / "a.tar.gz") as archive:
        assert archive.getnames() == [f"files/ab/{kept.name}"]

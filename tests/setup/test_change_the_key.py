"""The key that signs and seals is changed on a whole installation, and nothing that it sealed is lost."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLED_HALF_WAY = """
import os, signal
from contactcenter.cli import secrets
from contactcenter.core import resealing
resealing.BATCH, batches, reseal = 1, [], resealing.reseal
def once_more(*arguments):
    if len(batches) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    batches.append(1)
    return reseal(*arguments)
secrets.reseal = once_more
secrets.main(["rotate"])
"""
LOOK_EVERYWHERE = """
from sqlalchemy import text
from contactcenter.compose import compose, metadata
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.core.resealing import sealed_places
from contactcenter.embedded.attach import attach_or_start
with attach_or_start(get_settings()) as settings:
    compose()
    db.connect(settings.database_url, pool_n=1)
    known = {place.column for place in sealed_places(metadata)}
    with db.unit_of_work() as session:
        for table in metadata.sorted_tables:
            for column in set(table.columns) - known:
                query = f"SELECT 1 FROM {table.name} WHERE {column.name}::text LIKE '%gAAAAA%' LIMIT 1"
                if session.scalar(text(query)):
                    print(f"{table.name}.{column.name}")
"""


@pytest.fixture
def candor(own_dir: Path) -> "Candor":
    return Candor(own_dir / "var")


class Candor:
    """Commands on one installation."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "STATE_DIR": str(self.state_dir), "NLP_ENGINE": "off"}
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    def said(self, *command: str) -> str:
        done = self.run("app.py", *command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def keys(self) -> list[str]:
        return (self.state_dir / "secret_key").read_text().split()


def test_everything_is_brought_under_a_new_key_even_if_killed_half_way(candor: Candor) -> None:
    candor.said("demo")
    [first] = candor.keys
    candor.said("secrets", "new")
    assert candor.keys[1:] == [first]
    assert stat.S_IMODE((candor.state_dir / "secret_key").stat().st_mode) == 0o600
    assert "lie under an older key" in candor.run("app.py", "secrets", "forget").stderr

    assert candor.run("-c", KILLED_HALF_WAY).returncode == -signal.SIGKILL
    assert "W030" in candor.run("app.py", "doctor").stdout
    assert "0 faults" in candor.said("complaints", "verify")

    assert "newest key: 0;" not in candor.said("secrets", "rotate")
    assert candor.said("secrets", "rotate").startswith("Brought under the newest key: 0;")
    healthy = candor.run("app.py", "doctor").stdout
    assert "I031" in healthy
    assert not {"W030", "W032"} & set(healthy.split())

    candor.said("secrets", "forget")
    assert candor.keys != [first]
    assert len(candor.keys) == 1
    assert "0 faults" in candor.said("complaints", "verify")
    alone = candor.run("app.py", "doctor").stdout
    assert not {"W030", "I031", "W032"} & set(alone.split())

    # What is sealed with the key of its case needs no new key; whatever else is sealed has to say so.
    assert set(candor.run("-c", LOOK_EVERYWHERE).stdout.split()) <= {
        "complaint_value.sealed",
        "complaint_letter.sealed",
    }


def test_a_key_that_is_given_is_changed_where_it_is_given(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "given-" * 8)
    for command in ("new", "forget"):
        done = candor.run("app.py", "secrets", command)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "SECRET_KEY is given" in done.stderr

"""Processes that start before the database or the broker wait for them; what was due meanwhile is done at once."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as BrokerAway
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from contactcenter.complaints import verify
from contactcenter.conversations import unused_files
from contactcenter.core import clock, retention
from contactcenter.core.db import unit_of_work
from contactcenter.core.timers import TimerRow, set_timer
from workers import start
from workers.clock import plan_nights

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = {
    "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "k" * 40,
    "NLP_ENGINE": "rules",
}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "FIRST_PAUSE_S", 0.001)


@pytest.mark.parametrize("away", [BrokerAway(), OperationalError("", None, Exception())])
def test_first_deed_is_tried_until_the_engines_are_there(away: Exception) -> None:
    tried = []

    def act() -> None:
        tried.append(1)
        if len(tried) < 4:
            raise away

    assert start.once_there(threading.Event(), act)
    assert len(tried) == 4


def test_waiting_ends_when_told_to_stop() -> None:
    stop = threading.Event()

    def act() -> None:
        stop.set()
        raise BrokerAway

    assert not start.once_there(stop, act)


@pytest.mark.parametrize("words", ["worker nlp", "worker default", "clock"])
def test_process_outlives_engines_that_are_away_and_stops_when_told(words: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "app.py", *words.split()],
        cwd=ROOT,
        env={**os.environ, **NOWHERE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "engine_away" in line:
            process.send_signal(signal.SIGTERM)
            break
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, "".join(seen) + rest
    assert "Traceback" not in "".join(seen) + rest


def test_sweep_that_fell_due_while_nothing_ran_is_not_put_off(clean_database: Engine) -> None:
    missed = clock.now() - timedelta(hours=5)
    with unit_of_work() as session:
        set_timer(session, retention.SWEEP, "all", missed)
    plan_nights()
    plan_nights()
    with unit_of_work() as session:
        rows = session.execute(select(TimerRow.kind, TimerRow.due_at)).all()
    due = {row.kind: row.due_at for row in rows}
    assert len(rows) == 3
    assert due[retention.SWEEP] == missed
    assert min(due[verify.NIGHTLY], due[unused_files.SWEEP]) > clock.now()

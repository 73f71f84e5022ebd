"""How soon the system stands, and what it weighs when nobody is there: by process, without and with the language model.

`python -m benchmarks.bench_processes [--starts 3]`: the second and later starts of one installation, until `/readyz` answers and
until every process has reported; then a quiet while, and the memory of each process as PSS (shared pages counted once
among those who share them).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from redis import Redis
from sqlalchemy import create_engine, text

from benchmarks.families import families
from benchmarks.table import Row, median, spread_of
from benchmarks.table import main as print_alone
from contactcenter.cli.system import ROOT
from contactcenter.embedded import running
from contactcenter.embedded.running import Running

MIB = 1 << 20
QUIET_S = 20
REPORTED_WITHIN_S = 60
TARGETS_MIB = {"off": 350, "onnx": 700}
WORKERS_N = {"off": 1, "onnx": 2}
ASK = """
WITH word AS (SELECT pg_notify('outbox', ''))
INSERT INTO outbox (task, queue, args, key, created_at) SELECT 'nlp.analyse', 'nlp', '{"message_ids": []}', :key, now() FROM word
"""
ANSWERED = """
SELECT EXISTS (SELECT FROM outbox WHERE key = :key AND done_at IS NOT NULL)
   AND EXISTS (SELECT FROM router_lease WHERE until > now())
"""
"""The clock has passed on a job that the model's worker has done, and a router leads."""


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(5 if long else 3)


def measure(starts_n: int) -> list[Row]:
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with serving(Path(folder), "onnx"):
            pass  # the first start makes the database
        times = []
        for number in range(starts_n):
            with serving(Path(folder), "onnx") as (top, known, ready_s, complete_s):
                times.append((ready_s, complete_s))
                if number == starts_n - 1:
                    found += weighed(top, known, "onnx")
        with serving(Path(folder), "off") as (top, known, _ready_s, _complete_s):
            found += weighed(top, known, "off")
    ready, complete = zip(*times, strict=True)
    return [
        Row("a later start, until /readyz", median(ready), "s", spread=spread_of(ready)),
        Row(
            "a later start, until every process has reported",
            median(complete),
            "s",
            spread=spread_of(complete),
        ),
        *found,
    ]


@contextmanager
def serving(folder: Path, model: str) -> Iterator[tuple[psutil.Process, Running, float, float]]:
    """`app.py serve`: its process, what it runs, and seconds until the web answered and until all had reported."""
    environment = {**os.environ, "STATE_DIR": str(folder), "PORT": "0", "NLP_ENGINE": model}
    begun = time.perf_counter()
    top = subprocess.Popen(
        [sys.executable, "app.py", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert top.stdout is not None
        assert any("is ready after" in line for line in top.stdout), "it did not become ready"
        ready_s = time.perf_counter() - begun
        known = running.read(folder)
        assert known is not None
        wait_for_reports(known, f"bench:{begun}", WORKERS_N[model])
        yield psutil.Process(top.pid), known, ready_s, time.perf_counter() - begun
    finally:
        top.terminate()
        top.communicate(timeout=60)


def wait_for_reports(known: Running, key: str, workers_n: int) -> None:
    deadline = time.perf_counter() + REPORTED_WITHIN_S
    owner = create_engine(known.migration_url)
    redis = Redis.from_url(known.redis_url)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.execute(text(ASK), {"key": key})
        while not (line.scalar(text(ANSWERED), {"key": key}) and redis.scard("rq:workers") == workers_n):
            assert time.perf_counter() < deadline, "not every process reported"
            time.sleep(0.05)
    owner.dispose()


def weighed(top: psutil.Process, known: Running, model: str) -> list[Row]:
    """All that lives, the supervisor included."""
    time.sleep(QUIET_S)
    named = {top.pid: "supervisor", **{one.pid: name for name, one in known.processes.items()}}
    mib = {name: sum(map(pss, family)) / MIB for name, family in families(named).items()}
    parts = ", ".join(f"{name} {shown:.0f}" for name, shown in sorted(mib.items(), key=lambda one: -one[1]))
    title = "without the language model" if model == "off" else "with the language model"
    return [
        Row(
            f"memory of all processes (PSS), {title}",
            sum(mib.values()),
            "MiB",
            TARGETS_MIB[model],
            note=parts,
        )
    ]


def pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    return print_alone(measure(parser.parse_args(arguments).starts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How soon the system stands, and what it weighs when nobody is there: by process, without and with the language model.

`python -m benchmarks.bench_processes [--starts 3]`: the second and later starts of one installation, until `/readyz` answers and
until every process has reported; then a quiet while, and the memory of each process as PSS (shared pages counted once
among those who share them).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from redis import Redis
from sqlalchemy import create_engine, text

from benchmarks.table import Row, median, spread_of
from benchmarks.table import main as print_alone
from contactcenter.cli.system import EVERYTHING, System, start_system
from contactcenter.core.config import Settings

MIB = 1 << 20
QUIET_S = 20
REPORTED_WITHIN_S = 60
TARGETS_MIB = {"off": 350, "onnx": 700}
WORKERS_N = 2
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
        settings = Settings(state_dir=Path(folder), port=0)
        started(settings, "onnx")[0].stop()  # the first start makes the database
        times = []
        for number in range(starts_n):
            system, *took = started(settings, "onnx")
            with system:
                times.append(took)
                if number == starts_n - 1:
                    found += weighed(system, "onnx")
        system, *_took = started(settings, "off")
        with system:
            found += weighed(system, "off")
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


def started(settings: Settings, model: str) -> tuple[System, float, float]:
    """The system, and seconds until the web answered and until all had reported."""
    os.environ["NLP_ENGINE"] = model
    begun = time.perf_counter()
    system = start_system(settings, names=EVERYTHING)
    ready_s = time.perf_counter() - begun
    owner = create_engine(system.engines.migration_url)
    redis = Redis.from_url(system.engines.redis_url)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.execute(text(ASK), {"key": f"bench:{begun}"})
        while not (
            line.scalar(text(ANSWERED), {"key": f"bench:{begun}"}) and redis.scard("rq:workers") == WORKERS_N
        ):
            assert time.perf_counter() < begun + REPORTED_WITHIN_S, "not every process reported"
            time.sleep(0.05)
    owner.dispose()
    return system, ready_s, time.perf_counter() - begun


def weighed(system: System, model: str) -> list[Row]:
    time.sleep(QUIET_S)
    programs = {name: psutil.Process(child.process.pid) for name, child in system.supervisor.children.items()}
    mib = {
        name: sum(pss(one) for one in [top, *top.children(recursive=True)]) / MIB
        for name, top in programs.items()
    }
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


def pss(process: psutil.Process) -> int:
    return int(process.memory_full_info().pss)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    return print_alone(measure(parser.parse_args(arguments).starts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

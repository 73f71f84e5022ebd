"""`make bench`: every benchmark in a process of its own, one table. `--long` takes larger sizes, `--only WORD` some of them.

A benchmark is a module here with `rows(long)`; `others.py` asks those that print JSON of their own. Exits 1 if one of them broke; a target that is not met
is said in the table and breaks nothing, for machines differ.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.table import ROOT, Row, load, machine, show
from contactcenter.embedded.engines import start_engines

WITHIN_S = 3600


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="a million tickets, minutes instead of seconds")
    parser.add_argument("--only", default="", help="benchmarks with this word in their names")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        return print_rows(options.one, long=options.long)
    print("\n".join([*machine(), database(), f"{load()} before"]), "", sep="\n", flush=True)
    begun = time.monotonic()
    rows, broken = [], []
    for name in names():
        if options.only in name:
            found = run(name, long=options.long)
            rows += found
            if not found:
                broken.append(name)
    show(rows)
    print(f"\n{load()} after {(time.monotonic() - begun) / 60:.0f} minutes")
    missed = [row.name for row in rows if row.is_met is False]
    print(
        f"{sum(row.is_met is True for row in rows)} met, {len(missed)} missed",
        *broken and [f"broken: {broken}"],
    )
    return 1 if broken else 0


def names() -> list[str]:
    folder = Path(__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if "\ndef rows(" in path.read_text())


def run(name: str, *, long: bool) -> list[Row]:
    """What the benchmark found, none if it broke; what it says meanwhile goes to standard error."""
    print(f"… {name}", file=sys.stderr, flush=True)
    begun = time.monotonic()
    command = [sys.executable, "-m", "benchmarks", "--one", name, *["--long"][: int(long)]]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=WITHIN_S, check=False)
    print(f"  {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return [] if done.returncode else [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def print_rows(name: str, *, long: bool) -> int:
    found: list[Row] = import_module(f"benchmarks.{name}").rows(long)
    print(json.dumps([asdict(row) for row in found]))
    return 0


def database() -> str:
    """The PostgreSQL that comes with us, as it is set when it serves."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with start_engines(Path(folder)) as engines, create_engine(engines.database_url).connect() as line:
            told = [
                line.scalar(text(f"SHOW {name}"))
                for name in ("server_version", "fsync", "synchronous_commit")
            ]
    return "PostgreSQL {}, fsync {}, synchronous_commit {}".format(*told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.fuzz mail|replay|routing|parcel [--seconds 300]`: look for bytes that a reader of strangers' bytes cannot bear.

Guided by coverage (atheris, which is not among our requirements: there are wheels for few machines, and the test suite does without).
What is found goes into `tests/fuzz/found/NAME/`, where `make test` reads it for ever. Exits with more than 0 then.
"""

import argparse
import hashlib
import importlib
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fuzz.mutate import change

HERE = Path(__file__).parent
LONGEST = 20_000

MISSING = (
    "Install atheris first: {python} -m pip install --target DIR atheris, then run this with PYTHONPATH=DIR."
)
NAMES = ("mail", "replay", "routing", "parcel")
PACKAGES = (
    "contactcenter.channels.email",
    "contactcenter.complaints",
    "contactcenter.live",
    "routing",
    "email",
    "html",
)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=300)
    options = parser.parse_args(arguments)
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print(MISSING.format(python=sys.executable), file=sys.stderr)
        return 2
    return search(atheris, options.name, options.seconds)


def search(atheris: Any, name: str, seconds: int) -> int:  # Any: a library that need not be there
    """In a process of its own, which the library ends; 1 if something was found."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        searcher = multiprocessing.get_context("fork").Process(
            target=fuzz, args=(atheris, name, seconds, Path(folder))
        )
        searcher.start()
        searcher.join()
        found = [file for file in Path(folder).iterdir() if file.is_file()]
        for file in found:
            kept = HERE / "found" / name / file.name
            kept.parent.mkdir(parents=True, exist_ok=True)
            print(f"Found: {shutil.copy(file, kept)}")
    return 1 if found or searcher.exitcode else 0


def fuzz(atheris: Any, name: str, seconds: int, folder: Path) -> None:  # Any: as above
    with atheris.instrument_imports(include=list(PACKAGES)):
        targets = importlib.import_module("tests.fuzz.targets")
    target = targets.TARGETS[name]
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(target.seeds()):
        (seeds / str(number)).write_bytes(seed)

    def read(raw: bytes) -> None:
        try:
            target.read(raw)
        except BaseException:
            (folder / f"crash-{hashlib.sha256(raw).hexdigest()[:12]}").write_bytes(raw)
            raise

    def mutate(raw: bytes, longest: int, seed: int) -> bytes:
        changed = change(raw, longest, seed) if target.is_json and seed % 4 else None
        return changed if changed is not None else bytes(atheris.Mutate(raw, longest))

    words = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder}/",
        "-timeout=10",
        f"-max_len={LONGEST}",
    ]
    atheris.Setup(["fuzz", *words, "-print_final_stats=1", str(seeds)], read, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

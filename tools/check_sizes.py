"""Fail when a file or a function has grown past what one reads in one go (docs/adr says why)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_MAX, FUNCTION_MAX = 400, 50
ELEMENT_MAX = 150
"""For a custom element's file: one element, one thought."""
CSS_MAX = 3500
"""All style sheets together, without blank lines: what they weigh on the line is in `tests/core/test_assets.py`."""


def main() -> int:
    files = tracked()
    faults = [*long_files(files), *long_functions(files), *long_styles(files)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def tracked() -> list[Path]:
    """What git knows or would know, but migrations: the first one lists every table."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for path in map(Path, names) if path.exists() and path.parts[0] != "migrations"]


def long_files(files: list[Path]) -> Iterator[str]:
    for path in files:
        limit = ELEMENT_MAX if path.match("static/js/elements/*.js") else FILE_MAX
        if path.suffix in {".py", ".js", ".html", ".sh"} and (n := lines(path)) > limit:
            yield f"{path}: {n} lines, at most {limit}"


def long_functions(files: list[Path]) -> Iterator[str]:
    for path in files:
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                n = (node.end_lineno or node.lineno) - node.lineno + 1
                if n > FUNCTION_MAX:
                    yield f"{path}:{node.lineno}: {node.name} has {n} lines, at most {FUNCTION_MAX}"


def long_styles(files: list[Path]) -> Iterator[str]:
    sheets = (path.read_text().splitlines() for path in files if path.suffix == ".css")
    n = sum(1 for sheet in sheets for line in sheet if line.strip())
    if n > CSS_MAX:
        yield f"static/css: {n} lines, at most {CSS_MAX} without blank ones"


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


if __name__ == "__main__":
    sys.exit(main())

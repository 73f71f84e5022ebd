"""What docs/operations.md tells people to type, taken from there: so the document is proved."""

import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^\| (?P<what>[^|]+?) \| (?P<many>[^|]+?) \| `(?P<command>[^`]+)`", re.MULTILINE)
NAMES = {"gunicorn": "web"}


def processes() -> dict[str, list[str]]:
    """Name → words of each process in the table of "Several machines"."""
    section = _section("## Two ways to run it")
    commands = [shlex.split(match["command"]) for match in COMMAND.finditer(section)]
    return {NAMES.get(words[0], "-".join(words[1:])): _with_our_python(words) for words in commands}


def roles() -> str:
    """The SQL that makes the two roles and the database, up to `\\connect`, and after it."""
    return _block("## The database of your own", "sql")


def proxy() -> str:
    """nginx's configuration."""
    return _block("## A proxy with a certificate", "nginx")


def _with_our_python(words: list[str]) -> list[str]:
    first = ["-m", "gunicorn"] if words[0] == "gunicorn" else [str(ROOT / words[0])]
    return [sys.executable, *first, *words[1:]]


def _section(heading: str) -> str:
    return TEXT.partition(f"\n{heading}\n")[2].partition("\n## ")[0]


def _block(heading: str, language: str) -> str:
    return _section(heading).partition(f"```{language}\n")[2].partition("```")[0]

"""Scripts and style sheets on their way to a browser: parts laid in, comments left out, compressed. There is no build."""

import gzip
import hashlib
import os.path
import re
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
PACKED = (".css", ".js", ".svg")
"""What gzip makes smaller."""

_IMPORT = re.compile(r'^@import url\("([^"]+)"\);', re.MULTILINE)
_MODULE = re.compile(r'^(?:import|export)\s(?:[^"]*\sfrom\s)?"(\.[^"]+)";', re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)$", re.MULTILINE)
"""A comment that fills its lines; none of our strings spans lines, so nothing else looks like one."""


def asset_url(path: str) -> str:
    """`/static/<hash of all assets>/path`: may be cached for ever, and relative imports inherit the hash."""
    return f"/static/{assets_version()}/{path}"


@lru_cache(maxsize=1)
def assets_version() -> str:
    """Ten hex digits over every static file's path and content."""
    total = hashlib.sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        total.update(str(file.relative_to(STATIC)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:10]


def preloads(entry: str) -> list[str]:
    """The addresses of every module that `entry` needs, itself first: asked for at once, not one after the other."""
    return [asset_url(str(module)) for module in modules(entry)]


@lru_cache(maxsize=32)
def modules(entry: str) -> tuple[Path, ...]:
    """`entry` and all it imports, as paths below static/, each once."""
    found: dict[Path, None] = {}
    waiting = [Path(entry)]
    while waiting:
        module = waiting.pop(0)
        if module in found:
            continue
        found[module] = None
        if "vendor" not in module.parts:
            written = (STATIC / module).read_text()
            waiting += [Path(os.path.normpath(module.parent / name)) for name in _MODULE.findall(written)]
    return tuple(found)


@lru_cache(maxsize=256)
def packed(path: Path) -> bytes:
    """The file below static/ as it is sent, gzipped. Lines keep their numbers, so that an error names the right one."""
    return gzip.compress(plain(path), 9, mtime=0)


def plain(path: Path) -> bytes:
    """The file as it is sent, not compressed; what others wrote stays as it is."""
    if "vendor" in path.parts or path.suffix == ".svg":
        return (STATIC / path).read_bytes()
    text = sheet(path) if path.suffix == ".css" else (STATIC / path).read_text()
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text).encode()


def sheet(path: Path) -> str:
    """A style sheet with the ones it imports in their places. Only sheets in css/ itself may name files by `url()`."""
    return _IMPORT.sub(lambda line: sheet(path.parent / line[1]), (STATIC / path).read_text())

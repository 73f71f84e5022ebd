"""The sprite holds the icons that are used: none is missing, none is carried for nothing."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (("templates", "*.html"), ("static/js", "*.js"), ("contactcenter", "*.py"))
LISTED = {
    line
    for line in (ROOT / "tools" / "icons.txt").read_text().splitlines()
    if line and not line.startswith("#")
}
TEXT = "\n".join(path.read_text() for folder, kind in SOURCES for path in (ROOT / folder).rglob(kind))


def test_every_icon_that_is_asked_for_is_listed() -> None:
    asked = set(re.findall(r'icon\("([a-z0-9-]+)"', TEXT))
    assert asked - LISTED == set()
    assert len(asked) > 20


def test_every_listed_icon_is_named_somewhere() -> None:
    named = set(re.findall(r"""["'#]([a-z0-9-]+)["']""", TEXT))
    assert LISTED - named == set()

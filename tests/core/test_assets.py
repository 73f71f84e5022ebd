"""What a browser loads: whole, once, without what only people read, and no more than a page needs."""

import gzip
import re
from itertools import chain
from pathlib import Path

import pytest

from contactcenter.core.assets import STATIC, asset_url, modules, packed, plain, preloads

OURS = sorted(path.relative_to(STATIC) for path in (STATIC / "js").rglob("*.js"))
SHEETS = sorted(path.relative_to(STATIC) for path in (STATIC / "css").glob("*.css"))
KIB = 1024
CONSOLE = ["app.css", "screens/console.css"]
FIRST_LOAD = {
    "console": (62 * KIB, ["app.js", "elements/cc-offers.js", "elements/cc-call.js", "console.js"], CONSOLE),
    "settings": (30 * KIB, ["app.js"], ["app.css"]),
    "a customer's page": (8 * KIB, [], ["sheet.css"]),
    "chat": (30 * KIB, ["widget/main.js"], ["widget.css"]),
}
"""Per surface: the most it may weigh, gzipped, and where it begins."""


@pytest.mark.parametrize("surface", FIRST_LOAD)
def test_first_load_of_a_surface_stays_small(surface: str) -> None:
    most, scripts, sheets = FIRST_LOAD[surface]
    loaded = set(chain.from_iterable(modules(f"js/{name}") for name in scripts))
    loaded |= {Path("css") / name for name in sheets}
    assert sum(len(packed(path)) for path in loaded) <= most


@pytest.mark.parametrize("path", OURS, ids=str)
def test_a_script_loses_only_its_comments(path: Path) -> None:
    written, sent = (STATIC / path).read_text(), plain(path).decode()
    assert sent.count("\n") == written.count("\n"), "an error would name the wrong line"
    kept = [line for line in sent.splitlines() if line]
    assert kept == [line for line in written.splitlines() if line in set(kept)]
    assert not re.search(r"^\s*(//|/\*\*?\n|\* )", sent, re.MULTILINE)


def test_no_string_of_a_sent_script_spans_lines() -> None:
    """So that nothing inside one can be taken for a comment; the loader is sent by its own view, as it is."""
    for path in OURS:
        if path.name != "loader.js":
            assert not [line for line in plain(path).decode().splitlines() if line.count("`") % 2], path


@pytest.mark.parametrize("path", SHEETS, ids=str)
def test_a_sheet_holds_what_it_imports(path: Path) -> None:
    sheet = plain(path).decode()
    assert "@import" not in sheet
    assert "/*" not in sheet
    for file in re.findall(r'url\("([^"]+)"\)', sheet):
        assert (STATIC / "css" / file).resolve().is_file()


def test_every_component_is_in_a_sheet() -> None:
    sheets = "".join(path.read_text() for path in (STATIC / "css").rglob("*.css"))
    assert [
        path.name for path in (STATIC / "css" / "components").iterdir() if f"{path.name}" not in sheets
    ] == []


def test_modules_are_asked_for_at_once_and_each_once() -> None:
    wanted = preloads("js/console.js")
    assert wanted[0] == asset_url("js/console.js")
    assert asset_url("vendor/socket.io.esm.min.js") in wanted
    assert len(wanted) == len(set(wanted))


def test_what_others_wrote_is_sent_as_it_is() -> None:
    path = Path("vendor/htmx.esm.min.js")
    assert gzip.decompress(packed(path)) == (STATIC / path).read_bytes()

"""What the documents name is there, and is what they say."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

import app as commands
from contactcenter.complaints.machine import machine_of
from contactcenter.core.config import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
ADRS = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")
ADR_LINES_MAX = 30
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def found(pattern: str) -> Iterator[tuple[str, str]]:
    """(document, what the first group holds) for every hit in every document."""
    for path in DOCUMENTS:
        for hit in re.finditer(pattern, path.read_text(), re.MULTILINE):
            yield str(path.relative_to(ROOT)), hit[1]


def table_of(document: Path, heading: str) -> dict[str, str]:
    """First cell → second cell of the table below a heading, without their backticks."""
    part = document.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", part, re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def test_every_setting_stands_in_operations_with_its_default() -> None:
    def written(default: object) -> str:
        return json.dumps(default) if isinstance(default, dict) else str(default) or "empty"

    fields = Settings.model_fields.items()
    wanted = {
        name.upper(): written(field.get_default(call_default_factory=True, validated_data={}))
        for name, field in fields
    }
    assert table_of(DOCS / "operations.md", "Settings") == wanted


def test_every_other_variable_that_the_program_reads_stands_there_too() -> None:
    sources = [*(ROOT / "contactcenter").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    read = {
        name for path in sources for name in re.findall(r'\bos\.environ\.get\("([A-Z_]+)"', path.read_text())
    }
    operations = (DOCS / "operations.md").read_text()
    assert {name for name in read if f"`{name}`" not in operations} == set()
    assert "CC_PG_BIN" in read


def test_every_decision_is_short_numbered_once_and_listed() -> None:
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (DOCS / "adr" / "README.md").read_text())
    assert listed == [path.name for path in ADRS]
    for path in ADRS:
        lines = path.read_text().splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name
        assert len(lines) <= ADR_LINES_MAX, path.name
    assert len({path.name[:4] for path in ADRS}) == len(ADRS)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(target).name for _, target in found(r"!\[[^\]]*\]\(([^)]+)\)")}
    assert {path.name for path in (DOCS / "img").iterdir()} == shown


def test_every_command_named_is_there() -> None:
    named = {(document, word) for document, word in found(r"app\.py ([a-z]+)") if word != "help"}
    assert [pair for pair in named if pair[1] not in commands.COMMANDS] == []
    assert len(named) > 10


def test_every_target_of_make_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for _, word in found(r"(?:`|^)make ([a-z-]+)")}
    assert named <= targets
    assert {"run", "start", "test", "help"} <= named


def test_every_file_and_folder_named_is_there() -> None:
    folders = "contactcenter|workers|routing|nlp|tests|tools|static|templates|translations|docs|benchmarks"
    named = set(found(rf"`((?:{folders})/[\w./-]*\w)`"))
    assert [
        pair for pair in named if not (ROOT / pair[1]).exists() and not (ROOT / f"{pair[1]}.py").exists()
    ] == []
    assert len(named) > 10


def test_every_address_of_the_api_that_is_named_is_there(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")

    def is_there(path: str) -> bool:
        try:
            addresses.match(path)
        except MethodNotAllowed:
            return True
        except (NotFound, RequestRedirect):
            return False
        return True

    named = {path for _, path in found(r"(/api/v1/[\w/-]+\w)")}
    assert [path for path in named if not is_there(path)] == []
    assert len(named) > 10


def test_every_folder_of_the_program_stands_on_the_stairs() -> None:
    stairs = (DOCS / "architecture.md").read_text()
    folders = [path.parent.name for path in (ROOT / "contactcenter").glob("*/__init__.py")]
    assert [name for name in folders if not re.search(rf"\b{name}\b", stairs)] == []


def test_complaint_states_are_those_of_the_machine_in_both_languages() -> None:
    words = (DOCS / "glossary.md").read_text().partition("\nStates: ")[2].partition(".\n")[0]
    named = dict(
        one.rsplit(" ", 1) for one in words.replace("\n", " ").replace("follow-up", "follow up").split(" · ")
    )
    states = machine_of(Settings().complaint_pack).states
    assert named == {name.replace("_", " "): state.zh for name, state in states.items()}

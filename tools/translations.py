"""The Chinese catalogue: collect what pages say, fill it in, check that nothing is missing.

python tools/translations.py check              every message has a Chinese text with the same placeholders
python tools/translations.py update             take new messages into the catalogue, drop those no longer said
python tools/translations.py fill FILE.json …   update, then fill in {"English message": "中文"} and compile
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [
    ("contactcenter/**.py", "python"),
    ("workers/**.py", "python"),
    ("templates/**", "jinja2"),
]
OPTIONS = {"templates/**": {"silent": "false", "encoding": "utf-8", "extensions": "jinja2.ext.do"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None, "marked": None}
TOLD = {"rules", "how_to_fix", "bodies"}
"""The data files of complaints whose texts people read."""
PLACEHOLDER = re.compile(r"%\((?P<server>\w+)\)s|\{(?P<browser>\w+)\}")


def main(arguments: list[str]) -> int:
    action, *files = arguments or ["check"]
    if action == "check":
        return check()
    catalogue = update()
    if action == "fill":
        fill(catalogue, [Path(name) for name in files])
    save(catalogue)
    print(f"translations: {len(list(missing(catalogue)))} messages without Chinese")
    return 0


def check() -> int:
    """Name what is not translated, and translations that lost a placeholder."""
    catalogue = read()
    wanted = said()
    unknown = [message for message in wanted if message.id and catalogue.get(message.id) is None]
    faults = [f"not in the catalogue: {text(message)!r}" for message in unknown]
    faults += [f"no Chinese: {text(message)!r}" for message in missing(catalogue) if wanted.get(message.id)]
    faults += [f"placeholders differ: {text(message)!r}" for message in mismatched(catalogue)]
    for fault in faults:
        print(fault)
    print(f"translations: {len(wanted)} messages, {len(faults)} faults")
    return 1 if faults else 0


def said() -> Catalog:
    """All messages in the source and in the rules of complaints."""
    found = Catalog()
    extracted = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS, directory_filter=lambda _: True)
    for file, line, message, _comments, _context in extracted:
        found.add(message, locations=[(file, line)])
    for path in ROOT.glob("contactcenter/complaints/data/*.json"):
        for message in told(path) if path.stem in TOLD else ():
            found.add(message)
    return found


def told(path: Path) -> Iterator[str]:
    """What a data file tells people: the message or the name of each row, or the row itself."""
    rows = json.loads(path.read_text())
    for row in rows if isinstance(rows, list) else rows.values():
        yield row if isinstance(row, str) else row.get("message") or row["name"]


def read() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh", project="Candor", fuzzy=False)  # pybabel compiles no fuzzy catalogue
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def update() -> Catalog:
    """The catalogue with exactly the messages that are said, keeping their Chinese."""
    catalogue = read()
    catalogue.update(said(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def fill(catalogue: Catalog, files: list[Path]) -> None:
    """Later files win; a message that nobody says any more is passed over."""
    for path in files:
        for english, chinese in json.loads(path.read_text()).items():
            message = catalogue.get(english)
            if message is not None:
                message.string = (chinese,) if message.pluralizable else chinese
                message.flags.discard("fuzzy")


def save(catalogue: Catalog) -> None:
    """Without places and dates, so that a change shows only the messages that changed."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalogue, no_location=True, sort_output=True, omit_header=False, width=110)
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def missing(catalogue: Catalog) -> Iterator[Message]:
    for message in catalogue:
        if message.id and (message.fuzzy or not all(strings(message))):
            yield message


def mismatched(catalogue: Catalog) -> Iterator[Message]:
    """Translations whose placeholders are not among the English ones, or that lost one other than the count."""
    for message in catalogue:
        english = placeholders(" ".join(ids(message)))
        for chinese in filter(None, strings(message)):
            used = placeholders(chinese)
            if message.id and (used - english or english - used - {"n"}):
                yield message


def placeholders(words: str) -> set[str]:
    """`%(name)s` is filled by the server, `{name}` by a script in the browser."""
    return {found["server"] or found["browser"] for found in PLACEHOLDER.finditer(words)}


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def strings(message: Message) -> list[str]:
    """Its Chinese, one text per plural form; a missing one is empty."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def text(message: Message) -> str:
    return ids(message)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

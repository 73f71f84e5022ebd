"""Copy what pages load from node_modules to static/vendor, build the icon sprite, write THIRD_PARTY.md.

    python tools/assets.py          check every file against tools/vendor.sha256, then copy
    python tools/assets.py --pin    after changing package.json: write tools/vendor.sha256 anew

npm has checked the packages against package-lock.json; the list of hashes also catches what changes afterwards.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
SPRITE = ROOT / "static" / "img" / "sprite.svg"
HASHES = ROOT / "tools" / "vendor.sha256"
ICONS = ROOT / "tools" / "icons.txt"
LUCIDE = MODULES / "lucide-static"

FILES = {
    "htmx.org/dist/htmx.esm.min.js": "htmx.esm.min.js",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.esm.min.js",
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2",
}
TYPES = {
    "htmx.esm.min.d.ts": 'export { default } from "htmx.org";',
    "socket.io.esm.min.d.ts": 'export * from "socket.io-client";',
    "uPlot.esm.d.ts": 'export { default } from "uplot";',
}
"""Beside each script, where `tsc` finds the types that its package ships."""
STROKE = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round"'
)
LICENCE_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license")


class AssetError(Exception):
    """Something is not as the lock files say; the message tells the way out."""


@dataclass(frozen=True, slots=True)
class Package:
    """One third-party package that reaches people's machines."""

    name: str
    version: str
    licence: str


def main(arguments: list[str]) -> int:
    try:
        packages = list(npm_packages())
        sources = dict(hashed_sources())
        if "--pin" in arguments:
            HASHES.write_text("".join(f"{digest}  {path}\n" for path, digest in sources.items()))
        check_hashes(sources)
        copy_files(packages)
        count = build_sprite()
        (ROOT / "THIRD_PARTY.md").write_text(third_party(packages, list(python_packages())))
    except AssetError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print(f"assets: {len(FILES)} files, {count} icons")
    return 0


def npm_packages() -> Iterator[Package]:
    """What package-lock.json names for the pages, each checked to be installed in that version."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for path, entry in sorted(lock["packages"].items()):
        if not path or entry.get("dev") or entry.get("optional"):
            continue
        name = path.removeprefix("node_modules/")
        manifest = ROOT / path / "package.json"
        if not manifest.exists():
            raise AssetError(f"{name} is not installed; run `make assets`")
        version = json.loads(manifest.read_text())["version"]
        if version != entry["version"]:
            raise AssetError(f"{name} is {version} but package-lock.json says {entry['version']}; run npm ci")
        yield Package(name, version, str(entry.get("license", "see its licence file")))


def hashed_sources() -> Iterator[tuple[str, str]]:
    for path in FILES:
        yield path, hashlib.sha256((MODULES / path).read_bytes()).hexdigest()


def check_hashes(sources: dict[str, str]) -> None:
    pinned = {path: digest for digest, path in (line.split("  ") for line in HASHES.read_text().splitlines())}
    for path, digest in sources.items():
        if pinned.get(path) != digest:
            raise AssetError(f"{path} is not the file pinned in {HASHES.relative_to(ROOT)}")


def copy_files(packages: list[Package]) -> None:
    """Lay static/vendor anew, so that nothing stays in it that is no longer listed."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "licences").mkdir(parents=True)
    for source, target in FILES.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    for name, declaration in TYPES.items():
        (VENDOR / name).write_text(f"{declaration}\n")
    for package in packages:
        licence = licence_file(package.name)
        if licence is not None:
            shutil.copyfile(licence, VENDOR / "licences" / f"{package.name.replace('/', '-')}.txt")


def licence_file(name: str) -> Path | None:
    folder = MODULES / name
    return next((folder / known for known in LICENCE_NAMES if (folder / known).exists()), None)


def build_sprite() -> int:
    """One SVG of all listed icons, so that a page asks for icons once; returns how many."""
    names = [line for line in ICONS.read_text().split("\n") if line and not line.startswith("#")]
    symbols = [symbol(name) for name in names]
    SPRITE.parent.mkdir(parents=True, exist_ok=True)
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")
    return len(symbols)


def symbol(name: str) -> str:
    path = LUCIDE / "icons" / f"{name}.svg"
    if not path.exists():
        raise AssetError(f"tools/icons.txt names {name}, which Lucide does not have")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    if inner is None:
        raise AssetError(f"{path.name} is no SVG that we can read")
    return f'<symbol id="{name}" {STROKE}>{" ".join(inner[1].split())}</symbol>'


def python_packages() -> Iterator[Package]:
    """What requirements.txt pins and this machine has; marked packages of other systems are left out."""
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    for name in dict.fromkeys(pins):
        try:
            found = distribution(name).metadata
        except PackageNotFoundError:
            continue
        yield Package(name, found["Version"], python_licence(found))


def python_licence(found: PackageMetadata) -> str:
    """The licence as the package states it: expression, else classifier, else the first line of the field."""
    classifiers: list[str] = found.get_all("Classifier") or []
    named = [line.rsplit(" :: ", 1)[1] for line in classifiers if line.startswith("License :: ")]
    stated = found["License"].split("\n")[0][:60] if "License" in found else ""
    expression = found["License-Expression"] if "License-Expression" in found else ""  # noqa: SIM401  no `get` in 3.11
    return expression or ", ".join(named) or stated or "see the package"


def third_party(npm: list[Package], python: list[Package]) -> str:
    return "\n".join(
        [
            "# What others wrote",
            "",
            "Made by `tools/assets.py`; the licence texts of the first table lie in `static/vendor/licences/`,",
            "those of the second beside the packages in the virtual environment.",
            "",
            "## In the pages",
            *table(npm),
            "",
            "## On the server",
            *table(python),
            "",
        ]
    )


def table(packages: list[Package]) -> list[str]:
    rows = [f"| {package.name} | {package.version} | {package.licence} |" for package in packages]
    return ["", "| package | version | licence |", "| --- | --- | --- |", *rows]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""`make`: what it explains, what it refuses, and where it finds node."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD_PYTHON = "#!/bin/sh\nexit 1\n"
PYTHON_WITHOUT_VENV = '#!/bin/sh\n[ "$1" = -c ] || { echo "No module named venv" >&2; exit 1; }\n'


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def program(path: Path, text: str) -> Path:
    """An executable file with that text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_help_explains_every_target_for_people() -> None:
    shown = re.findall(r"^  make (\S+) +(\S.*)$", make("help").stdout, re.MULTILINE)
    phony = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {name for name, _words in shown} == set(" ".join(phony).split()) - {"setup-tests"}
    assert make().stdout == make("help").stdout


@pytest.mark.parametrize(
    ("python", "said"),
    [(OLD_PYTHON, "Candor needs Python 3.11 or newer"), (PYTHON_WITHOUT_VENV, "Python's venv is missing")],
    ids=["too old", "without venv"],
)
def test_a_python_that_will_not_do_is_one_clear_line(tmp_path: Path, python: str, said: str) -> None:
    unfit = program(tmp_path / "python3", python)
    done = make("setup", f"PYTHON={unfit}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tmp_path / "venv").exists()


def test_python_packages_are_pinned_by_their_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "tools/node-requirements.txt"):
        pins = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        assert [pin for pin in pins if "==" not in pin.splitlines()[0] or "--hash=sha256:" not in pin] == []


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A PATH with the plain tools and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "dirname", "mkdir", "ln", "chmod", "env"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def folder_with_node(path: Path, venv: Path) -> subprocess.CompletedProcess[str]:
    """What tools/node.sh answers on a machine with that PATH."""
    environment = {"PATH": str(path), "VENV": str(venv), "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [str(ROOT / "tools" / "node.sh")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def node(version: int) -> str:
    """A node of that version, as far as tools/node.sh asks."""
    return f"#!/bin/sh\necho {'true' if version >= 20 else 'false'}\n"


def test_the_machines_own_node_is_taken_if_it_is_new_enough(bare_machine: Path, tmp_path: Path) -> None:
    program(bare_machine / "node", node(22))
    program(bare_machine / "npm", "#!/bin/sh\n")
    assert folder_with_node(bare_machine, tmp_path / "venv").stdout == f"{bare_machine}\n"


@pytest.mark.parametrize("version", [None, 18])
def test_without_a_good_node_the_one_from_the_python_package_is_taken(
    bare_machine: Path, tmp_path: Path, version: int | None
) -> None:
    venv = tmp_path / "venv"
    if version is not None:
        program(bare_machine / "node", node(version))
        program(bare_machine / "npm", "#!/bin/sh\n")
    program(venv / "node" / "bin" / "npm", "#!/bin/sh\n")
    assert folder_with_node(bare_machine, venv).stdout == f"{venv / 'node' / 'bin'}\n"


@pytest.mark.soak
def test_the_python_package_really_brings_npm(bare_machine: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    answer = folder_with_node(bare_machine, venv)
    assert answer.returncode == 0, answer.stderr
    brought = Path(answer.stdout.strip())
    asked = subprocess.run(
        [str(brought / "npm"), "--version"],
        env={"PATH": f"{brought}:{bare_machine}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(asked.stdout.split(".")[0]) >= 9

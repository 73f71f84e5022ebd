import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import sys
import contactcenter.cli.serve
print(sorted({name.partition(".")[0] for name in sys.modules} & {"flask", "sqlalchemy", "transformers", "rq"}))
"""


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_of_the_table_is_there(name: str) -> None:
    assert callable(app.find(name))


def test_an_unknown_command_shows_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["teapot"]) == 2
    error = capsys.readouterr().err
    assert all(name in error for name in app.COMMANDS)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--help"]) == 0
    assert "run the whole system" in capsys.readouterr().out


def test_the_supervisor_stays_small() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"

"""What `make soak` does to several machines, in short. The program is apart from this process: its network is its own."""

import subprocess
import sys

import pytest

from tests.machines import alone
from tests.machines.documented import ROOT

LIMIT_S = 300


@pytest.mark.skipif(bool(alone.missing()), reason=f"several machines: {alone.missing()}")
def test_two_machines_are_as_good_as_one_and_one_may_die() -> None:
    command = [sys.executable, "-m", "tests.machines", "--short", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=LIMIT_S, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

"""Logs are for whoever must find out what happened; they never stop what happens."""

import contextlib
from pathlib import Path

from contactcenter.core.logs import Outlet


def test_a_line_that_cannot_be_written_harms_nothing() -> None:
    reached = False
    with contextlib.suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        outlet = Outlet(full)
        outlet.write("the disk is full\n")
        outlet.flush()
        reached = True  # closing the stream writes again, and fails
    assert reached

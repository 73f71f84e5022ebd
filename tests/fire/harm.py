"""What befalls the house: processes killed or frozen, lines cut, a disk that is full, a clock that is wrong."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.e2e.faults import Cable
from tests.fire.clock import Clock
from tests.fire.fire import Harm
from tests.fire.house import Home

FROZEN_S = 8.0
AHEAD_S, WRONG_S = 90, 15.0
PIECE = 1 << 20


class Dice:
    """What is done to the house, and when."""

    def __init__(self, home: Home, cable: Cable, dice: random.Random) -> None:
        self._house, self._disk, self._clock = home.house, home.disk, home.clock
        self._cable, self._dice = cable, dice

    def coming(self, seconds: float, disk_s: float) -> Iterator[Harm]:
        """So long; half-way, where a small disk could be mounted, it is full for `disk_s`."""
        end = time.monotonic() + seconds
        disk_at = time.monotonic() + seconds / 2
        while time.monotonic() < end:
            if disk_s and time.monotonic() >= disk_at:
                disk_at = end
                if self._disk is None:
                    print("disk full: not tried, nobody may mount a small disk here", flush=True)
                else:
                    yield f"disk full {disk_s:g} s", partial(self._fill, self._disk / "filler", disk_s)
            else:
                yield self._next()

    def _next(self) -> Harm:
        """By dice: mostly a kill, now and then something slower."""
        name = self._dice.choice(sorted(self._house.known.processes))
        throw = self._dice.random()
        if throw < 0.65:
            return f"kill -9 {name}", lambda: self._house.kill(name)
        if throw < 0.83:
            return f"freeze {name} {FROZEN_S:g} s", lambda: self._freeze(name)
        clock = self._clock
        if throw < 0.92 or clock is None:
            return "cut the lines of visitors and agents", self._cut
        return f"clock {AHEAD_S} s ahead for {WRONG_S:g} s, and back", lambda: self._set_wrong(clock)

    def _freeze(self, name: str) -> None:
        """It neither answers nor ends, as behind a network that swallows everything."""
        pid = self._house.pid(name)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(FROZEN_S)
        with contextlib.suppress(ProcessLookupError):  # somebody may have found it dead and begun another
            os.kill(pid, signal.SIGCONT)

    def _set_wrong(self, clock: Clock) -> None:
        clock.put(AHEAD_S)
        time.sleep(WRONG_S)
        clock.put(0)

    def _cut(self) -> None:
        for _again in range(5):
            self._cable.pull()
            time.sleep(0.5)

    def _fill(self, filler: Path, for_s: float) -> None:
        """Not one byte is left where the engines and files are, for so long."""
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(PIECE))
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 512)
        time.sleep(for_s)
        filler.unlink()

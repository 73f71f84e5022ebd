"""Keep programs running: restart what dies with growing pauses, stop all in order."""

import contextlib
import time
from collections.abc import Callable, Iterator
from itertools import groupby

from contactcenter.embedded.child import Child, Program, trim
from contactcenter.embedded.errors import EngineError

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 30.0
"""A program that lived this long starts with the first pause again."""


class Supervisor:
    """Not a thread: whoever owns it calls `look_after` every now and then."""

    def __init__(
        self, *, say: Callable[[str], None] = lambda _: None, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.children: dict[str, Child] = {}
        self._programs: dict[str, Program] = {}
        self._deaths: dict[str, int] = {}
        self._due_at: dict[str, float] = {}
        self._say = say
        self._changed = changed
        self._is_known = True

    def start(self, program: Program) -> Child:
        """Start it, and keep it running from now on."""
        self._programs[program.name] = program
        child = self.children[program.name] = Child(program)
        self._tell()
        return child

    def look_after(self) -> None:
        """Restart what died, each after its pause. A full disk or a refused fork is borne like one more death."""
        if not self._is_known:
            self._tell()
        for name, child in list(self.children.items()):
            trim(child.program.log)
            if child.is_alive():
                continue
            if name not in self._due_at:
                self._plan_restart(name, child)
            elif time.monotonic() >= self._due_at[name]:
                del self._due_at[name]
                with contextlib.suppress(OSError):
                    self.start(self._programs[name])

    def _tell(self) -> None:
        """What runs is written down; where that cannot be now, with the next look."""
        try:
            self._changed()
        except OSError:
            self._is_known = False
        else:
            self._is_known = True

    def _plan_restart(self, name: str, child: Child) -> None:
        lived_s = time.monotonic() - child.started_at
        deaths = 0 if lived_s > STEADY_AFTER_S else self._deaths.get(name, 0)
        pause_s = min(FIRST_PAUSE_S * 2**deaths, LONGEST_PAUSE_S)
        self._deaths[name] = deaths + 1
        self._due_at[name] = time.monotonic() + pause_s
        if pause_s < LONGEST_PAUSE_S:
            self._say(f"{name} ended with {child.process.returncode}; starting it again in {pause_s:g} s")
        elif FIRST_PAUSE_S * 2 ** (deaths - 1) < LONGEST_PAUSE_S:
            self._say(f"{name} keeps ending; trying every {pause_s:g} s. Its log: {child.program.log}")

    def wait_until(self, name: str, ready: Callable[[], bool], *, within_s: float) -> None:
        """Wait until `ready()`; raises EngineError with the program's last words if it dies or takes too long."""
        deadline = time.monotonic() + within_s
        while not ready():
            child = self.children[name]
            if not child.is_alive():
                raise EngineError(f"{name} ended with {child.process.returncode}:\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise EngineError(f"{name} is not ready after {within_s:g} s:\n{child.last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop rank by rank, the highest first; programs of one rank together."""
        for group in self._from_the_top():
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_stopped()
        self.children.clear()
        self._tell()

    def kill(self) -> None:
        """End all at once, for whoever waits in `stop`; the engines bear it by design. Safe in a signal handler."""
        for child in list(self.children.values()):
            child.kill()

    def _from_the_top(self) -> Iterator[list[Child]]:
        ordered = sorted(self.children.values(), key=lambda child: -child.program.rank)
        for _, group in groupby(ordered, key=lambda child: child.program.rank):
            yield list(group)

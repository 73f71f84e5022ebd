"""What befalls several machines: a process, a whole machine, an engine, the line between them."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from tests.e2e.faults import until
from tests.fire.fire import Harm
from tests.machines import network
from tests.machines.data import ENGINES
from tests.machines.probe import Probe
from tests.machines.town import Machine, Town

APART_S = 45.0
"""How long a machine is apart: longer than sockets and heartbeats wait."""
ENGINES_APART_S = 15.0
WITHIN_S = 120.0
WAYS = {"cut": network.cut, "black hole": network.swallow}


class Dice:
    """What is done to the town, one after the other; whatever was done is mended before the next."""

    def __init__(self, town: Town, dice: random.Random, probe: Probe) -> None:
        self._town, self._dice, self._probe = town, dice, probe
        self._healing: threading.Thread | None = None
        self._failure = ""

    def coming(self, seconds: float) -> Iterator[Harm]:
        """First each machine is restarted, then each line is cut in each way, then dice."""
        for machine in self._town.machines.values():
            yield f"restart all of machine {machine.name}, in order", partial(self._restart, machine)
        for way, sever in WAYS.items():
            yield f"{way}: one machine for {APART_S:g} s", partial(self._part, self._any(), sever)
            self._wait_until_whole()
            yield (
                f"{way}: PostgreSQL and Redis for {ENGINES_APART_S:g} s",
                partial(self._part_engines, sever),
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield self._next()
            self._wait_until_whole()

    def _next(self) -> Harm:
        throw, machine, way = self._dice.random(), self._any(), self._dice.choice(sorted(WAYS))
        engine = self._dice.choice(ENGINES)
        if throw < 0.5:
            name = self._dice.choice(sorted(machine.known.processes))
            return f"kill -9 {name} on one machine", partial(machine.kill, name)
        if throw < 0.6:
            return "a machine loses power for 20 s", partial(self._power, machine)
        if throw < 0.7:
            return f"kill -9 {engine}", partial(self._kill_engine, engine)
        if throw < 0.8:
            return f"restart {engine}", partial(self._town.data.restart, engine)
        if throw < 0.95:
            return f"{way}: one machine for {APART_S:g} s", partial(self._part, machine, WAYS[way])
        return f"{way}: PostgreSQL and Redis for {ENGINES_APART_S:g} s", partial(
            self._part_engines, WAYS[way]
        )

    def _any(self) -> Machine:
        return self._dice.choice(list(self._town.machines.values()))

    def _restart(self, machine: Machine) -> None:
        """As for a new version. Meanwhile a program asks twenty times a second and tries nothing twice."""
        with self._probe.asking(), self._town.front.without(machine.name):
            begun = time.monotonic()
            machine.stop()
            print(
                f"machine {machine.name} has stopped in order after {time.monotonic() - begun:.1f} s",
                flush=True,
            )
            machine.start()
            machine.wait()

    def _part(self, machine: Machine, way: Callable[[str], None]) -> None:
        """What is measured afterwards is how the others go on: the line comes back later."""
        way(machine.name)
        self._later(APART_S, partial(network.mend, machine.name))

    def _power(self, machine: Machine) -> None:
        def back() -> None:
            machine.come_back()
            machine.wait()

        machine.die()
        self._later(20, back)

    def _part_engines(self, way: Callable[[str], None]) -> None:
        way("data")
        time.sleep(ENGINES_APART_S)
        network.mend("data")

    def _kill_engine(self, name: str) -> None:
        self._town.data.kill(name)
        self._town.data.start(name)

    def _later(self, seconds: float, mend: Callable[[], None]) -> None:
        def heal() -> None:
            time.sleep(seconds)
            mend()

        self._healing = threading.Thread(target=heal, daemon=True)
        self._healing.start()

    def _wait_until_whole(self) -> None:
        healing, self._healing = self._healing, None
        if healing is not None:
            until(lambda: not healing.is_alive(), "what was apart is not whole again", within_s=WITHIN_S)

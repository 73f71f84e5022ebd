"""Guards by rule id, and what a guard gets to see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contactcenter.complaints.clocks import Clock
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.letters import Letter
from contactcenter.complaints.machine import Transition
from contactcenter.complaints.model import Context, Data, Event, Violation


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something somebody wants to do now. `after` and `letters` are what would come of it.

    Without its data (a button before the form) `blank` is true: only the guards that do not read data speak then.
    """

    move: Transition
    by: str
    data: Data
    now: datetime
    events: Sequence[Event]
    facts: Facts
    after: Facts
    letters: Sequence[Letter]
    clocks: Mapping[str, Clock]
    context: Context
    blank: bool = False

    @property
    def event(self) -> str:
        return self.move.event

    def letter(self, *kinds: str) -> Letter | None:
        """The letter of one of these kinds that would be sent."""
        return next((one for one in self.letters if one.kind in kinds), None)


Guard = Callable[[Attempt], Violation | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """`reads_data`: it can only speak once the form is filled in."""

    guard: Guard
    reads_data: bool


_guards: dict[str, Registered] = {}


def guard(rule: str, *, reads_data: bool = False) -> Callable[[Guard], Guard]:
    """Register the guard of `rule`."""

    def keep(function: Guard) -> Guard:
        _guards[rule] = Registered(function, reads_data)
        return function

    return keep


def built() -> Mapping[str, Registered]:
    """Every guard there is, by rule id."""
    return _guards

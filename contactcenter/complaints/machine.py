"""The workflow as data: states, transitions and steps, and the proofs a pack's graph must pass before it loads."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contactcenter.complaints.calendars import DATA
from contactcenter.complaints.packs import Pack, PackError, load_packs

NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class State:
    """`holder` is who has the ball there."""

    name: str
    zh: str
    terminal: bool
    holder: str


@dataclass(frozen=True, slots=True)
class Transition:
    """`actors` are case roles; `guards` rule ids; `sends` and `evidence` say what must come of it."""

    source: str
    event: str
    target: str
    actors: tuple[str, ...]
    guards: tuple[str, ...]
    sends: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """All states and moves of one pack; a step is a transition that stays where it is."""

    states: dict[str, State]
    transitions: tuple[Transition, ...]
    steps: tuple[Transition, ...]

    def find(self, state: str, event: str) -> Transition | None:
        """The move `event` makes from `state`."""
        known = (one for one in self.leaving(state) if one.event == event)
        return next(known, None)

    def leaving(self, state: str) -> list[Transition]:
        """Every transition and step possible in `state`, transitions first."""
        return [one for one in (*self.transitions, *self.steps) if one.source == state]


@lru_cache(maxsize=64)
def machine_of(pack_name: str) -> Machine:
    """The machine of a product pack. Raises PackError if its graph fails a proof."""
    return build_machine(load_packs()[pack_name])


def build_machine(pack: Pack) -> Machine:
    """The base machine with the pack's changes. Raises PackError naming the counter-example."""
    base = _load_machine()
    kept = [one for one in base.transitions if (one.source, one.event) not in pack.removed]
    machine = Machine(base.states, (*kept, *(_transition(row) for row in pack.added)), base.steps)
    problems = problems_of(machine)
    if problems:
        raise PackError(f"{pack.name}: {problems[0]}")
    return machine


@lru_cache(maxsize=1)
def _load_machine() -> Machine:
    rows = json.loads((DATA / "machine.json").read_text(encoding="utf-8"))
    steps = json.loads((DATA / "steps.json").read_text(encoding="utf-8"))
    states = {
        name: State(name, row["zh"], row["terminal"], row["holder"]) for name, row in rows["states"].items()
    }
    return Machine(states, tuple(map(_transition, rows["transitions"])), tuple(_steps(steps)))


def _transition(row: Mapping[str, Any]) -> Transition:  # Any: JSON
    return Transition(
        row["from"],
        row["event"],
        row["to"],
        tuple(row["actors"]),
        tuple(row["guards"]),
        row.get("sends", ""),
        row.get("evidence", ""),
    )


def _steps(rows: dict[str, Any]) -> Iterable[Transition]:  # Any: JSON
    for event, row in rows.items():
        for state in row["states"]:
            yield Transition(state, event, state, tuple(row["actors"]), tuple(row["guards"]))


Allowed = Callable[[Transition], bool]


def problems_of(machine: Machine) -> list[str]:
    """Every property of SPEC §1.1.7 that the graph lacks, each with its counter-example; empty = proven."""
    found = [
        *_unknown_states(machine),
        *_unreachable(machine),
        *_dead_ends(machine, "can never be closed", lambda _: True),
        *_dead_ends(machine, "can never be closed while the customer is silent", _without_customer),
        *_shortcut(machine, NOWHERE, "closed", avoiding="follow_up"),
        *_shortcut(machine, NOWHERE, "decided", avoiding="acknowledged"),
        *_shortcut(machine, "remedy_due", "closed", avoiding="remedy_done"),
        *_unverified(machine),
        *_leaks(machine),
    ]
    return sorted(set(found), key=found.index)


def path(machine: Machine, source: str, target: str, allowed: Allowed) -> list[Transition] | None:
    """The shortest way from `source` to `target` over allowed transitions; None if there is none."""
    came_by: dict[str, Transition] = {}
    queue = deque([source])
    while queue:
        state = queue.popleft()
        if state == target and (came_by or source == target):
            return _walk_back(came_by, source, target)
        for move in machine.transitions:
            if (
                move.source == state
                and move.target not in came_by
                and move.target != source
                and allowed(move)
            ):
                came_by[move.target] = move
                queue.append(move.target)
    return None


def _walk_back(came_by: dict[str, Transition], source: str, target: str) -> list[Transition]:
    steps: list[Transition] = []
    while target != source:
        steps.insert(0, came_by[target])
        target = steps[0].source
    return steps


def _unknown_states(machine: Machine) -> list[str]:
    known = {NOWHERE, *machine.states}
    return [
        f"{move.event} leads from {move.source} to {move.target}, and there is no such state"
        for move in machine.transitions
        if not {move.source, move.target} <= known
    ]


def _unreachable(machine: Machine) -> list[str]:
    lost = [name for name in machine.states if path(machine, NOWHERE, name, lambda _: True) is None]
    return [f"no case can ever be {name}" for name in lost]


def _dead_ends(machine: Machine, complaint: str, allowed: Allowed) -> list[str]:
    stuck = [
        name
        for name in machine.states
        if name not in ("merged", "closed") and path(machine, name, "closed", allowed) is None
    ]
    return [f"a case that is {name} {complaint}" for name in stuck]


def _shortcut(machine: Machine, source: str, target: str, *, avoiding: str) -> list[str]:
    found = path(machine, source, target, lambda move: avoiding not in (move.source, move.target))
    return [f"{_told(found)} reaches {target} without {avoiding}"] if found else []


def _unverified(machine: Machine) -> list[str]:
    found = path(machine, "remedy_due", "closed", lambda move: move.event != "verify")
    return [f"{_told(found)} reaches closed without a verified remedy"] if found else []


def _leaks(machine: Machine) -> list[str]:
    """Only the customer, or a failed remedy check, can leave `closed`."""
    return [
        f"{move.event} lets {actor} take a case out of closed"
        for move in machine.transitions
        if move.source == "closed"
        for actor in move.actors
        if actor != "customer" and (actor, move.event) != ("verifier", "reopen")
    ]


def _without_customer(move: Transition) -> bool:
    """Whether the move can happen though the customer does nothing more."""
    return set(move.actors) != {"customer"}


def _told(moves: list[Transition]) -> str:
    return " → ".join([moves[0].source, *(move.event for move in moves)])

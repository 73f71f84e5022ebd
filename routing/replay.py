"""`python -m routing replay`: play recorded or invented events and see who would have got what, and why."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from routing.engine import Engine
from routing.jsonnode import Malformed, parse
from routing.model import Decision
from routing.scenario import Line, Scenario, read_scenario

Explained = tuple[Line, dict[str, object] | None]


def replay(path: Path, write: Callable[[str], object], *, check: bool, explain: bool) -> int:
    """Play every scenario of a file; 1 if `check` finds a difference, else 0. Malformed if the file is no good."""
    scenarios, is_list = read_file(path, needs_expect=check)
    differences = 0
    for scenario in scenarios:
        if is_list:
            write(json.dumps({"name": scenario.name}, ensure_ascii=False))
        lines = []
        for line, reasons in play(scenario, explain=explain):
            lines.append(line)
            write(json.dumps([*line, reasons] if reasons is not None else line, ensure_ascii=False))
        if check and scenario.expect is not None:
            found = difference(scenario.expect, lines)
            differences += len(found)
            for text in found:
                write(text)
    return 1 if differences else 0


def read_file(path: Path, *, needs_expect: bool = False) -> tuple[list[Scenario], bool]:
    """The scenarios of a file, and whether it is a list of them."""
    try:
        node = parse(path.read_bytes())
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from error
    scenarios = [read_scenario(item) for item in (node if node.is_list() else [node])]
    for scenario in scenarios:
        if needs_expect and scenario.expect is None:
            raise Malformed(f"{scenario.path}.expect: missing, --check has nothing to compare with")
    return scenarios, node.is_list()


def play(scenario: Scenario, *, explain: bool = False) -> Iterator[Explained]:
    """The decisions of a scenario in time order, each with its reasons if they are asked for.

    Time goes from timer to timer, so that reasons are given as of the instant of the decision.
    """
    engine = Engine(scenario.config, scenario.agents)
    for event in scenario.events:
        while (due := engine.next_due()) is not None and due <= event.t:
            yield from _lines(engine, engine.advance(due), explain=explain)
        yield from _lines(engine, event.play(engine), explain=explain)


def difference(expected: Iterable[Line], played: Iterable[Line]) -> list[str]:
    """What is missing and what is too much, compared as a set per instant, in time order."""
    wanted = {_comparable(line) for line in expected}
    found = {_comparable(line) for line in played}
    changes = [("-", line) for line in wanted - found] + [("+", line) for line in found - wanted]
    return [
        f"{sign} {json.dumps(line, ensure_ascii=False)}"
        for sign, line in sorted(changes, key=lambda change: (change[1][0], change[0], str(change[1])))
    ]


def _lines(engine: Engine, decisions: list[Decision], *, explain: bool) -> Iterator[Explained]:
    for decision in decisions:
        if decision.kind == "returned":
            continue
        explanation = engine.explain(decision.ticket) if explain else None
        reasons = explanation.as_dict() if explanation is not None else None
        yield _comparable((decision.t, decision.kind, decision.ticket, decision.agent)), reasons


def _comparable(line: Line) -> Line:
    """Times to the microsecond: 0.1 + 0.2 is 0.3 here."""
    return round(float(line[0]), 6), *line[1:]

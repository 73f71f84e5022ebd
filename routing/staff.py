"""`python -m routing staff`: how many agents a service level takes."""

import argparse
import json
import math
from collections.abc import Callable

from routing.erlang import Demand, Service, agents_needed, service, with_shrinkage

Number = Callable[[str], float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--calls", type=_number(0), required=True, help="calls expected in the period")
    parser.add_argument(
        "--per", type=_number(0, exclusive=True), default=3600.0, help="the period in seconds (3600)"
    )
    parser.add_argument(
        "--aht", type=_number(0, exclusive=True), required=True, help="mean handling time in seconds"
    )
    parser.add_argument(
        "--target", type=_number(0, 1), default=0.8, help="part of the calls to answer in time (0.8)"
    )
    parser.add_argument("--within", type=_number(0), default=20.0, help="what in time means, in seconds (20)")
    parser.add_argument(
        "--patience", type=_number(0, exclusive=True), help="mean seconds until a caller gives up"
    )
    parser.add_argument(
        "--shrinkage", type=_number(0, 1), default=0.0, help="part of paid time not on the phone (0)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def staff(options: argparse.Namespace, write: Callable[[str], object]) -> int:
    """Print the fewest agents that reach the target; ValueError if no number does."""
    demand = Demand(options.calls / options.per, options.aht, options.patience)
    needed = agents_needed(demand, options.target, options.within)
    if options.json:
        write(json.dumps(_as_dict(needed, options.shrinkage)))
    else:
        _write_table(demand, needed, options, write)
    return 0


def _as_dict(found: Service, shrinkage: float) -> dict[str, float]:
    figures: dict[str, float] = {
        "agents": found.agents,
        "agents_with_shrinkage": with_shrinkage(found.agents, shrinkage),
        "service_level": found.service_level,
        "asa_s": found.asa,
        "occupancy": found.occupancy,
        "p_wait": found.p_wait,
    }
    return figures if found.p_abandon is None else {**figures, "p_abandon": found.p_abandon}


def _write_table(
    demand: Demand, needed: Service, options: argparse.Namespace, write: Callable[[str], object]
) -> None:
    """The answer between its neighbours, so that one sees what an agent more or less would change."""
    write(
        f"{demand.load:.2f} erlangs; {options.target:.0%} within {options.within:g} s takes {needed.agents} agents"
    )
    columns = ["agents", "to employ", "service level", "mean wait s", "occupancy", "must wait"]
    columns += ["abandon"] if options.patience is not None else []
    write("  ".join(columns))
    for agents in range(max(1, needed.agents - 2), needed.agents + 3):
        found = service(agents, demand, options.within)
        cells = [
            f"{found.agents}{'*' if agents == needed.agents else ''}",
            f"{with_shrinkage(found.agents, options.shrinkage)}",
            f"{found.service_level:.1%}",
            f"{found.asa:.1f}" if math.isfinite(found.asa) else "no end",
            f"{found.occupancy:.1%}",
            f"{found.p_wait:.1%}",
        ]
        cells += [f"{found.p_abandon:.1%}"] if found.p_abandon is not None else []
        write("  ".join(cell.rjust(len(column)) for cell, column in zip(cells, columns, strict=True)))


def _number(minimum: float, limit: float = math.inf, *, exclusive: bool = False) -> Number:
    """A reader of numbers from `minimum` (left out if `exclusive`) up to but without `limit`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not minimum <= value < limit or (exclusive and value == minimum):
            bound = f"above {minimum:g}" if exclusive else f"of at least {minimum:g}"
            below = f" and below {limit:g}" if math.isfinite(limit) else ""
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {bound}{below}")
        return value

    return read

"""`python -m routing replay|staff|simulate|bench`: the engine's command line."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from routing.bench import add_arguments as add_bench_arguments
from routing.bench import bench
from routing.replay import replay
from routing.simulate import add_arguments as add_simulate_arguments
from routing.simulate import simulate
from routing.staff import add_arguments as add_staff_arguments
from routing.staff import staff


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = fine, 1 = a difference, 2 = bad input (one line on standard error)."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (`| head`) has left; nothing may be written to its pipe when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m routing", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("replay", help="play a file of events and print every decision")
    command.add_argument("file", type=Path, metavar="FILE", help="one scenario or a list of them (JSON)")
    command.add_argument("--check", action="store_true", help="compare with what the scenario expects")
    command.add_argument("--explain", action="store_true", help="add the reasons to each decision")
    command.set_defaults(run=_replay)
    command = commands.add_parser("staff", help="how many agents a service level takes (Erlang C and A)")
    add_staff_arguments(command)
    command.set_defaults(run=lambda options: staff(options, print))
    command = commands.add_parser("simulate", help="compare ways of routing on the same calls")
    add_simulate_arguments(command)
    command.set_defaults(run=lambda options: simulate(options, print))
    command = commands.add_parser("bench", help="how fast the engine decides on this machine")
    add_bench_arguments(command)
    command.set_defaults(run=lambda options: bench(options, print))
    return parser


def _replay(options: argparse.Namespace) -> int:
    return replay(options.file, print, check=options.check, explain=options.explain)


if __name__ == "__main__":
    sys.exit(main())

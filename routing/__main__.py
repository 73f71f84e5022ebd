"""`python -m routing replay`: the engine's command line."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from routing.jsonnode import Malformed
from routing.replay import replay


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = fine, 1 = a difference, 2 = bad input (one line on standard error)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Malformed as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m routing", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("replay", help="play a file of events and print every decision")
    command.add_argument("file", type=Path, metavar="FILE", help="one scenario or a list of them (JSON)")
    command.add_argument("--check", action="store_true", help="compare with what the scenario expects")
    command.add_argument("--explain", action="store_true", help="add the reasons to each decision")
    command.set_defaults(run=_replay)
    return parser


def _replay(options: argparse.Namespace) -> int:
    return replay(options.file, print, check=options.check, explain=options.explain)


if __name__ == "__main__":
    sys.exit(main())

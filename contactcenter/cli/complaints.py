"""`complaints replay [--check] FILE` tries a timeline without touching anything; `complaints verify` proves the logs."""

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy import func, select

from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.replay import Scenario, differences, run
from contactcenter.complaints.scenario_file import FileError, read_scenarios
from contactcenter.complaints.verify import verify_all
from contactcenter.compose import compose
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.embedded.attach import attach_or_start

DIFFERENCES_SHOWN = 10


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="app.py complaints", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    replay = commands.add_parser("replay", help="run a timeline in memory, one JSON line per step")
    replay.add_argument("file", type=Path)
    replay.add_argument(
        "--check", action="store_true", help="compare with what the file expects; exit 1 if it differs"
    )
    commands.add_parser("verify", help="prove that no complaint's log was touched; exit 1 if one was")
    options = parser.parse_args(arguments)
    if options.command == "verify":
        return verify()
    return replay_file(options.file, check=options.check)


def replay_file(file: Path, *, check: bool) -> int:
    """Print the answers of every step; 2 for a file that cannot be used, 1 if `check` finds a difference."""
    try:
        scenarios, is_list = read_scenarios(file.read_text(encoding="utf-8"))
    except OSError as error:
        return _failed(f"Cannot read {file}: {error.strerror}.")
    except UnicodeDecodeError:
        return _failed(f"Cannot read {file}: it is no UTF-8 text.")
    except FileError as error:
        return _failed(str(error))
    differ = [_run(scenario, named=is_list) for scenario in scenarios]
    found = [line for lines in differ for line in lines]
    if not check or not found:
        return 0
    print("\n".join(found[:DIFFERENCES_SHOWN]), file=sys.stderr)
    return 1


def verify() -> int:
    """Print each fault and the number of cases; 1 if there is a fault."""
    compose()
    with attach_or_start(get_settings()) as settings:
        engine = db.connect(settings.database_url, pool_n=1)
        with db.unit_of_work() as session:
            faults = list(verify_all(session))
            cases_n = session.scalar(select(func.count()).select_from(ComplaintCase)) or 0
        engine.dispose()
    for fault in faults:
        print(f"{fault.reference}: event {fault.seq}: {fault.what}")
    print(f"{cases_n} complaints, {len(faults)} faults")
    return 1 if faults else 0


def _run(scenario: Scenario, *, named: bool) -> list[str]:
    if named:
        _print({"name": scenario.name})
    found = []
    for step, answer in zip(scenario.steps, run(scenario), strict=True):
        _print(answer)
        place = f"{scenario.name or 'case'}: step {answer['step']}: "
        found += [place + one for one in differences(step.expect or {}, answer)]
    return found


def _print(line: dict[str, object]) -> None:
    print(json.dumps(line, ensure_ascii=False))


def _failed(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2

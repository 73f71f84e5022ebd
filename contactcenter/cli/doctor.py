"""`doctor`: numbered warnings about this installation, each with what to do about it; status 1 if there are any."""

import argparse
from collections.abc import Iterator

from contactcenter.cli.doctor_machine import MACHINE_CHECKS
from contactcenter.cli.doctor_services import SERVICE_CHECKS
from contactcenter.cli.finding import Finding
from contactcenter.core.config import Settings, get_settings
from contactcenter.embedded.attach import attach_or_start
from contactcenter.embedded.errors import EngineError


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="app.py doctor", description=__doc__).parse_args(arguments)
    warnings_n = 0
    for finding in examine(get_settings()):
        print(f"{finding.code}  {finding.message}\n      → {finding.hint}", flush=True)
        warnings_n += finding.is_warning
    print(f"Warnings: {warnings_n}." if warnings_n else "No warnings: all is well here.")
    return 1 if warnings_n else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """The machine and the settings first; then, if the engines run or start, what needs them."""
    for check_machine in MACHINE_CHECKS:
        yield from check_machine(settings)
    try:
        with attach_or_start(settings) as complete:
            for check_service in SERVICE_CHECKS:
                yield from check_service(complete)
    except EngineError as error:
        hint = "What is said above may be the cause; the logs lie in STATE_DIR/engines."
        yield Finding("W020", f"The engines do not start: {error}", hint)

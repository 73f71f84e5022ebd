"""`mail parse` shows what a message says; `mail ingest` stores and processes it like the mailbox reader does."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contactcenter.channels.email import intake
from contactcenter.channels.email.addresses import Address
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.parse import ParsedMail, parse
from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import get_settings
from contactcenter.embedded.attach import attach_or_start


def main(arguments: list[str]) -> int:
    """Exit status 0 only when every input could be read (parse) or stored (ingest)."""
    parser = argparse.ArgumentParser(prog="app.py mail", description=__doc__)
    parser.add_argument("action", choices=["parse", "ingest"])
    parser.add_argument("--json", action="store_true", help="one JSON line per input, in order")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a raw message; - reads standard input")
    asked = parser.parse_args(arguments)
    if asked.action == "parse":
        return _for_each(
            asked.files, lambda raw: Line(Outcome(parse(raw)), parsed_only=True), as_json=asked.json
        )
    with attach_or_start(get_settings()) as settings:
        engine = db.connect(settings.database_url, pool_n=1)
        compose()
        if settings.public_url:  # a running system: agents see the mail come in
            push.connect(settings.redis_url)
        status = _for_each(asked.files, _ingest, as_json=asked.json)
        engine.dispose()
    return status


@dataclass(frozen=True, slots=True)
class Line:
    """One input's answer. `parsed_only` mail has no ticket and could have none; `missed` means it was not even read."""

    outcome: Outcome
    parsed_only: bool = False
    missed: bool = False


def _for_each(files: list[str], do: Callable[[bytes], Line], *, as_json: bool) -> int:
    complete = True
    for file in files:
        raw, error = _read(file)
        line = (
            do(raw)
            if error is None
            else Line(Outcome(ParsedMail(error=error)), parsed_only=True, missed=True)
        )
        complete = complete and not line.missed
        _show(describe(line), as_json=as_json)
    return 0 if complete else 1


def _read(file: str) -> tuple[bytes, str | None]:
    """The bytes, or one sentence that says why there are none."""
    if file == "-" and sys.stdin is None:  # what Python makes of a closed one
        return b"", "Cannot read standard input: it is closed."
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()), None
    except OSError as error:
        return b"", f"Cannot read {file}: {error.strerror}."


def _ingest(raw: bytes) -> Line:
    """Store, then process; the database going away in between leaves the mail stored for the mailbox reader."""
    raw_id = intake.store(raw)
    if raw_id is None:
        return Line(Outcome(ParsedMail(error="It could not be stored.")), missed=True)
    return Line(intake.work_on(raw_id))


def describe(line: Line) -> dict[str, Any]:  # Any: JSON
    """The public JSON form of a mail and what became of it."""
    outcome, mail = line.outcome, line.outcome.mail
    return {
        "ticket": outcome.ticket_id,
        "created": None if line.parsed_only else outcome.created,
        "duplicate": outcome.duplicate,
        "from": _address(mail.sender),
        "to": [_address(one) for one in mail.to],
        "cc": [_address(one) for one in mail.cc],
        "reply_to": [_address(one) for one in mail.reply_to],
        "subject": mail.subject,
        "text": mail.text,
        "reply_text": mail.reply_text,
        "attachments": [
            {
                "filename": one.filename,
                "content_type": one.content_type,
                "size": len(one.content),
                "inline": one.inline,
            }
            for one in mail.attachments
        ],
        "auto": mail.is_robot,
        "error": mail.error,
    }


def _address(one: Address) -> dict[str, str | None]:
    return {"address": one.address, "name": one.name}


def _show(line: dict[str, Any], *, as_json: bool) -> None:  # Any: JSON
    if as_json:
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return
    for name, value in line.items():
        if value not in (None, [], "", False):
            print(f"{name}: {value}")
    print()

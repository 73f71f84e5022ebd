"""`mail parse` shows what a message says; `mail ingest` stores and processes it like the mailbox reader does."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from contactcenter.channels.email.addresses import Address
from contactcenter.channels.email.parse import ParsedMail, parse


def main(arguments: list[str]) -> int:
    """Exit status 0 only when every input could be read (parse) or stored (ingest)."""
    parser = argparse.ArgumentParser(prog="mail", description=__doc__)
    parser.add_argument("action", choices=["parse"])
    parser.add_argument("--json", action="store_true", help="one JSON line per input, in order")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a raw message; - reads standard input")
    asked = parser.parse_args(arguments)
    return _parse_all(asked.files, as_json=asked.json)


def _parse_all(files: list[str], *, as_json: bool) -> int:
    complete = True
    for file in files:
        raw, error = _read(file)
        mail = parse(raw) if error is None else ParsedMail(error=error)
        complete = complete and error is None
        _show(describe(mail), as_json=as_json)
    return 0 if complete else 1


def _read(file: str) -> tuple[bytes, str | None]:
    """The bytes, or one sentence that says why there are none."""
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()), None
    except OSError as error:
        return b"", f"Cannot read {file}: {error.strerror}."


def describe(
    mail: ParsedMail, *, ticket: int | None = None, created: bool | None = None, duplicate: bool = False
) -> dict[str, Any]:  # Any: JSON
    """The public JSON form of a mail and what became of it."""
    return {
        "ticket": ticket,
        "created": created,
        "duplicate": duplicate,
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

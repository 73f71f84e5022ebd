"""`customers erase NUMBER` forgets a customer's words and person; `customers erase-again FILE` does so after a restore.

Each erasure is noted in STATE_DIR/erased.jsonl, by number and dates alone. A backup that is older than an erasure brings
the words back; the note, kept beside the backups, takes them away again.
"""

import argparse
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from contactcenter.compose import compose
from contactcenter.core import db
from contactcenter.core.clock import now
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.erasure import erase_customer
from contactcenter.customers.models import Customer
from contactcenter.embedded.attach import attach_or_start
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import open_state_dir

NOTE = "erased.jsonl"


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    with attach_or_start(get_settings()) as settings:
        compose()
        owner = settings.migration_url or settings.database_url  # the event log is changed
        engine = db.connect(owner, pool_n=2)
        try:
            if options.command == "erase":
                erase(settings, options.number, before_its_time=options.with_complaints)
            else:
                erase_again(settings, read_note(options.file))
        finally:
            engine.dispose()
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py customers", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    erase = commands.add_parser("erase", help="forget what one customer said and is")
    erase.add_argument("number", type=int, help="as it stands in the address of his page: /customers/NUMBER")
    erase.add_argument(
        "--with-complaints",
        action="store_true",
        help="closed complaints that are to be kept longer, too: you answer for it",
    )
    again = commands.add_parser("erase-again", help="after a restore, at once: forget whom the note names")
    again.add_argument("file", type=Path, help=f"the newest {NOTE}")
    return parser.parse_args(arguments)


def erase(settings: Settings, number: int, *, before_its_time: bool) -> None:
    with db.unit_of_work() as session:
        customer = session.get(Customer, number)
        if customer is None:
            raise NotFound(_("There is no such customer."))
        them = erase_customer(session, customer, actor="system", before_its_time=before_its_time)
        # Before the commit: killed between the two, he is noted and not erased, and to be erased once more.
        note(settings, [{"customer": one.id, "since": one.created_at.isoformat()} for one in them])
    print(f"Erased: customer {number}. Keep {settings.state_dir / NOTE} with your backups.")


def erase_again(settings: Settings, erased: Sequence[dict[str, str]]) -> None:
    """Of those, whoever is in this database and was the same then; his complaints, too, for they were decided on then."""
    done_n = 0
    for line in erased:
        with db.unit_of_work() as session:
            customer = _same(session, line)
            if customer is not None:
                erase_customer(session, customer, actor="system", before_its_time=True)
                note(settings, [line])
                done_n += 1
    print(f"Erased again: {done_n} of {len(erased)}; the others are erased here, or were never here.")


def _same(session: Session, line: dict[str, str]) -> Customer | None:
    """A number may belong to somebody else in a database that went another way: the instant tells."""
    customer = session.get(Customer, int(line["customer"]))
    known = customer is not None and customer.created_at == datetime.fromisoformat(line["since"])
    return customer if customer is not None and known and customer.erased_at is None else None


def note(settings: Settings, erased: Sequence[dict[str, object]] | Sequence[dict[str, str]]) -> None:
    """Durably, one line each; for the owner alone."""
    descriptor = os.open(
        open_state_dir(settings.state_dir) / NOTE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    with os.fdopen(descriptor, "w") as file:
        for one in erased:
            file.write(json.dumps({**one, "erased_at": now().isoformat()}) + "\n")
        file.flush()
        os.fsync(descriptor)


def read_note(file: Path) -> list[dict[str, str]]:
    try:
        return [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    except ValueError:
        raise EngineError(f"Cannot read {file}: it is no note of erasures.") from None

"""`demo [--size N] [--live]`: a believable organisation with its stories, and customers who move things."""

import argparse
import json
import random
import signal
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from contactcenter.accounts.models import Brand, User
from contactcenter.cli import demo_live
from contactcenter.cli.demo_cases import open_dossiers
from contactcenter.cli.demo_data import PEOPLE, STORIES
from contactcenter.cli.demo_organisation import address_of_staff, build_organisation, send_on_break
from contactcenter.cli.demo_stories import rounds, tell_stories
from contactcenter.compose import compose
from contactcenter.core import clock, db, push
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.ids import readable_code
from contactcenter.core.logs import configure_logs
from contactcenter.embedded.attach import attach_or_start

SEED = 20261123
LIVE_MINUTES = 10


def main(arguments: Sequence[str]) -> int:
    """Seed an empty database, add N tickets, let customers come; each as asked."""
    options = parse(arguments)
    with attach_or_start(get_settings()) as settings:
        db.connect(settings.database_url, pool_n=2)
        seed_if_empty(settings)
        if options.size > 0:
            add_tickets(options.size)
            print(f"{options.size} tickets added")
        if options.live or options.stay:
            live(settings, options.minutes, stay=options.stay)
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py demo", description=__doc__)
    parser.add_argument("--size", type=_number, default=0, metavar="N", help="how many tickets to add")
    parser.add_argument("--live", action="store_true", help="let customers chat, mail and complain")
    parser.add_argument(
        "--minutes", type=float, default=LIVE_MINUTES, metavar="N", help="for how long new ones come"
    )
    parser.add_argument(
        "--stay",
        action="store_true",
        help="what serve --demo runs: as --live while the demo is new, then answer and take mail until stopped",
    )
    return parser.parse_args(arguments)


def _number(typed: str) -> int:
    if not typed.isdecimal():
        raise argparse.ArgumentTypeError(f"{typed!r} is no number of tickets")
    return int(typed)


def seed_if_empty(settings: Settings) -> bool:
    """Create the demo organisation if nobody can sign in yet, and STATE_DIR/demo.json; False if there is somebody."""
    compose()
    with db.unit_of_work() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return False
        passwords = {person.login: readable_code(10) for person in PEOPLE}
        widget_key = build_organisation(session, passwords).key
        send_on_break(session)
        tell_stories(session, 0, len(STORIES), len(STORIES), random.Random(SEED))  # noqa: S311  a demo, no secret
        open_dossiers(session)
        db.tell_nobody(session)
    _write_private(settings.state_dir / "demo.json", _sign_ins(settings, passwords, widget_key))
    return True


def add_tickets(n: int) -> None:
    """`n` more tickets. No page is told of each: whoever looks sees them when he looks again."""
    chance = random.Random(SEED + n)  # noqa: S311  a demo, no secret
    for first, size in rounds(n):
        with db.unit_of_work() as session:
            tell_stories(session, first, size, n, chance)
            db.tell_nobody(session)


def live(settings: Settings, minutes: float, *, stay: bool) -> None:
    """Until it is time, or told to stop: see demo_live."""
    configure_logs(settings.log_level)
    push.connect(settings.redis_url)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if stay:
        with db.unit_of_work() as session:
            born_at = session.scalars(select(Brand.created_at).order_by(Brand.id)).first() or clock.now()
        demo_live.stay(stop, settings.state_dir, until=born_at + timedelta(minutes=minutes))
    else:
        print(f"Customers come for {minutes:g} minutes. Stop with Ctrl-C.", flush=True)
        demo_live.play(stop, until=clock.now() + timedelta(minutes=minutes), say=print)


def _sign_ins(settings: Settings, passwords: dict[str, str], widget_key: str) -> dict[str, object]:
    people = [
        {
            "role": person.role,
            "name": person.name,
            "email": address_of_staff(person.login),
            "password": passwords[person.login],
        }
        for person in PEOPLE
    ]
    return {"url": settings.base_url, "sign_ins": people, "widget_key": widget_key}


def _write_private(path: Path, content: dict[str, object]) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")

"""`secrets new|rotate|forget`: change the key that signs and seals, while everything sealed stays readable.

`new` makes another key beside the embedded database, `rotate` brings everything at rest under the newest one, `forget`
drops the older ones. With a SECRET_KEY of your own you do the first and the last where you set it.
"""

import argparse
from collections import Counter
from pathlib import Path

from contactcenter.complaints.recounting import recount
from contactcenter.compose import compose, metadata
from contactcenter.core import db
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.resealing import LOST, OLDER, Place, count_keys, reseal, sealed_places
from contactcenter.embedded import lock
from contactcenter.embedded.attach import attach_or_start
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import open_state_dir
from contactcenter.embedded.secret import keep_keys, new_key, secret_keys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="app.py secrets", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    commands.add_parser("new", help="make a new key beside the embedded database; the others are still read")
    commands.add_parser("rotate", help="bring everything that is sealed under the newest key")
    commands.add_parser("forget", help="drop the older keys, once nothing is sealed with them")
    run = {"new": make_new, "rotate": rotate, "forget": forget}
    return run[parser.parse_args(arguments).command]()


def make_new() -> int:
    """For the next start: whoever runs now would not know the new key."""
    settings = get_settings()
    folder = _folder_of_keys(settings)
    with lock.hold(folder):
        keep_keys(folder, [new_key(), *secret_keys(settings)])
    print("A new key is made; what the older ones signed and sealed is still read.")
    print("Start Candor, then run: python app.py secrets rotate")
    return 0


def rotate() -> int:
    """Interrupted at any point, it is run again: each batch is one transaction, and what is done is passed over."""
    with attach_or_start(get_settings()) as settings:
        compose()
        engine = db.connect(settings.database_url, pool_n=1)
        found = sum(map(reseal_all, sealed_places(metadata)), Counter[str]())
        recounted_n = recount_all()
        engine.dispose()
    print(f"Brought under the newest key: {found[OLDER]}; words of complaints counted anew: {recounted_n}.")
    if found[LOST]:
        print(f"No key that is given opens {found[LOST]} of what is sealed.")
    return 1 if found[LOST] else 0


def forget() -> int:
    """From the next start on, forms, chats and answers' addresses that were signed with them are strangers."""
    given = get_settings()
    folder = _folder_of_keys(given)
    with attach_or_start(given) as settings:
        compose()
        engine = db.connect(settings.database_url, pool_n=1)
        with db.unit_of_work() as session:
            needed_n = count_keys(session, metadata)[OLDER]
        engine.dispose()
    if needed_n:
        raise EngineError(f"{needed_n} secrets lie under an older key: python app.py secrets rotate")
    keep_keys(folder, secret_keys(given)[:1])
    print("The older keys are gone; processes that run forget them when they start again.")
    return 0


def _folder_of_keys(settings: Settings) -> Path:
    if settings.secret_key or settings.database_url:
        raise EngineError("SECRET_KEY is given: change it and SECRET_KEY_OLD where they are set.")
    return open_state_dir(settings.state_dir)


def reseal_all(place: Place) -> Counter[str]:
    found: Counter[str] = Counter()
    after: int | None = 0
    while after is not None:
        with db.unit_of_work() as session:
            done = reseal(session, place, after)
        found += done.keys
        after = done.last_id
    return found


def recount_all() -> int:
    changed_n, after = 0, 0
    while True:
        with db.unit_of_work() as session:
            batch = recount(session, after)
        if batch is None:
            return changed_n
        after, changed_n = batch.last_id, changed_n + batch.changed_n

"""`migrate`: bring the database to the newest schema; a command to run as the owner (MIGRATION_URL)."""

import argparse

from contactcenter.accounts.setup import issue_first_code
from contactcenter.core import db
from contactcenter.core.away import said_plainly
from contactcenter.core.config import get_settings
from contactcenter.core.migrate import is_current, upgrade


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="app.py migrate", description=__doc__)
    parser.add_argument(
        "--first-code", action="store_true", help="show a new installation's code for its first administrator"
    )
    options = parser.parse_args(arguments)
    with said_plainly():
        bring_up_to_date()
        if options.first_code:
            announce_first_code()
    return 0


def bring_up_to_date() -> None:
    """Migrate what is missing; when nothing is, only look, which is quicker."""
    settings = get_settings()
    url = settings.migration_url or settings.database_url
    if not is_current(url):
        upgrade(url)


def announce_first_code() -> None:
    """Print the one-time code that proves who can read this terminal, unless somebody can sign in already."""
    settings = get_settings()
    db.connect(settings.database_url, pool_n=1)
    with db.unit_of_work() as session:
        code = issue_first_code(session)
    if code:
        print(f"  first administrator's one-time code: {code}")

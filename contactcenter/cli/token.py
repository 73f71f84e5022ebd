"""`token create --role ROLE [--name N] [--team T] [--read-only]`: a key for the API; prints only the token."""

import argparse

from contactcenter.accounts.models import Role, Team
from contactcenter.accounts.tokens import create_token
from contactcenter.cli.user import team_id_of
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.embedded.attach import attach_or_start


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    with attach_or_start(get_settings()) as settings:
        engine = db.connect(settings.database_url, pool_n=1)
        with db.unit_of_work() as session:
            team_id = team_id_of(session, options.team)
            token = create_token(
                session,
                Role(options.role),
                name=options.name,
                team=None if team_id is None else session.get_one(Team, team_id),
                read_only=options.read_only,
                actor="system",
            )
        engine.dispose()
    print(token)
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py token", description=__doc__)
    create = parser.add_subparsers(required=True, metavar="create").add_parser("create", help="make a token")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--name", default="", help="what it is for, as the list of tokens shows it")
    create.add_argument("--team", default="", help="the one team whose work it sees, by name (all of them)")
    create.add_argument("--read-only", action="store_true", help="let it change nothing")
    return parser.parse_args(arguments)

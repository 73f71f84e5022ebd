"""`user add --email E --name N --role ROLE…`: somebody new who can sign in; asks for the password."""

import argparse
import getpass
import sys

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, Team
from contactcenter.accounts.service import create_user
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.embedded.attach import attach_or_start


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    password = ask_password()
    with attach_or_start(get_settings()) as settings:
        engine = db.connect(settings.database_url, pool_n=1)
        with db.unit_of_work() as session:
            user = create_user(
                session,
                email=options.email,
                name=options.name,
                password=password,
                roles=options.role,
                team_id=team_id_of(session, options.team),
                language=options.language,
                actor="system",
            )
        engine.dispose()
    print(f"{user.email}: {', '.join(user.roles)}")
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py user", description=__doc__)
    add = parser.add_subparsers(required=True, metavar="add").add_parser("add", help="let somebody in")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, nargs="+", choices=[role.value for role in Role])
    add.add_argument("--team", default="", help="name of an existing team")
    add.add_argument("--language", default="en", choices=LANGUAGES)
    return parser.parse_args(arguments)


def ask_password() -> str:
    """Typed without an echo; from a pipe, its first line. Never an argument, which everybody on the machine can read."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def team_id_of(session: Session, name: str) -> int | None:
    """The id of the team of that name. Raises NotFound."""
    if not name:
        return None
    found = session.scalar(select(Team.id).where(Team.name == name))
    if found is None:
        raise NotFound(_("There is no such team."))
    return found

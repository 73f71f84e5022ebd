"""What ten times the data costs: every screen of staff and every list of the API, in a small and in a large database by turns.

`python -m benchmarks.bench_screens [--sizes 10000,100000] [--only WORD]`: two PostgreSQLs of our own, each filled by
`benchmarks.large`; the pages are all GET routes of the application, asked without a network by whoever may see them, and MORE
ways to ask the lists. Of each the quickest of ASKED counts: what other work on the machine adds is not the page's.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from benchmarks.large import fill
from benchmarks.table import Row, median, shown, spread_of
from benchmarks.table import main as print_alone
from contactcenter.accounts.sessions import start_session
from contactcenter.accounts.tokens import create_token_for
from contactcenter.cli.demo_cases import DOSSIERS, open_dossier
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation, user_called
from contactcenter.compose import compose
from contactcenter.core import db
from contactcenter.core.config import Settings
from contactcenter.core.migrate import upgrade
from contactcenter.edge.sessions import COOKIE
from contactcenter.embedded.engines import start_engines
from contactcenter.factory import create_app
from contactcenter.tickets.queries import TicketFilter, list_tickets

KEY = "benchmark" * 4
SHORT, LONG = (10_000, 100_000), (100_000, 1_000_000)
GROWTH = 1.5
ASKED = 9
PAGES = 30
WHO = ("sam", "ines", "ada", "ruth")
"""In this order whoever gets an answer: supervisor and agent, investigator, administrator, reviewer."""
PUBLIC = {"sign_in", "setup", "intake", "portal", "health", "static", "widget", "api_spec"}
SINGLE = {"files.download", "console_mail.show", "api_calls.read", "api_calls.by_sid", "complaints.value"}
"""One thing by its number, which these databases have none of."""
THINGS = {
    "brands": "brand",
    "hours": "business_hours",
    "mailboxes": "mailbox",
    "people": "user_account",
    "queues": "queue",
    "replies": "canned_reply",
    "teams": "team",
    "widgets": "widget_key",
}
ARGUMENTS = {
    "ticket_id": "SELECT id FROM ticket WHERE status = 'open' AND complaint_ref IS NULL ORDER BY id DESC LIMIT 1",
    "customer_id": "SELECT customer_id FROM ticket WHERE status = 'open' ORDER BY id DESC LIMIT 1",
    "user_id": "SELECT id FROM user_account WHERE name LIKE 'Amy%'",
    "offer_id": "SELECT max(id) FROM offer",
    "reference": "SELECT reference FROM complaint_case ORDER BY id LIMIT 1",
}
QUERIES = {
    "console.earlier_lines": "before=3",
    "console.since": "rev=1",
    "console.rows": "view=all&after={cursor}",
}
RARE, COMMON = "person 77", "refund"
MORE = (
    *(f"/console?view={view}" for view in ("mine", "queue", "all", "complaints")),
    *(f"/console?view=all&q={words}" for words in ("77", RARE, COMMON, "退款", "海港街", "nowhere")),
    *(f"/customers?q={words}" for words in ("Person 77", "王", "person77@example.com", "nobody")),
    *(f"/api/v1/tickets?status={status}" for status in ("new", "open", "closed")),
    "/api/v1/tickets?owner=me",
    "/api/v1/search?q=refund",
    "/api/v1/search?q=Person&type=customer",
    "/complaints?view=over",
    "/complaints?period=last_month",
    "/supervisor/complaints?period=last_month",
)


@dataclass(frozen=True, slots=True)
class Hall:
    """One database with so many tickets, and the people who ask."""

    tickets: int
    engine: Engine
    doors: dict[str, FlaskClient]
    token: str

    def ask(self, who: str, path: str) -> int:
        head = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") else {}
        return self.doors[who].get(path, headers=head).status_code


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in each of the halls; times in milliseconds."""

    path: str
    who: str
    small: Sequence[float]
    large: Sequence[float]

    @property
    def growth(self) -> float:
        return min(self.large) / min(self.small)


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    """The worst growth with the pages beyond the target, and what lists and searches take."""
    found = list(screens(LONG if long else SHORT))
    sizes = "{:,} → {:,}".format(*(LONG if long else SHORT))
    beyond = [one for one in found if one.growth > GROWTH]
    worst = max(found, key=lambda one: one.growth)
    note = "; ".join(f"{one.path} × {one.growth:.1f}" for one in beyond)
    result = [
        Row(f"screens beyond × {GROWTH}, {sizes} tickets", len(beyond), f"of {len(found)}", 0, note=note),
        Row(f"worst growth of a screen, {sizes}", worst.growth, "×", GROWTH, note=worst.path),
    ]
    size = (LONG if long else SHORT)[1]
    for one in found:
        if one.path.startswith(
            ("/console?", "/console/rows", "/console/tabs", "/customers?", "/console/tickets/")
        ):
            name = f"{one.path.split('&after')[0]} at {size:,}"
            result.append(
                Row(name, median(one.large), "ms", spread=spread_of(one.large), note=f"× {one.growth:.2f}")
            )
    return result


def screens(sizes: tuple[int, int], only: str = "") -> Iterator[Screen]:
    compose()
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))) for _size in sizes]
        settings = Settings(state_dir=folders[0], database_url="postgresql+psycopg://", secret_key=KEY)
        app = create_app(settings)
        small, large = (stack.enter_context(a_hall(app, *one)) for one in zip(folders, sizes, strict=True))
        pages: list[Rule | str] = [*staff_rules(app), *MORE]
        for rule_or_path in pages:
            if only in str(rule_or_path):
                found = compared(rule_or_path, small, large)
                print(
                    f"{found.growth:6.2f} {min(found.large):8.1f} ms {found.path}",
                    file=sys.stderr,
                    flush=True,
                )
                yield found


@contextlib.contextmanager
def a_hall(app: Flask, folder: Path, tickets: int) -> Iterator[Hall]:
    folder.chmod(0o711)
    with start_engines(folder) as engines:
        upgrade(engines.migration_url)
        owner = create_engine(engines.migration_url)
        with Session(owner) as session, session.begin():
            build_organisation(session, {person.login: KEY for person in PEOPLE})
        with owner.connect() as connection:
            fill(connection, tickets)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        owner.dispose()
        engine = db.connect(engines.database_url)
        yield Hall(tickets, engine, *let_in(app))
        engine.dispose()


def let_in(app: Flask) -> tuple[dict[str, FlaskClient], str]:
    """People signed in, a program with a key, a few complaints open."""
    doors = {}
    with db.unit_of_work() as session:
        keys = {person.login: user_called(session, person.login).actor for person in PEOPLE}
        for login in WHO:
            user = user_called(session, login)
            doors[login] = app.test_client()
            doors[login].set_cookie(COOKIE, start_session(session, user, "benchmark"))
        token = create_token_for(session, user_called(session, "sam"), name="bench", actor="system")
    for dossier in DOSSIERS:
        with db.unit_of_work() as session:
            open_dossier(session, dossier, keys)
    return doors, token


def staff_rules(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule)
        if "GET" in (rule.methods or ())
        and rule.endpoint.partition(".")[0] not in PUBLIC
        and rule.endpoint not in SINGLE
    ]


def compared(page: Rule | str, small: Hall, large: Hall) -> Screen:
    """By turns, after one round that nobody times."""
    paths = {hall.tickets: page if isinstance(page, str) else path_of(page, hall) for hall in (small, large)}
    who = somebody_for(small, paths[small.tickets])
    took: dict[int, list[float]] = {small.tickets: [], large.tickets: []}
    for number in range(ASKED + 1):
        for hall in (small, large):
            db.bind(hall.engine)
            begun = time.perf_counter()
            status = hall.ask(who, paths[hall.tickets])
            assert status == 200, (paths[hall.tickets], status)
            if number:
                took[hall.tickets].append(1000 * (time.perf_counter() - begun))
    name = page if isinstance(page, str) else page.rule
    return Screen(name, who, took[small.tickets], took[large.tickets])


def somebody_for(hall: Hall, path: str) -> str:
    db.bind(hall.engine)
    for who in WHO:
        if hall.ask(who, path) == 200:
            return who
    raise SystemExit(f"Nobody of {WHO} may see {path}: say in this file who may, or with which arguments.")


def path_of(rule: Rule, hall: Hall) -> str:
    """The route with a thing of this database in each place."""
    with hall.engine.connect() as line:
        given = {}
        for argument in rule.arguments:
            table = THINGS.get(rule.endpoint.partition(".")[0])
            sql = f"SELECT min(id) FROM {table}" if argument == "thing_id" else ARGUMENTS.get(argument)
            if sql is None:
                raise SystemExit(f"Say in ARGUMENTS what <{argument}> of {rule} is.")
            given[argument] = line.scalar(text(sql))
    path = rule.rule
    for argument, value in given.items():
        path = path.replace(f"<int:{argument}>", str(value)).replace(f"<{argument}>", str(value))
    query = QUERIES.get(rule.endpoint, "").format(cursor=cursor_behind(PAGES, hall))
    return f"{path}?{query}" if query else path


def cursor_behind(pages: int, hall: Hall) -> str:
    """Where the next page of all that is open begins."""
    db.bind(hall.engine)
    after = None
    with db.unit_of_work() as session:
        me = user_called(session, WHO[0])
        for _page in range(pages):
            after = list_tickets(session, me, TicketFilter(live_only=True), after=after, limit=50).next
    return after or ""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--only", default="")
    options = parser.parse_args(arguments)
    small, large = map(int, options.sizes.split(","))
    found = sorted(screens((small, large), options.only), key=lambda one: -one.growth)
    return print_alone(
        [
            Row(
                one.path,
                one.growth,
                "×",
                GROWTH,
                spread=f"{shown(min(one.small))} → {shown(min(one.large))} ms",
                note=one.who,
            )
            for one in found
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

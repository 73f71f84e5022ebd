"""The write path against psycopg by hand: the same statement in a transaction of its own, ours with all that is around it.

`python -m benchmarks.bench_write [--seconds 20]`: one connection each, by turns, blocks of fifty messages, a PostgreSQL of our
own that syncs every commit. The hand has its search words ready and its values in a dictionary; ours checks the text, finds
the words and announces the event. `told` is the same with what waits for the commit: who tells pages looks whether one is open.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from benchmarks.table import Row, median, spread_of
from benchmarks.table import main as print_alone
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.compose import compose
from contactcenter.conversations import append
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import db, push
from contactcenter.core.migrate import upgrade
from contactcenter.embedded.engines import Engines, start_engines

BLOCK = 50
CHATS = 20
BODY = "The bill is still wrong, and I have waited for two weeks. 账单还是不对。"

Write = Callable[[int, int], None]


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(60 if long else 15)


def measure(seconds: float) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with start_engines(Path(folder)) as engines:
            chats = furnish(engines)
            with psycopg.connect(plain(engines.database_url)) as line:
                rounds = list(
                    by_turns({"hand": by_hand(line), "ours": untold(by_us), "told": by_us}, chats, seconds)
                )
    ratios = [one["hand"][0] / one["ours"][0] for one in rounds]
    told = [one["hand"][0] / one["told"][0] for one in rounds]
    rate = {way: BLOCK / median([one[way][0] for one in rounds]) for way in rounds[0]}
    cpu = {way: 1000 * median([one[way][1] for one in rounds]) / BLOCK for way in rounds[0]}
    return [
        Row(
            "write path: messages a second, × psycopg by hand",
            median(ratios),
            "×",
            0.8,
            True,
            spread_of(ratios),
        ),
        Row("write path, pages told: the same", median(told), "×", spread=spread_of(told)),
        Row(
            "write path: messages on one connection",
            rate["ours"],
            "a second",
            note=f"by hand {rate['hand']:.0f}",
        ),
        Row(
            "write path: processor time without PostgreSQL's",
            cpu["ours"],
            "ms",
            note=f"by hand {cpu['hand']:.2f}",
        ),
    ]


def furnish(engines: Engines) -> list[int]:
    """Some chats; their numbers."""
    compose()
    push.use(lambda *_args, **_kwargs: None, lambda _rooms, _namespace: ())
    upgrade(engines.migration_url)
    with Session(create_engine(engines.migration_url)) as session, session.begin():
        widget = build_organisation(session, {person.login: "every-evening-the-tide" for person in PEOPLE})
        queue_id = widget.queue_id
    db.connect(engines.database_url)
    chats = []
    for number in range(CHATS):
        said = Inbound(
            "chat", queue_id, Sender("visitor", f"v{number}", ""), BODY, "en", client_id=f"first{number}"
        )
        with db.unit_of_work() as session:
            chats.append(receive(session, said).conversation_id)
    return chats


def by_turns(
    ways: Mapping[str, Write], chats: Sequence[int], seconds: float
) -> Iterator[dict[str, tuple[float, float]]]:
    """Wall and processor seconds of a block of each way, again and again; the first round warms up."""
    until, numbers, is_warm = time.monotonic() + seconds, count(step=BLOCK), False
    while not is_warm or time.monotonic() < until:
        found = {name: block(way, chats, next(numbers)) for name, way in ways.items()}
        if is_warm:
            yield found
        is_warm = True


def block(write: Write, chats: Sequence[int], first: int) -> tuple[float, float]:
    begun, used = time.perf_counter(), time.process_time()
    for number in range(first, first + BLOCK):
        write(chats[number % len(chats)], number)
    return time.perf_counter() - begun, time.process_time() - used


def by_us(conversation_id: int, number: int) -> None:
    message = NewMessage(Author.CUSTOMER, f"{BODY} {number}", customer_id=1, client_id=f"client-{number}")
    with db.unit_of_work() as session:
        append_message(session, conversation_id, message)


def untold(write: Write) -> Write:
    """Without what waits for the commit."""

    def quietly(conversation_id: int, number: int) -> None:
        db.run_hooks_with(lambda _hooks: None)
        write(conversation_id, number)
        db.run_hooks_with(db.tell)

    return quietly


def by_hand(line: psycopg.Connection[Any]) -> Write:
    statement = re.sub(r"(?<!:):(\w+)", r"%(\1)s", str(append._APPEND.text))  # noqa: SLF001  the very same words
    values = append._values(0, NewMessage(Author.CUSTOMER, BODY, customer_id=1), BODY)  # noqa: SLF001
    values |= {"meta": Jsonb({}), "over": [], "wakes": []}

    def write(conversation_id: int, number: int) -> None:
        mine = {
            "conversation_id": conversation_id,
            "body": f"{BODY} {number}",
            "client_id": f"client-{number}",
        }
        line.execute(statement, values | mine)
        line.commit()

    return write


def plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    return print_alone(measure(parser.parse_args(arguments).seconds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.fire [--minutes 30] [--seed N]`: people write while everything breaks; nothing may be lost or happen twice.

The whole system as `app.py serve` runs it, with real mail servers; visitors, mails, programs and complaints at a given pace; a
ledger outside. Processes are killed and frozen, lines cut, the disk is full for a while. Prints a table; exits 1 on a loss.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.conftest import PASSWORD
from tests.e2e.faults import Cable
from tests.e2e.people import Agent, Visitor
from tests.fire.fire import Fire, Scene
from tests.fire.harm import Dice
from tests.fire.house import TELEPHONIST, a_home, a_sink, an_imap_server, connect_mailbox, move_in
from tests.fire.judge import Watch
from tests.fire.ledger import Ledger
from tests.fire.senders import Callers, Chatters, Complainers, Mailers, TicketWriters

VISITORS_N = 4  # as many as two agents take at once
DISK_MB = 1500


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fire", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--disk-s", type=float, default=60, help="how long the disk is full")
    parser.add_argument("--pace", type=float, default=1.0, help="2: twice as many inputs")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}, {options.minutes:g} minutes", flush=True)
    dice = random.Random(options.seed)
    with a_scene(options.pace, options.minutes * 60, options.disk_s, dice) as scene:
        return Fire(scene).burn()


@contextlib.contextmanager
def a_scene(pace: float, seconds: float, disk_s: float, dice: random.Random) -> Iterator[Scene]:
    """Everything that takes part, begun; stopped and taken away at the end."""
    with contextlib.ExitStack() as stack:
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ledger-", dir="/tmp")))
        home = stack.enter_context(a_home(DISK_MB, movable=True))
        sink, server = stack.enter_context(a_sink()), stack.enter_context(an_imap_server())
        widget, token = move_in(home.database)
        connect_mailbox(home.database, sink, server)
        there = urlsplit(home.house.known.url)
        cable = stack.enter_context(contextlib.closing(Cable(str(there.hostname), int(there.port or 0))))
        ledger = stack.enter_context(contextlib.closing(Ledger(outside / "ledger.jsonl")))
        visitors = [Visitor(cable.url, widget) for _ in range(VISITORS_N)]
        logins = ("amy@harbour.example", "chen@harbour.example", TELEPHONIST)
        agents = [Agent(cable.url, login, PASSWORD) for login in logins]
        people: list[Agent | Visitor] = [*agents, *visitors]
        for person in people:
            stack.callback(person.leave)
            person.begin()
        watch = Watch(home.database)
        watch.begin()
        stack.callback(watch.stop)
        senders = (
            Chatters(ledger, visitors, 0.5 / pace),
            Mailers(ledger, server, 6 / pace),
            TicketWriters(ledger, lambda: home.house.known.url, token, 3 / pace),
            Complainers(ledger, lambda: home.house.known.url, token, 20 / pace),
            Callers(ledger, cable.url, widget, 10 / pace),
        )
        harms = Dice(home, cable, dice).coming(seconds, disk_s)
        yield Scene(home.house.command, home.database, ledger, senders, agents, sink, watch, harms, dice)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.fire.lines [--cuts 1000] [--seed N]`: twenty conversations on fifty sockets whose lines break a thousand times.

Visitors with several tabs and two agents write all the while; for a minute Valkey answers nobody. At the end each tab shows what
the database holds, in its order, each line once. Prints a table; exits 1 if not.
"""

import argparse
import contextlib
import itertools
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from os import kill
from urllib.parse import urlsplit

from socketio.exceptions import SocketIOError
from sqlalchemy import Engine, text

from tests.e2e.conftest import PASSWORD
from tests.e2e.faults import Cable, until
from tests.e2e.people import Agent, Visitor
from tests.fire.fire import median_and_most
from tests.fire.house import Home, a_home, move_in
from tests.fire.judge import found

CONVERSATIONS_N, SOCKETS_N = 20, 50
CHATS_EACH = 10
PACE_S = 0.1
WRITES = 0.5
GONE_S = 60.0
ANSWERED_WITHIN_S = 3.0
SETTLED_WITHIN_S = 240.0
AGENTS = ("amy", "chen")


class Tab:
    """One page of a visitor at the end of a line of its own; only the first of each conversation writes."""

    def __init__(self, home: Home, widget: str, first: "Tab | None" = None) -> None:
        there = urlsplit(home.house.known.url)
        self.cable = Cable(str(there.hostname), int(there.port or 0))
        self.visitor: Visitor = Visitor(self.cable.url, widget, like=first.visitor if first else None)
        self.first = first or self
        self._cut_at = 0.0
        self._is_behind = threading.Event()
        self.back_after: list[float] = []
        self.visitor.on_connect(self._back)

    def cut(self) -> None:
        self._cut_at = time.monotonic()
        self.cable.pull()

    def _back(self) -> None:
        if self._cut_at:
            self.back_after.append(time.monotonic() - self._cut_at)
            self._cut_at = 0.0
        self._is_behind.set()

    def look_after(self) -> None:
        """What a page does that was away: ask for what it missed."""
        if self._is_behind.is_set():
            self._is_behind.clear()
            self.catch_up()

    def catch_up(self) -> bool:
        """Whether it has all now; if the line broke again, the next connection asks anew."""
        try:
            self.visitor.catch_up(within_s=ANSWERED_WITHIN_S)
        except SocketIOError:
            return False
        return True

    def leave(self) -> None:
        self.visitor.leave()
        self.cable.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fire.lines", description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--gone-s", type=float, default=GONE_S, help="how long Valkey answers nobody")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}, {options.cuts} cuts", flush=True)
    with a_home() as home, contextlib.ExitStack() as stack:
        tabs = list(_begun(stack, home))
        losses = _quarrel(home, tabs, options.cuts, options.gone_s, random.Random(options.seed))
        losses += _compare(home.database, tabs)
        _print(tabs, options.cuts, losses)
        return 1 if losses else 0


def _begun(stack: contextlib.ExitStack, home: Home) -> Iterator[Tab]:
    """Two agents, and fifty sockets less two for the visitors, each conversation begun and taken by somebody."""
    widget, _token = move_in(home.database, chats=CHATS_EACH)
    for login in AGENTS:
        agent = Agent(home.house.known.url, f"{login}@harbour.example", PASSWORD)
        stack.callback(agent.leave)
        agent.begin()
    firsts = list[Tab]()
    for number in range(SOCKETS_N - len(AGENTS)):
        tab = Tab(home, widget, firsts[number % CONVERSATIONS_N] if number >= CONVERSATIONS_N else None)
        stack.callback(tab.leave)
        tab.visitor.begin()
        if number < CONVERSATIONS_N:
            firsts.append(tab)
            tab.visitor.say(f"Bill {number} is wrong.")
            _wait_until_heard(tab)
        yield tab


def _wait_until_heard(tab: Tab) -> None:
    until(lambda: _is_quiet([tab]), "a visitor is not heard")


def _quarrel(home: Home, tabs: Sequence[Tab], cuts: int, gone_s: float, dice: random.Random) -> list[str]:
    """Everybody writes while lines break; in the middle Valkey is frozen. What does not settle afterwards is a loss."""
    firsts = [tab for tab in tabs if tab.first is tab]
    numbers, frozen_at = itertools.count(1), cuts // 2
    for n in range(cuts):
        if n == frozen_at and gone_s:
            threading.Thread(target=_freeze, args=(home, gone_s), daemon=True).start()
        if dice.random() < WRITES:
            dice.choice(firsts).visitor.say(f"Line {next(numbers)}: nobody answers me.")
        dice.choice(tabs).cut()
        _look_after(tabs)
        time.sleep(PACE_S)
    deadline = time.monotonic() + SETTLED_WITHIN_S + gone_s
    while not _is_quiet(firsts) or found(home.database):
        if time.monotonic() > deadline:
            return [
                f"{sum(tab.visitor.waiting_n for tab in firsts)} lines not accepted; {found(home.database)}"
            ]
        _look_after(tabs)
        time.sleep(PACE_S)
    return []


def _look_after(tabs: Sequence[Tab]) -> None:
    for tab in tabs:
        if tab.first is tab:
            tab.visitor.send_waiting()
        tab.look_after()


def _is_quiet(firsts: Sequence[Tab]) -> bool:
    for tab in firsts:
        tab.visitor.send_waiting()
    return not any(tab.visitor.waiting_n for tab in firsts)


def _freeze(home: Home, for_s: float) -> None:
    pid = home.house.pid("valkey")
    kill(pid, signal.SIGSTOP)
    time.sleep(for_s)
    kill(pid, signal.SIGCONT)


def _compare(database: Engine, tabs: Sequence[Tab]) -> list[str]:
    """Each tab against the rows of its conversation, each said line against its row."""
    losses = list[str]()
    query = text(
        "SELECT seq, body, client_id FROM message WHERE seq IS NOT NULL AND conversation_id ="
        " (SELECT conversation_id FROM message WHERE client_id = :key) ORDER BY seq"
    )
    for number, tab in enumerate(tabs):
        _wait_until_there(tab)
        said = tab.first.visitor.bodies
        with database.connect() as connection:
            rows = connection.execute(query, {"key": next(iter(said))}).all()
        if sorted(tab.visitor.heard.items()) != [(seq, body) for seq, body, _key in rows]:
            losses.append(f"tab {number} shows {len(tab.visitor.heard)} lines of {len(rows)}")
        if {key: body for _seq, body, key in rows if key in said} != said:
            losses.append(f"tab {number}: what was said is not what is stored")
    return losses


def _wait_until_there(tab: Tab) -> None:
    until(tab.catch_up, "a tab does not come back")


def _print(tabs: Sequence[Tab], cuts: int, losses: Sequence[str]) -> None:
    said = sum(len(tab.visitor.bodies) for tab in tabs if tab.first is tab)
    back = [seconds for tab in tabs for seconds in tab.back_after]
    shown = sum(len(tab.visitor.heard) for tab in tabs)
    print(f"{cuts} cuts over {len(tabs) + len(AGENTS)} sockets; {said} lines said, {shown} shown")
    print(f"back after a cut, median / most: {median_and_most(back)} s ({len(back)} times)")
    print("\n".join(["LOST OR WRONG:", *losses]) if losses else "every tab shows what the database holds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

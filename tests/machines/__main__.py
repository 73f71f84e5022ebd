"""`python -m tests.machines [--minutes 5] [--seed N] [--short]`: several machines on this one, and what befalls them.

Two machines with every process each, Debian's PostgreSQL 15 and Redis on a third, nginx in front: four network namespaces.
First what must be as on one machine. Then people write while each machine is restarted in order, lines are cut, and by dice
processes, machines and engines die; a ledger outside is compared. Prints tables; exits 1 on a loss, 2 where it cannot run.
"""

import argparse
import contextlib
import random
import sys
import time
from collections.abc import Iterator, Sequence

from tests.e2e.conftest import PASSWORD, empty
from tests.e2e.people import Agent, Visitor
from tests.fire.fire import Fire, Scene
from tests.fire.house import a_sink, an_imap_server, connect_mailbox, move_in
from tests.fire.judge import Watch
from tests.fire.ledger import Ledger
from tests.fire.senders import Chatters, Complainers, Mailers, TicketWriters
from tests.machines import alone, network
from tests.machines.behaviours import Stage, play
from tests.machines.harm import Dice
from tests.machines.probe import Probe
from tests.machines.town import Town, a_town

VISITORS_N = 4
CHATS_EACH = 8


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machines", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long things befall the town by dice")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument(
        "--short", action="store_true", help="what must be as on one machine, a death, and no more"
    )
    options = parser.parse_args(arguments)
    if why := alone.missing():
        print(f"tests.machines cannot run here: {why}")
        return 2
    if not alone.is_alone():
        alone.enter("tests.machines", ["--seed", str(options.seed), *arguments])
    home = alone.settle()
    print(f"seed {options.seed}", flush=True)
    begun = time.monotonic()
    with a_town(home) as town:
        print(f"the town stands after {time.monotonic() - begun:.1f} s", flush=True)
        with a_stage(town) as stage:
            play(stage, short=options.short)
        if options.short:
            return 0
        empty(town.database)
        with a_stage(town) as stage:
            return burn(stage, options.minutes * 60, random.Random(options.seed))


@contextlib.contextmanager
def a_stage(town: Town) -> Iterator[Stage]:
    """People have moved in; their mail servers are not on any of the machines."""
    with a_sink(network.OURS) as sink, an_imap_server(network.OURS) as server:
        widget, token = move_in(town.database, chats=CHATS_EACH)
        connect_mailbox(town.database, sink, server)
        yield Stage(town, widget, token, sink, server)


def burn(stage: Stage, seconds: float, dice: random.Random) -> int:
    """Everybody writes through the proxy while harm comes; the judge's verdict."""
    town = stage.town
    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(contextlib.closing(Ledger(town.home / "ledger.jsonl")))
        visitors = [Visitor(town.url, stage.widget) for _ in range(VISITORS_N)]
        agents = [Agent(town.url, f"{login}@harbour.example", PASSWORD) for login in ("amy", "chen")]
        people: list[Agent | Visitor] = [*agents, *visitors]
        for person in people:
            stack.callback(person.leave)
            person.begin()
        watch = Watch(town.database)
        watch.begin()
        stack.callback(watch.stop)
        probe = Probe(town.url, stage.token, ledger)
        senders = (
            Chatters(ledger, visitors, 0.5),
            Mailers(ledger, stage.imap, 6),
            TicketWriters(ledger, lambda: town.url, stage.token, 3),
            Complainers(ledger, lambda: town.url, stage.token, 20),
        )
        harms = Dice(town, dice, probe).coming(seconds)
        fire = Fire(
            Scene(town.command, town.database, ledger, senders, agents, stage.sink, watch, harms, dice)
        )
        status = fire.burn()
        print(f"restarts: {probe.told()}")
        lost = probe.lost(town.database)
        print(
            "\n".join(["notes not there once:", *lost])
            if lost
            else "every note that was accepted is there once"
        )
        return 1 if lost else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The fire itself: harm after harm, how long the house needs after each, and what is left when it is out."""

import contextlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.channels.email.conftest import Sink
from tests.e2e.faults import until
from tests.e2e.people import Agent
from tests.fire.judge import Watch, badly_sent, found, lost_or_doubled, told
from tests.fire.ledger import Ledger
from tests.fire.senders import Chatters, Sender

Harm = tuple[str, Callable[[], None]]
"""What it is called in the table, and how to do it."""
RECOVERED_WITHIN_S = 150.0
SETTLED_WITHIN_S = 240.0
PAUSE_S = (2.0, 12.0)
FIRST = ("heard", "analysed", "answered")
"""What is measured after a harm: a visitor is acknowledged, his message is analysed, a new ticket is answered by somebody."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that takes part."""

    command: Callable[..., str]
    """The output of `app.py` with these words."""
    database: Engine
    ledger: Ledger
    senders: Sequence[Sender]
    agents: Sequence[Agent]
    sink: Sink
    watch: Watch
    harms: Iterator[Harm]
    """One after the other, as long as it burns."""
    dice: random.Random


@dataclass
class Fire:
    """One run."""

    scene: Scene
    harms: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    losses: list[str] = field(default_factory=list)

    def burn(self) -> int:
        """Harm after harm, let it settle, judge; 0 if nothing was lost, 1 otherwise."""
        for sender in self.scene.senders:
            sender.begin()
        for name, harm in self.scene.harms:
            self._do(name, harm)
            if self.losses:
                break
            time.sleep(self.scene.dice.uniform(*PAUSE_S))
        self._settle()
        self._judge()
        self._print()
        return 1 if self.losses else 0

    def _do(self, name: str, harm: Callable[[], None]) -> None:
        """Harm, then wait until everything works again; `seconds` count from the end of the harm."""
        harm()
        since = time.monotonic()
        waits = {"heard": self._heard, "analysed": self._analysed, "answered": self._answered}
        took = dict[str, float]()
        while waits and time.monotonic() < since + RECOVERED_WITHIN_S:
            for what, is_so in list(waits.items()):
                if is_so(since):
                    took[what] = time.monotonic() - since
                    del waits[what]
            time.sleep(0.2)
        self.harms[name].append(took)
        print(f"{name}: " + ", ".join(f"{what} after {s:.1f} s" for what, s in took.items()), flush=True)
        if waits:
            self.losses.append(
                f"after {name} it was not {' or '.join(waits)} within {RECOVERED_WITHIN_S:g} s"
            )

    def _heard(self, since: float) -> bool:
        return self.scene.ledger.first_since("chat", since) is not None

    def _analysed(self, since: float) -> bool:
        said = self.scene.ledger.first_since("chat", since)
        query = (
            "SELECT 1 FROM event e JOIN message m ON m.id = (e.data->>'message_id')::bigint"
            " WHERE e.name = 'message.analysed' AND m.client_id = :key"
        )
        return said is not None and self._there(query, key=said.key)

    def _answered(self, since: float) -> bool:
        created = self.scene.ledger.first_since("ticket", since)
        path = f"/console/tickets/{created.place}" if created else ""
        return any(path in agent.answered for agent in self.scene.agents)

    def _there(self, query: str, **values: object) -> bool:
        try:
            with self.scene.database.connect() as connection:
                return connection.execute(text(query), values).first() is not None
        except DBAPIError:
            return False

    def _settle(self) -> None:
        """Nobody says anything new; what is under way ends."""
        for sender in self.scene.senders:
            sender.stop()
        for sender in self.scene.senders:
            if not sender.wait(SETTLED_WITHIN_S):
                self.losses.append(f"{type(sender).__name__}: something is still not accepted")
            self.losses += [sender.fault] if sender.fault else []
        for settled in (self._all_answered, lambda: not found(self.scene.database)):
            with contextlib.suppress(AssertionError):  # the judge says what is wrong
                until(settled, "", within_s=SETTLED_WITHIN_S)

    def _all_answered(self) -> bool:
        return set(self._tickets()) <= {
            _ticket_of(path) for agent in self.scene.agents for path in agent.answered
        }

    def _tickets(self) -> list[int]:
        """Those that are answered in writing: a call may end before anybody answers it."""
        query = "SELECT ticket_id FROM conversation WHERE channel <> 'voice'"
        try:
            with self.scene.database.connect() as connection:
                return [row[0] for row in connection.execute(text(query))]
        except DBAPIError:
            return []

    def _judge(self) -> None:
        scene = self.scene
        self.losses += [f"{what}: {lines[:3]}" for what, lines in found(scene.database).items()]
        self.losses += lost_or_doubled(scene.database, scene.ledger)
        self.losses += badly_sent(scene.database, scene.sink.mails)
        self.losses += scene.watch.seen
        self.losses += self._badly_shown()
        answered = Counter(path for agent in scene.agents for path in agent.answered)
        for ticket in self._tickets():
            if not 1 <= answered[f"/console/tickets/{ticket}"] <= self._times_taken(ticket):
                self.losses.append(told(scene.database, ticket))
        expected = len(self._visitors()) + sum(
            n for kind, n in scene.ledger.kinds() if kind not in ("chat", "call")
        )
        if len(self._tickets()) != expected:
            self.losses.append(f"{len(self._tickets())} tickets of {expected} inputs")
        verified = scene.command("complaints", "verify").strip()
        if not verified.endswith(" 0 faults"):
            self.losses.append(verified)

    def _times_taken(self, ticket: int) -> int:
        """Once, unless whoever had it was gone too long and somebody else got it."""
        query = (
            "SELECT count(*) FROM offer o JOIN conversation c ON c.id = o.conversation_id"
            " WHERE c.ticket_id = :ticket AND o.state IN ('accepted', 'ended')"
        )
        with self.scene.database.connect() as connection:
            return int(connection.execute(text(query), {"ticket": ticket}).scalar_one())

    def _visitors(self) -> Sequence[object]:
        chatters = next(one for one in self.scene.senders if isinstance(one, Chatters))
        return chatters.visitors

    def _badly_shown(self) -> list[str]:
        """Each visitor's screen against the rows of his conversation."""
        wrong = []
        chatters = next(one for one in self.scene.senders if isinstance(one, Chatters))
        query = text(
            "SELECT seq, body FROM message WHERE seq IS NOT NULL AND conversation_id ="
            " (SELECT conversation_id FROM message WHERE client_id = :key) ORDER BY seq"
        )
        for visitor in chatters.visitors:
            visitor.catch_up()
            with self.scene.database.connect() as connection:
                rows = [tuple(row) for row in connection.execute(query, {"key": next(iter(visitor.bodies))})]
            if sorted(visitor.heard.items()) != rows:
                wrong.append(f"a visitor sees {len(visitor.heard)} lines of {len(rows)}")
        return wrong

    def _print(self) -> None:
        print(f"\n{'harm':44} {'n':>4}" + "".join(f"{what + ' again, s':>22}" for what in FIRST))
        for name, runs in sorted(self.harms.items()):
            columns = [[run[what] for run in runs if what in run] for what in FIRST]
            print(f"{name:44} {len(runs):>4}" + "".join(f"{median_and_most(one):>22}" for one in columns))
        accepted = ", ".join(f"{n} {kind}s" for kind, n in self.scene.ledger.kinds())
        print(f"\naccepted: {accepted}; letters left: {len(self.scene.sink.mails)}, ", end="")
        names = {str(one["Message-ID"]) for one in self.scene.sink.mails}
        print(f"of these again with the same Message-ID: {len(self.scene.sink.mails) - len(names)}")
        print(f"looked at every second: {self.scene.watch.looks_n} times")
        print("\n".join(["LOST OR WRONG:", *self.losses]) if self.losses else "nothing lost, nothing twice")


def _ticket_of(path: str) -> int:
    return int(path.rpartition("/")[2])


def median_and_most(seconds: Sequence[float]) -> str:
    """Two figures for a table."""
    if not seconds:
        return "never"
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f} / {ordered[-1]:.1f}"

"""Every process is killed while people work: nothing is lost, nothing happens twice."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_capacity
from contactcenter.channels.email.models import Mail, Mailbox
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.complaints.service import open_case
from contactcenter.compose import compose
from contactcenter.conversations.models import Message
from contactcenter.core.config import get_settings
from contactcenter.core.outbox import RESEND_AFTER
from contactcenter.tickets.models import Ticket
from tests.channels.email.conftest import Sink
from tests.e2e.conftest import PASSWORD, json_lines
from tests.e2e.faults import House, free_port, serve, until
from tests.e2e.people import Agent, Visitor
from tests.fire.judge import found

VICTIMS = ("worker-nlp", "worker-default", "valkey", "nursery", "postgres", "router", "clock", "web")
VISITORS_N = 3
PACE_S = 0.2  # five messages a second
AFTER_EACH_N = 5  # so many messages get through after a death before the next one dies
GRACE_S = RESEND_AFTER.total_seconds() + 60


@pytest.fixture
def house() -> Iterator[House]:
    """A system of its own: it is not a pleasant neighbour."""
    folder = Path(tempfile.mkdtemp(prefix="candor-kill-", dir="/tmp"))
    folder.chmod(0o711)
    patch = pytest.MonkeyPatch()
    for name in ("DATABASE_URL", "MIGRATION_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"):
        patch.delenv(name, raising=False)
    with serve(folder) as served:
        patch.setenv("SECRET_KEY", (folder / "secret_key").read_text())
        get_settings.cache_clear()
        yield served
    patch.undo()
    get_settings.cache_clear()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(house: House) -> Iterator[Engine]:
    """What is really there; it may be away for a moment."""
    compose()
    engine = create_engine(house.known.migration_url, pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The SMTP server that our answers leave by."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


def test_every_process_dies_once(house: House, database: Engine, sink: Sink, tmp_path: Path) -> None:
    kill_each(VICTIMS, house, database, sink, tmp_path)


@pytest.mark.soak
def test_every_process_dies_again_and_again(
    house: House, database: Engine, sink: Sink, tmp_path: Path
) -> None:
    kill_each((*VICTIMS, *reversed(VICTIMS), *VICTIMS[3:], *VICTIMS[:3]), house, database, sink, tmp_path)


def kill_each(victims: Sequence[str], house: House, database: Engine, sink: Sink, folder: Path) -> None:
    url, widget = house.known.url, move_in(database, sink)
    agents = [Agent(url, f"{login}@harbour.example", PASSWORD) for login in ("amy", "chen")]
    visitors = [Visitor(url, widget) for _ in range(VISITORS_N)]
    with contextlib.ExitStack() as leaving:
        people: list[Agent | Visitor] = [*agents, *visitors]
        for person in people:
            leaving.callback(person.leave)
            person.begin()
        tickets = work_while_dying(victims, house, database, Crowd(visitors), folder)
        everybody = len(tickets) + VISITORS_N
        until(
            lambda: len(answered(agents)) == everybody,
            lambda: f"somebody is not answered: {answered(agents)}, {work(database)}",
            within_s=GRACE_S,
        )
        until(lambda: not found(database), lambda: f"still there: {found(database)}", within_s=GRACE_S)
        compare(database, visitors, agents, tickets)
    until(lambda: left_by_mail(sink) == to_leave_by_mail(database), "a letter did not leave")
    assert house.command("complaints", "verify") == "1 complaints, 0 faults\n"


def work_while_dying(
    victims: Sequence[str], house: House, database: Engine, crowd: "Crowd", folder: Path
) -> set[object]:
    """People talk, one process after the other dies; the tickets that came by mail."""
    crowd.talk_until_heard(AFTER_EACH_N)
    posted = [Posted(house, mail(0, folder))]
    complain(database, posted[0].ticket())
    for name in victims:
        house.kill(name)
        if name == "postgres":  # a mail comes in while the database is away
            posted.append(Posted(house, mail(len(posted), folder)))
        crowd.talk_until_heard(AFTER_EACH_N)
    crowd.wait_until_settled()
    return {one.ticket() for one in posted}


def move_in(database: Engine, sink: Sink) -> str:
    """People, queues, a mailbox that sends through `sink`, a widget; its key."""
    with Session(database) as session:
        widget = build_organisation(session, {person.login: PASSWORD for person in PEOPLE})
        mailbox = session.scalars(select(Mailbox)).one()
        mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security = "127.0.0.1", sink.port, "plain"
        for agent in session.scalars(select(User)):
            set_capacity(session, agent.id, "email", 10, by="system")  # nobody's mail waits for a free hand
        session.commit()
        return widget.key


class Crowd:
    """The visitors in turn, five messages a second."""

    def __init__(self, visitors: Sequence[Visitor]) -> None:
        self._visitors = visitors
        self._said_n = 0

    @property
    def heard_n(self) -> int:
        return sum(len(visitor.bodies) - visitor.waiting_n for visitor in self._visitors)

    def talk_until_heard(self, n: int) -> None:
        """Go on talking until `n` more messages have been acknowledged."""
        goal = self.heard_n + n
        self._until(lambda: self.heard_n >= goal, self._say)

    def wait_until_settled(self) -> None:
        self._until(lambda: not any(visitor.waiting_n for visitor in self._visitors), lambda: None)

    def _until(self, enough: Callable[[], bool], do: Callable[[], None]) -> None:
        deadline = time.monotonic() + 90
        while not enough():
            assert time.monotonic() < deadline, "the visitors' messages do not get through any more"
            do()
            for visitor in self._visitors:
                visitor.send_waiting()
            time.sleep(PACE_S)

    def _say(self) -> None:
        self._said_n += 1
        visitor = self._visitors[self._said_n % len(self._visitors)]
        visitor.say(f"Bill number {self._said_n} is wrong, and nobody answers me!")


def mail(number: int, folder: Path) -> Path:
    message = EmailMessage()
    message["From"], message["To"] = f"Wang Li <wang.li{number}@example.cn>", "help@harbour.example"
    message["Subject"], message["Message-ID"] = f"Night tariff {number}", f"<tariff-{number}@example.cn>"
    message.set_content("Where does the night tariff begin? Nobody tells me.")
    path = folder / f"{number}.eml"
    path.write_bytes(message.as_bytes())
    return path


class Posted:
    """A mail handed in by `mail ingest`, and, like a mail server does, again until it is taken."""

    def __init__(self, house: House, path: Path) -> None:
        self._house, self._path = house, path
        self._process = house.spawn("mail", "ingest", "--json", str(path))

    def ticket(self) -> object:
        """The number of its ticket, once it is stored."""
        while True:
            output, _nothing = self._process.communicate(timeout=60)
            if self._process.returncode == 0:
                [line] = json_lines(output.decode())
                assert line["ticket"] is not None, line
                return line["ticket"]
            self._process = self._house.spawn("mail", "ingest", "--json", str(self._path))


def complain(database: Engine, ticket_id: object) -> None:
    """The mail is a complaint: a chain, letters and clocks that must survive, too."""
    with Session(database) as session:
        ticket = session.get_one(Ticket, ticket_id)
        open_case(session, ticket, actor=ticket.customer.actor, text="Nobody tells me.", channel="email")
        session.commit()


def work(database: Engine) -> list[str]:
    """What everybody has or waits for, for whoever must find out."""
    queries = (
        "SELECT 'conversation', ticket_id, channel, state, agent_id, enqueued_at FROM conversation ORDER BY id",
        "SELECT 'presence', user_id, state, reason, since FROM presence",
        "SELECT 'offer', conversation_id, user_id, state, offered_at, ended_at FROM offer ORDER BY id",
    )
    with database.connect() as connection:
        return [" ".join(map(str, row)) for query in queries for row in connection.execute(text(query))]


def answered(agents: Sequence[Agent]) -> list[str]:
    return [path for agent in agents for path in agent.answered]


def compare(
    database: Engine, visitors: Sequence[Visitor], agents: Sequence[Agent], mailed: set[object]
) -> None:
    """Each said message is one row, each screen shows the rows in order, each ticket is one ticket."""
    with Session(database) as session:
        messages = session.scalars(select(Message).order_by(Message.conversation_id, Message.seq)).all()
        tickets = session.scalars(select(Ticket.id)).all()
    stored = {message.client_id: message.body for message in messages if message.author == "customer"}
    said = {client_id: body for visitor in visitors for client_id, body in visitor.bodies.items()}
    assert {client_id: body for client_id, body in stored.items() if client_id in said} == said
    by_client = {message.client_id: message.conversation_id for message in messages}
    for visitor in visitors:
        visitor.catch_up()
        [conversation] = {by_client[client_id] for client_id in visitor.bodies}
        rows = [(one.seq, one.body) for one in messages if one.conversation_id == conversation and one.seq]
        assert sorted(visitor.heard.items()) == rows
    assert len(tickets) == VISITORS_N + len(mailed)
    assert sorted(answered(agents)) == sorted(f"/console/tickets/{ticket}" for ticket in tickets)


def to_leave_by_mail(database: Engine) -> set[str]:
    """The Message-IDs of all that should have left by mail."""
    with Session(database) as session:
        return {f"<{one}>" for one in session.scalars(select(Mail.header_id).where(Mail.outgoing))}


def left_by_mail(sink: Sink) -> set[str]:
    return {str(one["Message-ID"]) for one in sink.mails}

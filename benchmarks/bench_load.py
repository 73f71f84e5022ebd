"""How many conversations one machine carries: the whole system as installed, language model on, until people notice.

`python benchmarks/bench_load.py [--rates 0.5,1,1.5,2,3] [--seconds 60] [--agents 200] [--lines 15] [--gap 3] [--web 1]
[--no-nlp]` starts everything on a state directory of its own (embedded PostgreSQL and Valkey), seats the agents, and lets
conversations of so many lines begin at each pace (Poisson), each followed by a pause of about `gap` seconds; for each there
are a fifth of a mail (Dovecot where it is installed) and a fifth of a ticket by the API. `crowd.py` makes them, on the same
processors. Of each pace the second half counts. It stops after a pace at which the 95th percentile from a line's being
due to its being on the other side's screen is beyond TARGET_MS. At the end everybody says what he had to say, and the
database is asked whether each line is there once. Prints one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.families import cpu_s
from contactcenter.accounts.models import Brand, Role, Team, User
from contactcenter.accounts.sessions import start_session
from contactcenter.accounts.tokens import create_token_for
from contactcenter.assignment.models import AgentCapacity
from contactcenter.assignment.presence import set_presence
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.channels.email.mailboxes import create_mailbox, edit_mailbox
from contactcenter.channels.email.models import Mailbox
from contactcenter.cli.system import EVERYTHING, System, start_system
from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import Settings, get_settings
from contactcenter.edge.sessions import COOKIE
from contactcenter.queues.service import create_queue
from tests.channels.email import imap_servers
from tests.fire.house import a_sink, an_imap_server

TARGET_MS = 150
QUEUES_N, TOKENS_N = 10, 10
CHATS_AT_ONCE, LETTERS_AT_ONCE = 6, 1000
MAILS_PER_CHAT = TICKETS_PER_CHAT = 0.2
ROOT = Path(__file__).resolve().parents[1]

Json = dict[str, Any]  # Any: JSON


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rates", type=_numbers, default=_numbers("0.5,1,1.5,2,3"), help="conversations a second"
    )
    parser.add_argument("--seconds", type=float, default=60, help="at each pace")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--lines", type=int, default=15, help="of a conversation")
    parser.add_argument("--gap", type=float, default=3, help="seconds between lines, on average")
    parser.add_argument("--web", type=int, default=1, help="web processes")
    parser.add_argument("--no-nlp", dest="nlp", action="store_false")
    parser.add_argument("--keep-going", action="store_true", help="beyond the target, too")
    options = parser.parse_args(arguments)
    found: Json = {
        "agents": options.agents,
        "web_processes": options.web,
        "nlp": options.nlp,
        "load_1m": os.getloadavg()[0],
    }
    with a_system(options.web, nlp=options.nlp) as system, a_sink() as sink, an_imap_server() as server:
        crowd = furnish(system, options.agents) | {
            "lines": options.lines,
            "gap_s": options.gap,
            "tickets_per_chat": TICKETS_PER_CHAT,
        }
        with db.unit_of_work() as session:
            connect_mailbox(session, sink.port, server.port)
        database = create_engine(system.engines.migration_url)
        found["paces"], found["end"] = measure(system, crowd, server, options)
        found["database"] = judge(database)
        database.dispose()
    print(json.dumps(found, indent=1))
    return 0


@contextmanager
def a_system(web_n: int, *, nlp: bool) -> Iterator[System]:
    os.environ |= {"TRUSTED_PROXIES": "1", "NLP_ENGINE": "onnx" if nlp else "off"}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)  # the engines' own user must get through
        with start_system(
            Settings(state_dir=Path(folder), port=0, web_processes=web_n), names=EVERYTHING
        ) as system:
            os.environ["SECRET_KEY"] = (Path(folder) / "secret_key").read_text()
            get_settings.cache_clear()
            yield system


def furnish(system: System, agents_n: int) -> Json:
    """Ten teams with a queue and a widget each, their agents ready and signed in, and keys for programs."""
    compose()
    push.use(lambda *_args, **_kwargs: None, lambda _rooms, _namespace: ())
    db.connect(system.engines.database_url)
    with db.unit_of_work() as session:
        brand = Brand(slug="bench", name="Bench")
        session.add(brand)
        widgets, seats, tokens = [], [], []
        for number in range(QUEUES_N):
            key, agents = _team(session, brand, number, agents_n // QUEUES_N)
            widgets.append(key)
            seats += [(agent.id, f"{COOKIE}={start_session(session, agent, 'Bench')}") for agent in agents]
            tokens.append(create_token_for(session, agents[0], name="bench", actor="system"))
    return {"url": system.url, "widgets": widgets, "agents": seats, "tokens": tokens[:TOKENS_N]}


def _team(session: Session, brand: Brand, number: int, agents_n: int) -> tuple[str, list[User]]:
    team = Team(name=f"Team {number}")
    session.add(team)
    session.flush()
    queue = create_queue(session, name=f"Queue {number}", brand=brand, team=team, actor="system")
    queue.ring_s = 0
    widget = save_widget(
        session, WidgetKey(brand=brand, queue=queue), actor="system", name=queue.name, sites=[]
    )
    if number == 0:
        create_mailbox(session, queue, actor="system", address="help@bench.example", from_name="Bench")
    agents = [
        User(email=f"agent{number}-{n}@example.com", name=f"Agent {number} {n}", password_hash="", team=team)
        for n in range(agents_n)
    ]
    for agent in agents:
        agent.roles = [Role.AGENT.value]
    session.add_all(agents)
    session.flush()
    for agent in agents:
        for channel, cap in (("chat", CHATS_AT_ONCE), ("email", LETTERS_AT_ONCE)):
            session.add(AgentCapacity(user_id=agent.id, channel=channel, cap=cap))
        set_presence(session, agent, "ready", by="system")
    return widget.key, agents


def connect_mailbox(session: Session, smtp_port: int, imap_port: int) -> None:
    mailbox = session.query(Mailbox).one()
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_security": "plain"}
    imap = {"imap_host": "127.0.0.1", "imap_port": imap_port, "imap_security": "plain"}
    account = {"imap_user": imap_servers.USER, "imap_secret": imap_servers.PASSWORD}
    edit_mailbox(session, mailbox, mailbox.version, {**smtp, **imap, **account}, actor="system")


def measure(
    system: System, crowd: Json, server: imap_servers.ImapServer, options: argparse.Namespace
) -> tuple[list[Json], Json]:
    """Each pace until one is too much, then the end."""
    command = [sys.executable, "-m", "benchmarks.crowd"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as people:
        assert people.stdin is not None
        assert people.stdout is not None
        print(json.dumps(crowd), file=people.stdin, flush=True)
        seated = people.stdout.readline()
        assert seated, "the crowd did not come"
        paces: list[Json] = []
        for rate in options.rates:
            paces.append(_pace(system, people, server, rate, options.seconds))
            print(json.dumps(paces[-1]), file=sys.stderr, flush=True)
            if paces[-1]["seen"].get("p95", 0) > TARGET_MS and not options.keep_going:
                break
        people.stdin.close()
        end: Json = json.loads(people.stdout.readline())
        return paces, end


def _pace(
    system: System,
    people: "subprocess.Popen[str]",
    server: imap_servers.ImapServer,
    rate: float,
    seconds: float,
) -> Json:
    assert people.stdin is not None
    assert people.stdout is not None
    ended = threading.Event()
    postman = threading.Thread(target=_deliver, args=(server, rate * MAILS_PER_CHAT, ended))
    postman.start()
    print(f"{rate} {seconds}", file=people.stdin, flush=True)
    time.sleep(seconds / 2)
    used = _cpu_s(system, people.pid)
    psutil.cpu_percent()
    said = people.stdout.readline()
    busy_pct = psutil.cpu_percent()
    ended.set()
    postman.join()
    now = _cpu_s(system, people.pid)
    pace: Json = json.loads(said)
    lines_n = pace["messages_per_s"] * seconds / 2
    pace["cpu_ms_per_message"] = {name: round(1000 * (now[name] - used[name]) / lines_n, 1) for name in now}
    return pace | {
        "cpu_busy_pct": busy_pct,
        "load_1m": round(os.getloadavg()[0], 1),
        "not_analysed": _unread(),
    }


def _deliver(server: imap_servers.ImapServer, rate: float, ended: threading.Event) -> None:
    number = 0
    while not ended.wait(1 / rate):
        number += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Wang Li <wang.li{number}@example.cn>", "help@bench.example"
        mail["Subject"], mail["Message-ID"] = f"Tariff {number}", f"<{time.time_ns()}@example.cn>"
        mail.set_content("Where does the night tariff begin? I have asked twice, and nobody tells me.")
        server.deliver(mail.as_bytes())


def _unread() -> int:
    with db.unit_of_work() as session:
        query = text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND queue = 'nlp'")
        return int(session.execute(query).scalar_one())


def judge(database: Engine) -> Json:
    """Each numbered line as often as the database has it."""
    query = text("""
        SELECT count(*) AS lines, count(DISTINCT number) AS different FROM (
          SELECT substring(body FROM 'no\\. (\\d+)\\.$') AS number FROM message) AS said
         WHERE number IS NOT NULL""")
    with database.connect() as connection:
        return dict(connection.execute(query).mappings().one())


def _cpu_s(system: System, crowd_pid: int) -> dict[str, float]:
    """Processor time of each program so far, and of the crowd with what its children spent that have ended."""
    crowd = psutil.Process(crowd_pid)
    spent = sum(sum(one.cpu_times()[:4]) for one in [crowd, *crowd.children(recursive=True)])
    return {"crowd": spent, **cpu_s(system)}


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

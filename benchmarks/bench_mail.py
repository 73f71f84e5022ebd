"""What a mail costs from the IMAP server to its ticket: mails a second, and processor time of each process.

`python -m benchmarks.bench_mail [--mails 200]`: the whole system without the language model, Dovecot where it is installed; the mails
lie in the mailbox before it is connected, half of them answers to the other half, one in ten with an attachment.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from email.message import EmailMessage

from sqlalchemy import Engine, create_engine, text

from benchmarks.bench_load import a_system, connect_mailbox, furnish
from benchmarks.families import cpu_s
from benchmarks.table import Row
from benchmarks.table import main as print_alone
from contactcenter.cli.system import System
from contactcenter.core import db
from tests.channels.email.imap_servers import ImapServer
from tests.fire.house import a_sink, an_imap_server

WITHIN_S = 120


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(2000 if long else 200)


def measure(mails_n: int) -> list[Row]:
    with a_system(1, nlp=False) as system, a_sink() as sink, an_imap_server() as server:
        furnish(system, 10)
        owner = create_engine(system.engines.migration_url)
        deliver(server, mails_n)
        used = cpu_ms(system)
        with db.unit_of_work() as session:
            connect_mailbox(session, sink.port, server.port)
        took_s = await_mails(owner, mails_n)
        now = cpu_ms(system)
        owner.dispose()
    cpu = {name: (now[name] - used[name]) / mails_n for name in now}
    parts = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(cpu.items(), key=lambda one: -one[1]))
    return [
        Row(
            "mail intake, IMAP to ticket",
            mails_n / took_s,
            "mails a second",
            note=f"{mails_n} mails, one mailbox",
        ),
        Row("mail intake, processor time of all", sum(cpu.values()), "ms a mail", note=parts),
    ]


def deliver(server: ImapServer, n: int) -> None:
    """One after the other on one line."""
    with server.client() as client:
        for number in range(n):
            client.append("INBOX", letter(number).as_bytes())


def letter(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Wang Li <wang.li{number // 2}@example.cn>", "help@bench.example"
    mail["Subject"], mail["Message-ID"] = f"Night tariff {number // 2}", f"<m{number}@example.cn>"
    if number % 2:
        mail["In-Reply-To"] = f"<m{number - 1}@example.cn>"
    mail.set_content(
        "Where does the night tariff begin? I have asked twice, and nobody tells me.\n\n谢谢。\n" * 5
    )
    mail.add_alternative(
        "<p>Where does the <b>night tariff</b> begin? I have asked twice.</p>" * 5, subtype="html"
    )
    if number % 10 == 0:
        mail.add_attachment(
            b"%PDF-1.4 " + bytes(20_000), maintype="application", subtype="pdf", filename="bill.pdf"
        )
    return mail


def await_mails(owner: Engine, n: int) -> float:
    """Seconds from the first mail's being a message to the last one's."""
    begun, until = 0.0, time.monotonic() + WITHIN_S
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        while (found := line.scalar(text("SELECT count(*) FROM message WHERE author = 'customer'")) or 0) < n:
            assert time.monotonic() < until, f"{found} of {n} mails became messages"
            begun = begun or (time.perf_counter() if found else 0.0)
            time.sleep(0.02)
    return time.perf_counter() - begun


def cpu_ms(system: System) -> dict[str, float]:
    """Of each program; never of the mail server or of us."""
    return {name: 1000 * seconds for name, seconds in cpu_s(system).items()}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=200)
    return print_alone(measure(parser.parse_args(arguments).mails))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

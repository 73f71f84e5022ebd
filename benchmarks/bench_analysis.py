"""What reading a message costs: the model alone, and as a job from the outbox to the row.

`python -m benchmarks.bench_analysis [--messages 200]`: the bundled model on the words of `likeness.tsv`, three matters to a message, in English and Chinese; then
the whole system with customers' messages in one chat, until all are read.
"""

import argparse
import csv
import itertools
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine, select, text

from benchmarks.bench_load import a_system, furnish
from benchmarks.bench_mail import cpu_ms
from benchmarks.table import Row, median, quantile
from benchmarks.table import main as print_alone
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import db
from nlp.analyzer import get_analyzer

TEXTS = Path(__file__).parent / "likeness.tsv"
WITHIN_S = 300


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(2000 if long else 200)


def measure(messages_n: int) -> list[Row]:
    texts = list(itertools.islice(itertools.cycle(read_texts()), messages_n))
    return [*alone(texts), *as_jobs(texts)]


def read_texts() -> list[str]:
    """What people say in `likeness.tsv`, three matters to a message."""
    with TEXTS.open(encoding="utf-8") as file:
        told = [row["points"].replace(" | ", ". ") + "." for row in csv.DictReader(file, delimiter="\t")]
    return [" ".join(told[n : n + 3]) for n in range(0, len(told) - 2, 3)]


def alone(texts: Sequence[str]) -> list[Row]:
    analyzer = get_analyzer("onnx")
    analyzer.analyse(texts[0])
    wall, used = [], time.process_time()
    for one in texts:
        begun = time.perf_counter()
        analyzer.analyse(one)
        wall.append(1000 * (time.perf_counter() - begun))
    cpu = 1000 * (time.process_time() - used) / len(texts)
    length = sum(map(len, texts)) / len(texts)
    note = f"{length:.0f} characters on average; p50 {median(wall):.1f}, p99 {quantile(wall, 0.99):.1f} ms by the clock"
    return [Row("analysis, the model alone, processor time", cpu, "ms a message", note=note)]


def as_jobs(texts: Sequence[str]) -> list[Row]:
    with a_system(1, nlp=True) as system:
        furnish(system, 10)
        owner = create_engine(system.engines.migration_url)
        with db.unit_of_work() as session:
            queue_id = session.scalars(select(WidgetKey.queue_id)).first() or 0
            said = Inbound(
                "chat", queue_id, Sender("visitor", uuid.uuid4().hex), texts[0], client_id=uuid.uuid4().hex
            )
            first = receive(session, said)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as line:

            def await_analyses(n: int) -> None:
                until = time.monotonic() + WITHIN_S
                while (line.scalar(text("SELECT count(*) FROM analysis")) or 0) < n:
                    assert time.monotonic() < until, "not everything was read"
                    time.sleep(0.02)

            await_analyses(1)
            used, begun = cpu_ms(system), time.perf_counter()
            for one in texts:
                with db.unit_of_work() as session:
                    append_message(
                        session,
                        first.conversation_id,
                        NewMessage(Author.CUSTOMER, one, client_id=uuid.uuid4().hex),
                    )
            await_analyses(1 + len(texts))
            took_s, now = time.perf_counter() - begun, cpu_ms(system)
        owner.dispose()
    cpu = {name: (now[name] - used[name]) / len(texts) for name in now}
    parts = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(cpu.items(), key=lambda one: -one[1]))
    return [
        Row("analysis as a job", len(texts) / took_s, "messages a second"),
        Row("analysis as a job, processor time of all", sum(cpu.values()), "ms a message", note=parts),
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200)
    return print_alone(measure(parser.parse_args(arguments).messages))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

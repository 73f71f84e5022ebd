"""The database is away: whoever connects is sent off without a trace, comes back by himself, and is let in when it is."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine

from contactcenter.channels.chat.push import NAMESPACE as CHAT
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.core import db
from contactcenter.edge.visitors import issue_token
from contactcenter.live.rooms import NAMESPACE
from tests.live.served import Client, Process, until
from tests.world import World


@pytest.fixture
def away(clean_database: Engine) -> Iterator[Callable[[bool], None]]:
    """`away(True)`: nobody answers at the database's address; `away(False)`: it is back."""
    nowhere = create_engine("postgresql+psycopg://candor@127.0.0.1:1/candor")
    options = {"join_transaction_mode": "conditional_savepoint"}
    yield lambda gone: db.bind(nowhere if gone else clean_database, **options)
    db.bind(clean_database, **options)
    nowhere.dispose()


def knocker(process: Process, town: World, namespace: str) -> Callable[[], Client]:
    """Opens a socket like a page does: it goes on trying."""
    if namespace == NAMESPACE:
        cookie = process.cookie(town.alice)
        return lambda: process.client(NAMESPACE, headers={"Cookie": cookie}, wait=False)
    token = issue_token(1, town.support.id)
    return lambda: process.client(namespace, auth={"token": token}, wait=False)


@pytest.mark.parametrize("namespace", [NAMESPACE, CHAT, VOICE])
def test_socket_comes_back_by_itself_when_the_database_does(
    process: Process,
    town: World,
    away: Callable[[bool], None],
    namespace: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    knock = knocker(process, town, namespace)
    away(True)
    client = knock()
    until(lambda: client.transports_n > 1)  # the first one was closed, and it knocked again
    assert not client.connected
    until(lambda: process.held(namespace) == 0)
    away(False)
    until(lambda: client.connected)
    assert process.held(namespace) == 1
    assert not any(record.exc_info for record in caplog.records)


def test_question_without_a_database_is_answered_and_the_socket_stays(
    process: Process, town: World, away: Callable[[bool], None]
) -> None:
    client = process.console(town.alice)
    away(True)
    assert client.ask("join", {"room": f"agent:{town.alice.id}"})["code"] == "not_ready"
    away(False)
    assert client.joins(f"agent:{town.alice.id}")


@pytest.mark.parametrize("namespace", [NAMESPACE, CHAT, VOICE])
def test_goodbye_without_a_database_leaves_no_ghost(
    process: Process,
    town: World,
    away: Callable[[bool], None],
    namespace: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = knocker(process, town, namespace)()
    until(lambda: client.connected)
    away(True)
    client.close()
    until(lambda: process.held(namespace) == 0)
    assert not any(record.exc_info for record in caplog.records)

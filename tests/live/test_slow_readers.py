"""Who never reads, reads slowly, or sends faster than is answered holds little of a server, and holds up nobody else."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import websocket

from contactcenter.edge.visitors import issue_token
from contactcenter.live import line
from tests.live.served import Process, until
from tests.world import World

CHAT = "/chat"
SMALL = 4096
BIG = "水" * 100_000
Open = Callable[..., websocket.WebSocket]


@pytest.fixture
def opened(process: Process, town: World) -> Iterator[Open]:
    """Bare lines to the chat, with room for few bytes on their way."""
    made: list[websocket.WebSocket] = []

    def open_one(*headers: str) -> websocket.WebSocket:
        known = process.held(CHAT)
        url = process.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        one = websocket.create_connection(
            url,
            timeout=30,
            sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)],
            origin=process.url,
            header=headers,
        )
        made.append(one)
        one.recv()
        one.send(f"40{CHAT},{json.dumps({'token': issue_token(len(made), town.support.id)})}")
        assert str(one.recv()).startswith(f"40{CHAT},")
        until(lambda: process.held(CHAT) == known + 1)
        return one

    yield open_one
    for one in made:
        with suppress(OSError):
            one.shutdown()  # type: ignore[no-untyped-call]


def test_nothing_is_compressed_for_a_browser_that_offers_it(process: Process, opened: Open) -> None:
    """Two windows of zlib for each line are more than all else that a line holds."""
    line = opened("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    assert "sec-websocket-extensions" not in (line.getheaders() or {})


def lines(process: Process) -> list[Any]:  # Any: the library's sockets
    return list(process.socketio.server.eio.sockets.values())


def waiting_bytes(process: Process) -> int:
    queues = (list(each.queue.queue) for each in lines(process))
    return max((sum(len(one.data or "") for one in queue if one) for queue in queues), default=0)


def test_who_never_reads_is_let_go_before_much_waits_for_him(process: Process, opened: Open) -> None:
    opened()
    reader = process.client(CHAT, auth={"token": issue_token(99, 1)})
    most = 0
    for number in range(25):
        process.socketio.emit("news", [number, BIG], namespace=CHAT)
        until(lambda n=number: [one[1][0] for one in reader.heard[-1:]] == [n])  # type: ignore[misc]
        most = max(most, waiting_bytes(process))
    until(lambda: process.held(CHAT) == 1)
    assert most < line.WAITING_MAX_BYTES + 2 * len(json.dumps(BIG))
    assert (reader.connected, reader.transports_n, len(reader.heard)) == (True, 1, 25)


def test_who_reads_slowly_gets_every_byte(process: Process, opened: Open) -> None:
    slow = opened()
    for number in range(2):  # more than the system holds, and not more than may wait
        process.socketio.emit("news", [number, BIG * 4], namespace=CHAT)
    for number in range(2):
        assert json.loads(slow.recv()[len("42/chat,") :]) == ["news", [number, BIG * 4]]


def test_who_sends_faster_than_is_answered_waits(process: Process, opened: Open) -> None:
    busy, seen = threading.Event(), list[str]()

    def handle(body: str) -> None:
        busy.wait(30)
        seen.append(body)

    process.socketio.on_event("slow", handle, namespace=CHAT)
    sender = opened()
    body = json.dumps("x" * 10_000)

    def send() -> None:
        for _time in range(1000):
            sender.send(f'42{CHAT},["slow",{body}]')

    sending = threading.Thread(target=send)
    sending.start()
    (one,) = lines(process)
    until(lambda: len(one.cut.__self__.ws.input_buffer) > line.ARRIVED_MAX)
    sending.join(timeout=1)
    assert len(one.cut.__self__.ws.input_buffer) <= line.ARRIVED_MAX + 2
    assert sending.is_alive()
    busy.set()
    until(lambda: len(seen) == 1000)
    sending.join()


def test_message_without_an_end_is_not_kept(process: Process, opened: Open) -> None:
    sender = opened()
    sent: list[int] = []

    def send_for_ever() -> None:
        for number in range(1000):
            sender.send_frame(websocket.ABNF.create_frame("x" * 100_000, 0 if number else 1, 0))
            sent.append(number)

    with pytest.raises(OSError):  # noqa: PT011  whatever the network calls it
        send_for_ever()
    assert len(sent) < 300
    until(lambda: process.held(CHAT) == 0)


def test_one_address_holds_so_many_lines_and_others_still_come_in(
    process: Process, town: World, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LINES_PER_ADDRESS", 3)
    first, *_others = opened(), opened(), opened()
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        opened()
    error = refused.value
    assert (error.status_code, error.resp_headers["retry-after"]) == (429, "30")  # type: ignore[index]
    assert b"Too many connections from your address" in (error.resp_body or b"")
    assert len(lines(process)) == 3
    address = (process.url.removeprefix("http://").split(":")[0], int(process.url.rsplit(":", 1)[1]))
    with socket.create_connection(address, source_address=("127.0.0.9", 0)) as elsewhere:
        url = process.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        other = websocket.create_connection(url, socket=elsewhere, origin=process.url, timeout=30)
        assert str(other.recv()).startswith("0")
    first.shutdown()  # type: ignore[no-untyped-call]
    until(lambda: process.held(CHAT) == 2)
    opened()

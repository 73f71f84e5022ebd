"""Frames as no page of ours sends them: nothing is raised, nothing is believed, and nobody else notices."""

import json
from collections.abc import Callable

import pytest
from flask_socketio import SocketIO, SocketIOTestClient

from contactcenter.accounts.models import User
from contactcenter.live.rooms import NAMESPACE
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]
DEEP = "[" * 5_000 + "]" * 5_000
BROKEN = (
    *(
        "",
        "2",
        "2/console",
        "2/console,",
        "2/console,[",
        "2/console,[]",
        "2/console,{}",
        "2/console,null",
        "2/console,7",
    ),
    *("2/console,[[]]", "2/console,[{}]", "2/console,[null]", "2/console,[7,{}]", f"2/console,{DEEP}"),
    *('2/console,["join",NaN]', '2/console,["join",{"room":1e999}]', '2/console,["join",' + "9" * 5000 + "]"),
    *(
        '2/nowhere,["join",{}]',
        '2["join",{}]',
        '2/console?x=y,["join"]',
        "2/console," + "1" * 101 + '["join"]',
    ),
    *(
        '5999999999-/console,["join"]',
        "51-/console,[]",
        '51-/console,["join",{"_placeholder":true,"num":9}]',
        "61-/console,7[]",
    ),
    *("3/console,99[]", "3/console,99{}", "3/console,[]", "3/console,0null", "3/nowhere,0[]"),
    *(
        "4/console",
        "4/console,{}",
        "7/console",
        "9",
        "x",
        "²/console",
        "0/nowhere",
        "1/nowhere",
        '0/console,"again"',
        "0/console,[]",
    ),
    *(b"", b"\xff", b'2/console,["join"]', b"\x04" * 900),
)


@pytest.mark.parametrize("frame", BROKEN, ids=lambda frame: repr(frame[:40]))
def test_frame_that_cannot_be_read_is_raised_to_nobody(
    socketio: SocketIO, console: Consoles, world: World, frame: str | bytes
) -> None:
    alice, bob = console(world.alice), console(world.bob)
    socketio.server._handle_eio_message(alice.socket.eio_sid, frame)
    assert bob.joins(f"agent:{world.bob.id}")


@pytest.mark.parametrize(
    "words",
    [["disconnect"], ["disconnect", "transport close"], ["connect"], ["connect", {}], ["dis\0connect"]],
)
def test_who_says_that_he_is_gone_no_longer_listens(
    socketio: SocketIO, console: Consoles, world: World, words: list[object]
) -> None:
    """Such a name is the library's own; believed, its sender would be forgotten and listen on after his session."""
    alice = console(world.alice)
    assert alice.joins(f"agent:{world.alice.id}")
    say(alice.socket, NAMESPACE, *words)
    assert listeners(socketio) == 0


def say(socket: SocketIOTestClient, namespace: str, *words: object) -> None:
    socket.socketio.server._handle_eio_message(socket.eio_sid, f"2{namespace},{json.dumps(words)}")


def listeners(socketio: SocketIO) -> int:
    """How many sockets are in any of the console's rooms, but for the one that is everybody's and those of their own."""
    rooms = socketio.server.manager.rooms.get(NAMESPACE, {})
    return sum(len(inside) for room, inside in rooms.items() if room is not None and ":" in room)

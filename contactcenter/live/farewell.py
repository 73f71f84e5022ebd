"""A web process that is told to stop lets go of its sockets at once, so that their clients go on at another."""

import signal
from types import FrameType

import gevent
from socketio import Server

AGAIN_S = 0.1


def let_go_on_sigterm(server: Server) -> None:
    """Before what gunicorn does: it waits for open requests, and a socket is one that does not end by itself."""
    then = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        gevent.spawn(_let_go, server)
        if callable(then):
            then(number, frame)

    signal.signal(signal.SIGTERM, leave)
    signal.siginterrupt(signal.SIGTERM, False)


def _let_go(server: Server) -> None:
    """Again and again: for a moment the process still takes those who come back.

    The line ends without the library's farewell, after which clients would not come back by themselves. What waits to be
    sent is sent before.
    """
    while True:
        for line in list(server.eio.sockets.values()):
            line.queue.put(None)  # for the greenlet that writes: the end
        gevent.sleep(AGAIN_S)

"""The line to one client holds little for him: who reads slowly, or sends faster than is answered, waits or is let go.

The library sends as much as fits at once and forgets the rest, keeps whatever arrives until somebody has time for it, and
queues without an end for who never reads. Whoever is let go comes back and fetches what he missed.
"""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from struct import pack
from threading import RLock
from typing import TYPE_CHECKING, Any

import simple_websocket
from engineio.packet import Packet
from socketio import Server

from contactcenter.core.i18n import gettext as _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

MAX_FRAME_BYTES = 512 * 1024
WAITING_MAX = 500  # packets; a page that is loading hears a few dozen at once
WAITING_MAX_BYTES = 4 * 1024 * 1024
ARRIVED_MAX = 50  # packets that nobody has looked at yet; a little more than one may send at once
ROOM_EVERY_S = 0.02
LINES_PER_ADDRESS = 2000  # of the 5,000 of a web process: an office, but nobody shuts all others out alone
AGAIN_S = "30"
AT_ONCE = pack("ii", 1, 0)  # linger no second: the system forgets what it holds, and tells the other end
MODES = ("gunicorn", "werkzeug")


def bound_lines(server: Server, silent_s: float) -> None:
    """Let each line hold so much and no more; one on which nothing moves for `silent_s` is cut.

    Pings come more often than that, so that only who is gone, or will not read, is silent.
    """
    eio = server.eio
    driver = eio._async["websocket"]  # noqa: SLF001  there is no other door to it
    held = Counter[str]()

    class Bounded(driver):  # type: ignore[misc,valid-type]  # a library without types
        def __init__(self, handler: Any, server: Any) -> None:  # Any: the library's own
            super().__init__(handler, server)
            self.server_args["max_message_size"] = MAX_FRAME_BYTES
            self._transport = handler.__self__
            self._transport.cut = self.cut

        def __call__(
            self, environ: dict[str, Any], start_response: "StartResponse"
        ) -> Iterable[bytes]:  # Any: WSGI's
            address = environ.get("REMOTE_ADDR", "")
            if held[address] >= LINES_PER_ADDRESS:
                self._transport.close(wait=False, abort=True)
                return refuse(start_response)
            held[address] += 1
            try:
                self._talk(environ)
            finally:
                held[address] -= 1
                if not held[address]:
                    del held[address]
            raise (StopIteration if self.ws.mode == "gunicorn" else ConnectionError)

        def _talk(self, environ: dict[str, Any]) -> None:  # Any: WSGI's
            for mode in MODES:
                if f"{mode}.socket" in environ:
                    environ[f"{mode}.socket"].settimeout(silent_s)
            self.ws = Line(environ, **self.server_args)
            self.app(self)
            self.ws.cut()

        def close(self) -> None:
            with suppress(OSError):
                super().close()

        def cut(self) -> None:
            self.ws.forget()
            self.ws.cut()

    eio._async = {**eio._async, "websocket": Bounded}  # noqa: SLF001
    _bound_sending(eio)


def refuse(start_response: "StartResponse") -> Iterable[bytes]:
    """One sentence to who holds too many lines already; a page tries again by itself."""
    says = _("Too many connections from your address. Wait a moment and try again.").encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(says)))]
    start_response("429 Too Many Requests", [*headers, ("Retry-After", AGAIN_S)])
    return [says]


def _bound_sending(eio: Any) -> None:  # Any: a library without types
    """Whom too much waits for is cut off instead."""
    send = eio.send_packet

    def send_packet(sid: str, packet: Packet) -> None:
        line = eio.sockets.get(sid)
        if line is not None and not line.closed and _is_full(line.queue):
            line.cut()
        else:
            send(sid, packet)

    eio.send_packet = send_packet


def _is_full(queue: Any) -> bool:  # Any: gevent's or the standard one
    waiting = [packet for packet in list(queue.queue) if packet is not None]
    return len(waiting) > WAITING_MAX or sum(len(packet.data or "") for packet in waiting) > WAITING_MAX_BYTES


class Line(simple_websocket.Server):  # type: ignore[misc]  # a library without types
    """Sends the whole of a frame, one after the other; takes from the network only what there is room for."""

    sock: Any  # a socket, as far as it is used

    def __init__(self, environ: dict[str, Any], **options: Any) -> None:  # Any: WSGI's, the library's own
        # Browsers offer to compress. It takes 100 KiB a line at least, and lengths would tell what secrets are like.
        offered = {name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"}
        super().__init__(offered, **options)

    def handshake(self) -> None:
        self.sock = Whole(self.sock)
        self.input_buffer = Arrived(self)
        super().handshake()

    def _handle_events(self) -> bool:
        goes_on: bool = super()._handle_events()
        if not goes_on:  # the library wakes who waits before it says why
            self.connected = False
            if self.incoming_message_len > MAX_FRAME_BYTES:
                self.forget()  # or who is still sending waits a minute for room
            self.event.set()
        return goes_on

    def cut(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(SHUT_RDWR)

    def forget(self) -> None:
        """Let closing throw away whatever is still on its way."""
        with suppress(OSError):
            self.sock.setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)


class Arrived(list[str | bytes]):
    """What the reader of the network adds to: he waits for room, and the client with him."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def append(self, message: str | bytes) -> None:
        super().append(message)
        while len(self) > ARRIVED_MAX and self._line.connected:
            self._line.event.set()
            time.sleep(ROOM_EVERY_S)


class Whole:
    """A socket of which two may write; each is let finish."""

    def __init__(self, whole: socket) -> None:
        self._socket, self._turn = whole, RLock()

    def send(self, content: bytes) -> None:
        with self._turn:
            self._socket.sendall(content)

    def __getattr__(self, name: str) -> Any:  # Any: the socket's own
        return getattr(self._socket, name)

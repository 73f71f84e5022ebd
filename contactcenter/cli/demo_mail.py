"""The demo's mail server: replies to the demo's customers really leave by SMTP, arrive here, and go no further.

It speaks just the SMTP (RFC 5321) that our own sender does, on this machine only, and keeps the newest mails as files.
"""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT_N = 200
MAIL_MAX_BYTES = 30 * 1024 * 1024
LINE_MAX_BYTES = 2048
IDLE_S = 60
Received = Callable[[bytes], None]


@contextmanager
def mail_server(folder: Path, wished_port: int, received: Received) -> Iterator[int]:
    """Take mail on a port of the loopback, `wished_port` if it is free, until the block ends; yields the port."""
    folder.mkdir(mode=0o700, exist_ok=True)
    server = _listen(folder, wished_port, received)
    thread = threading.Thread(target=server.serve_forever, name="demo-mail", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, folder: Path, received: Received) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.folder, self.received = folder, received
        self._lock = threading.Lock()

    def keep(self, mail: bytes) -> None:
        """Write it as the next file, drop the oldest ones, and tell who waits for mail."""
        with self._lock:
            kept = sorted(self.folder.glob("*.eml"))
            last = int(kept[-1].stem) if kept else 0
            (self.folder / f"{last + 1:06}.eml").write_bytes(mail)
            for old in kept[: max(0, len(kept) + 1 - KEPT_N)]:
                old.unlink()
        self.received(mail)


class _Conversation(socketserver.StreamRequestHandler):
    """One client, command by command."""

    timeout = IDLE_S
    server: _Server

    def handle(self) -> None:
        self._say("220 demo mail, delivers nowhere")
        while line := self.rfile.readline(LINE_MAX_BYTES):
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                self._say("221 bye")
                return
            self._answer(verb)

    def _answer(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self._say("250-demo", "250-8BITMIME", "250-SMTPUTF8", f"250 SIZE {MAIL_MAX_BYTES}")
        elif verb == b"DATA":
            self._say("354 go on, end with a lone dot")
            self._take_mail()
        elif verb in (b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
            self._say("250 ok")
        else:
            self._say("502 not known here")

    def _take_mail(self) -> None:
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(MAIL_MAX_BYTES)) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= MAIL_MAX_BYTES:
                lines.append(line[1:] if line.startswith(b".") else line)
        if size > MAIL_MAX_BYTES:
            self._say("552 too large")
            return
        self.server.keep(b"".join(lines))
        self._say("250 kept")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def _listen(folder: Path, wished_port: int, received: Received) -> _Server:
    try:
        return _Server(wished_port, folder, received)
    except OSError:  # another demo on this machine has it
        return _Server(0, folder, received)

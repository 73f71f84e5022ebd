"""Real IMAP servers, without privileges, each with one empty INBOX: Dovecot where it is installed, and one from PyPI."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import SEEN, IMAPClient

USER, PASSWORD = "help", "kettle-secret"
PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
STARTED_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A running server and its one mailbox."""

    port: int
    host: str = "127.0.0.1"

    def client(self) -> IMAPClient:
        """Somebody else at the same mailbox, its INBOX open."""
        client = IMAPClient(self.host, self.port, ssl=False)
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        return client

    def deliver(self, raw: bytes, *, seen: bool = False) -> None:
        """A mail arrives; `seen`: somebody has read it already, on a telephone perhaps."""
        with self.client() as client:
            client.append("INBOX", raw, flags=(SEEN,) if seen else ())


@contextmanager
def dovecot(host: str = "127.0.0.1") -> Iterator[ImapServer]:
    """Dovecot with a configuration of its own."""
    with tempfile.TemporaryDirectory(prefix="dc-", dir="/tmp") as folder:
        home, port = Path(folder), free_port()
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        command = [_dovecot_program() or "dovecot", "-F", "-c", str(_configure(home, host, port, account))]
        uid, gid = (account.pw_uid, account.pw_gid) if os.getuid() == 0 else (None, None)
        groups: list[int] | None = None if uid is None else []
        with subprocess.Popen(command, user=uid, group=gid, extra_groups=groups) as server:
            yield from _serving(server, ImapServer(port, host))


@contextmanager
def pymap(host: str = "127.0.0.1") -> Iterator[ImapServer]:
    """A server of Python alone, its mails in memory."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("pymap")),
        "--no-tls",
        "--host",
        host,
        "--port",
        str(port),
    ]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        yield from _serving(server, ImapServer(port, host))


def installed() -> Mapping[str, Callable[..., AbstractContextManager[ImapServer]]]:
    """The servers that this machine has, by name; never none."""
    return {"pymap": pymap, "dovecot": dovecot} if _dovecot_program() else {"pymap": pymap}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _dovecot_program() -> str | None:
    return shutil.which("dovecot", path=PATH)


def _serving(server: subprocess.Popen[bytes], there: ImapServer) -> Iterator[ImapServer]:
    try:
        _wait_for_port(server, there)
        yield there
    finally:
        server.terminate()
        server.wait(10)


def _wait_for_port(server: subprocess.Popen[bytes], there: ImapServer) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((there.host, there.port)) == 0:
                return
        assert server.poll() is None, f"it ended: {server.args!r}"
        assert time.monotonic() < deadline, f"it does not answer: {server.args!r}"
        time.sleep(0.05)


def _configure(home: Path, host: str, port: int, account: pwd.struct_passwd) -> Path:
    """Everything below `home`, everything as `account`: no root, no chroot, no system configuration."""
    group = grp.getgrgid(account.pw_gid).gr_name
    file = home / "dovecot.conf"
    file.write_text(f"""
protocols = imap
listen = {host}
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {account.pw_name}
default_internal_group = {group}
default_login_user = {account.pw_name}
mail_location = maildir:{home}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={home}
}}
""")
    for path in (home, *home.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    return file

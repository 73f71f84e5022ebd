"""The machine "data": Debian's PostgreSQL 15 and Debian's Redis, set up as docs/operations.md says."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
import redis

from tests.e2e.faults import until
from tests.machines import network
from tests.machines.alone import POSTGRES
from tests.machines.documented import roles

PASSWORD = "sand-and-shingle"
OWNER, APPLICATION, SUPERUSER = "candor", "candor_app", "postgres"
ENGINES = ("postgres", "redis")
READY_WITHIN_S = 60.0


class Data:
    """Both engines; each can be killed, and comes back when it is started again."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._account = pwd.getpwnam(SUPERUSER)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.address = network.ADDRESSES["data"]
        for folder in (home, home / "redis"):
            folder.mkdir()
            shutil.chown(folder, self._account.pw_uid, self._account.pw_gid)

    @property
    def environment(self) -> dict[str, str]:
        """For the processes of every machine."""
        return {
            "DATABASE_URL": f"postgresql+psycopg://{APPLICATION}:{PASSWORD}@{self.address}/{OWNER}",
            "REDIS_URL": f"redis://:{PASSWORD}@{self.address}:6379/0",
        }

    @property
    def migration_url(self) -> str:
        """The owner's."""
        return f"postgresql+psycopg://{OWNER}:{PASSWORD}@/{OWNER}?host={self._home}"

    @property
    def judge_url(self) -> str:
        """By a socket of the file system: whoever judges sees the database whatever happens to the network."""
        return f"postgresql+psycopg://{SUPERUSER}@/{OWNER}?host={self._home}"

    def prepare(self) -> None:
        """An empty database with the two roles, and both engines running."""
        self._run(
            [str(POSTGRES / "initdb"), "-D", f"{self._home}/pg", "-A", "trust", "--locale=C.UTF-8", "-N"]
        )
        rules = f"local all all trust\nhost all all {network.PREFIX}.0/24 scram-sha-256\n"
        (self._home / "pg" / "pg_hba.conf").write_text(rules)
        for name in ENGINES:
            self.start(name)
        before, _connect, after = roles().replace("…", PASSWORD).partition(f"\\connect {OWNER}\n")
        for database, statements in ((SUPERUSER, before), (OWNER, after)):
            with psycopg.connect(self._as_superuser(database), autocommit=True) as connection:
                for statement in filter(str.strip, statements.split(";")):
                    connection.execute(statement.encode())

    def start(self, name: str) -> None:
        """Start it, and wait until it answers."""
        self._running[name] = self._begin(
            network.inside("data", *self._as_account(), *self._command(name)), name
        )
        until(lambda: self._answers(name), f"{name} does not answer", within_s=READY_WITHIN_S)

    def kill(self, name: str) -> None:
        """`kill -9`; PostgreSQL's own children see it and go."""
        self._running[name].send_signal(signal.SIGKILL)
        self._running[name].wait()

    def restart(self, name: str) -> None:
        """As an administrator does: PostgreSQL ends its sessions ("fast"), Redis writes what it has."""
        self._running[name].send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        self._running[name].wait(READY_WITHIN_S)
        self.start(name)

    def _command(self, name: str) -> Sequence[str]:
        if name == "postgres":
            settings = {
                "listen_addresses": self.address,
                "unix_socket_directories": self._home,
                "max_connections": 200,
                "max_wal_size": "256MB",
            }
            options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
            return [str(POSTGRES / "postgres"), "-D", f"{self._home}/pg", *options]
        redis_settings = {
            "bind": self.address,
            "requirepass": PASSWORD,
            "dir": f"{self._home}/redis",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [
            "redis-server",
            *(word for key, value in redis_settings.items() for word in (f"--{key}", value)),
        ]

    def _answers(self, name: str) -> bool:
        assert self._running[name].poll() is None, (self._home / f"{name}.log").read_text()[-2000:]
        try:
            if name == "postgres":
                psycopg.connect(self._as_superuser(SUPERUSER), connect_timeout=5).close()
                return True
            with redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=5) as client:
                return bool(client.ping())
        except (psycopg.OperationalError, redis.RedisError):
            time.sleep(0.1)
            return False

    def _as_superuser(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self._home}"

    def _as_account(self) -> list[str]:
        numbers = [f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}"]
        return ["setpriv", *numbers, "--clear-groups"]

    def _run(self, command: Sequence[str]) -> None:
        done = subprocess.run(
            [*self._as_account(), *command], check=False, capture_output=True, cwd=self._home, text=True
        )
        assert done.returncode == 0, done.stderr

    def _begin(self, command: Sequence[str], name: str) -> "subprocess.Popen[bytes]":
        with (self._home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._home,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            )

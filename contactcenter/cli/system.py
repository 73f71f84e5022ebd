"""The processes of one installation, as data, and how they are brought up; the tests start the same."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from contactcenter.core.config import Settings
from contactcenter.embedded.child import Program
from contactcenter.embedded.engines import Addresses, Engines, start_engines
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.nursery import Nursery
from contactcenter.embedded.secret import key_environment
from contactcenter.embedded.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90.0
NURSERY_RANK, WEB_RANK, WORKER_RANK = 1, 2, 3
WEB = "web"
WORKERS = {
    "router": ("router",),
    "clock": ("clock",),
    "worker-default": ("worker", "default"),
    "worker-nlp": ("worker", "nlp"),
}
"""Name → words after `app.py`, in the order they start."""
EVERYTHING = (WEB, *WORKERS)
READS_MESSAGES, DOES_THE_REST = "worker-nlp", "worker-default"
PRELOADED = ("workers.preloaded",)
"""What the nursery imports for the workers."""
DEMO = "demo"
SIGN_INS = "demo.json"

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  how to reach ourselves when HOST says "everywhere"


@dataclass(frozen=True, slots=True)
class System:
    """Engines and processes that run; leaving the `with` block stops them in order."""

    settings: Settings
    engines: Engines
    announcement: Sequence[str]
    """What the person who starts it should read: sign-ins, or the first administrator's code."""

    @property
    def url(self) -> str:
        return self.settings.base_url

    @property
    def logs(self) -> Path:
        return self.settings.state_dir / "logs"

    @property
    def supervisor(self) -> Supervisor:
        return self.engines.supervisor

    def stop(self) -> None:
        self.engines.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_system(
    settings: Settings,
    *,
    demo: bool = False,
    throwaway: bool = False,
    names: Sequence[str] = EVERYTHING,
    say: Callable[[str], None] = lambda _: None,
) -> System:
    """Bring everything up in order; returns once `/readyz` answers. Raises EngineError, leaving nothing behind.

    `names` chooses some of EVERYTHING; port 0 chooses a free one; `throwaway` is for tests (no disk syncs).
    """
    keys = key_environment(settings)
    engines = start_engines(
        settings.state_dir, throwaway=throwaway, given=Addresses.given_by(settings), say=say
    )
    try:
        listener = listen(settings.host, settings.port)
        engines.at_end(listener.close)
        port = int(listener.getsockname()[1])
        settings = settings.model_copy(update={"port": port, "state_dir": engines.state_dir})
        environment = process_environment(settings, engines, keys)
        logs = settings.state_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        workers = Workers(environment, logs, open_nursery(engines, environment, logs, names))
        announcement = prepare_database(environment | {"MIGRATION_URL": engines.migration_url}, demo=demo)
        if WEB in names:
            start_web(engines.supervisor, settings, listener, environment, logs)
        for name, words in chosen(names, settings).items():
            engines.supervisor.start(workers.program(name, words))
        if demo and (settings.state_dir / SIGN_INS).exists():
            # Who plays the demo's customers and takes their mail, as long as the system runs.
            engines.supervisor.start(workers.program(DEMO, (DEMO, "--stay")))
        engines.publish(url=settings.base_url)
    except BaseException:
        engines.stop()
        raise
    return System(settings, engines, announcement)


def listen(host: str, port: int) -> socket.socket:
    """The web's socket, held here, so that requests wait instead of failing while the web starts again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise EngineError(f"Cannot listen on {host} port {port} ({reason}); set another PORT.") from error


def process_environment(settings: Settings, engines: Engines, keys: Mapping[str, str]) -> dict[str, str]:
    """What every process gets; the owner's URL is for migrations alone."""
    return {
        **engines.addresses.environment(),
        **keys,
        "MIGRATION_URL": "",
        "STATE_DIR": str(settings.state_dir),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }


def prepare_database(environment: Mapping[str, str], *, demo: bool) -> Sequence[str]:
    """In a process of its own, for the models weigh more than this supervisor; returns what it announces."""
    words = ["-m", "contactcenter.cli.seed"] if demo else [str(ROOT / "app.py"), "migrate", "--first-code"]
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EngineError(f"The database could not be prepared:\n{done.stderr.strip()[-2000:]}")
    return done.stdout.splitlines()


def open_nursery(
    engines: Engines, environment: Mapping[str, str], logs: Path, names: Sequence[str]
) -> Nursery | None:
    """Where the workers come from; it imports while the database is prepared."""
    if sys.platform != "linux" or not set(names) & set(WORKERS):
        return None
    nursery = Nursery(
        engines.supervisor,
        modules=PRELOADED,
        environment=environment,
        logs=logs,
        cwd=ROOT,
        rank=NURSERY_RANK,
    )
    engines.at_last(nursery.close)
    return nursery


def chosen(names: Sequence[str], settings: Settings) -> dict[str, tuple[str, ...]]:
    """Which workers run, and their words; without a model nobody needs a process of his own for it."""
    workers = {name: words for name, words in WORKERS.items() if name in names}
    if settings.nlp_engine == "off" and {READS_MESSAGES, DOES_THE_REST} <= set(workers):
        workers[DOES_THE_REST] += workers.pop(READS_MESSAGES)[1:]
    return workers


def start_web(
    supervisor: Supervisor,
    settings: Settings,
    listener: socket.socket,
    environment: Mapping[str, str],
    logs: Path,
) -> None:
    """The web alone until it answers, for starting takes processor time."""
    host, port = listener.getsockname()[:2]
    supervisor.start(web_program(settings, listener, environment, logs))
    supervisor.wait_until(WEB, lambda: is_ready(host, port), within_s=READY_WITHIN_S)


def web_program(
    settings: Settings, listener: socket.socket, environment: Mapping[str, str], logs: Path
) -> Program:
    number = listener.fileno()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{number}", "--worker-class", "gevent"]
    command += ["--workers", str(settings.web_processes), "--worker-connections", "5000"]
    command += ["--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"]
    return Program(
        WEB,
        (*command, "contactcenter.wsgi:app"),
        log=logs / "web.log",
        rank=WEB_RANK,
        environment=environment,
        cwd=ROOT,
        stop_within_s=8,
        pass_fds=(number,),
    )


@dataclass(frozen=True, slots=True)
class Workers:
    """How background processes are started."""

    environment: Mapping[str, str]
    logs: Path
    nursery: Nursery | None

    def program(self, name: str, words: tuple[str, ...]) -> Program:
        """One that does `app.py` with these words."""
        return Program(
            name,
            (sys.executable, str(ROOT / "app.py"), *words),
            log=self.logs / f"{name}.log",
            rank=WORKER_RANK,
            environment=self.environment,
            cwd=ROOT,
            stop_within_s=8,
            words=words,
            fork=self.nursery.fork if self.nursery else None,
        )


def is_ready(host: str, port: int) -> bool:
    """Whether the web answers and reaches its database."""
    connection = http.client.HTTPConnection(LOOPBACK.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

"""What `doctor` finds out without any engine: machine, files, settings."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from contactcenter.cli.finding import Finding
from contactcenter.core.config import Settings
from contactcenter.embedded import running
from contactcenter.embedded.lock import is_held
from contactcenter.embedded.places import abandoned_homes
from contactcenter.embedded.secret import SECRET_KEY_MIN

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST_TESTED = (3, 11), (3, 11)
DISK_FREE_MIN_BYTES = 1_000_000_000
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
PRIVATE = ("secret_key", "run.json", "demo.json")
NLP_LOADS_WITHIN_S = 120

Findings = Iterator[Finding]


def python_version(_settings: Settings) -> Findings:
    found = sys.version_info[:2]
    if found > NEWEST_TESTED:
        yield Finding(
            "I001",
            f"Python {found[0]}.{found[1]} is newer than what Candor is tested with.",
            f"If something is odd, try Python {NEWEST_TESTED[0]}.{NEWEST_TESTED[1]}.",
        )


def known_user(_settings: Settings) -> Findings:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        yield Finding(
            "W002",
            f"User id {os.geteuid()} has no entry in /etc/passwd, without which PostgreSQL does not start.",
            "Add one, run as another user, or set DATABASE_URL.",
        )


def not_root(_settings: Settings) -> Findings:
    if os.geteuid() == 0:
        yield Finding(
            "I003",
            "You are root: the engines give up its rights, the web and the workers keep them.",
            "For more than a trial, run Candor as a user of its own.",
        )


def writable_state(settings: Settings) -> Findings:
    folder = settings.state_dir.expanduser().absolute()
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield Finding("W004", f"STATE_DIR {folder} is not writable.", "Choose another, or change its owner.")


def private_files(settings: Settings) -> Findings:
    for path in (settings.state_dir / name for name in PRIVATE):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("W005", f"{path} can be read by others.", f"chmod 600 {path}")


def room_on_disk(settings: Settings) -> Findings:
    folder = settings.state_dir.expanduser().absolute()
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(nearest).free
    if free < DISK_FREE_MIN_BYTES:
        yield Finding(
            "W006",
            f"Only {free // 1_000_000} MB are free at {nearest}.",
            "Make room, or move STATE_DIR: a full disk stops the database.",
        )


def free_port(settings: Settings) -> Findings:
    """A port taken by our own running system is as it should be."""
    if settings.port == 0 or (settings.state_dir.is_dir() and is_held(settings.state_dir)):
        return
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        yield Finding(
            "W007",
            f"The web cannot listen on {settings.host} port {settings.port}: {error.strerror}.",
            "Stop what uses it, or set PORT (or HOST) to something else.",
        )


def strong_key(settings: Settings) -> Findings:
    if settings.database_url and not settings.secret_key:
        yield Finding(
            "W008",
            "DATABASE_URL is set but SECRET_KEY is not.",
            'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"; the same for all processes.',
        )
    elif settings.secret_key and (
        len(settings.secret_key) < SECRET_KEY_MIN or len(set(settings.secret_key)) < 10
    ):
        yield Finding(
            "W009",
            f"SECRET_KEY is weak: it needs {SECRET_KEY_MIN} random characters.",
            "Make a new one as docs/operations.md says (A new SECRET_KEY): nothing that is sealed is lost.",
        )


def public_address(settings: Settings) -> Findings:
    parts = urlsplit(settings.base_url)
    if parts.hostname in LOOPBACK_NAMES:
        return
    if not settings.public_url:
        yield Finding(
            "W010",
            f"HOST is {settings.host} and PUBLIC_URL is not set: links in letters lead to {settings.base_url}.",
            "Set PUBLIC_URL to the address that customers use.",
        )
    if parts.scheme != "https":
        yield Finding(
            "W011",
            f"{settings.base_url} is not https: browsers give no microphone, and passwords travel in the clear.",
            "Put a proxy with a certificate in front (docs/operations.md) and set PUBLIC_URL to https://…",
        )


def assets_made(_settings: Settings) -> Findings:
    for path in ("static/vendor/htmx.esm.min.js", "static/img/sprite.svg"):
        if not (ROOT / path).exists():
            yield Finding("W012", f"{path} is missing: pages will not work.", "make assets")


def chinese_made(_settings: Settings) -> Findings:
    if not (ROOT / "translations/zh/LC_MESSAGES/messages.mo").exists():
        yield Finding("W013", "The Chinese texts are not compiled: pages are English only.", "make setup")


def analysis_loads(settings: Settings) -> Findings:
    """In a process of its own, as a worker does it; models never load in the web."""
    if settings.nlp_engine == "off":
        yield Finding("I014", "Analysis is off (NLP_ENGINE=off).", "Unset NLP_ENGINE to read moods again.")
        return
    command = [sys.executable, "-m", "nlp", "classify", "--json", "Hello"]
    tried = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=NLP_LOADS_WITHIN_S
    )
    if tried.returncode != 0:
        reason = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        yield Finding(
            "W015",
            f"The language model does not load: {reason[0]}",
            "Everything else works, without moods; check NLP_ENGINE, NLP_MODEL and nlp/weights.",
        )


def browser_there(_settings: Settings) -> Findings:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        yield Finding(
            "I016", "There is no Chromium; only the browser tests need it.", "make test installs it."
        )


def running_system(settings: Settings) -> Findings:
    system = running.read(settings.state_dir)
    if system is not None and not is_held(settings.state_dir):
        yield Finding(
            "I017",
            "The last system was killed without being stopped.",
            "Nothing to do: the next start ends what it left and the database repairs itself.",
        )


def abandoned_data(_settings: Settings) -> Findings:
    """Only root sees into the folder, and only root's engines live there."""
    if os.geteuid() == 0:
        for home in abandoned_homes():
            yield Finding(
                "I018", f"{home} holds data to which no STATE_DIR points any more.", f"rm -r {home}"
            )


MACHINE_CHECKS: tuple[Callable[[Settings], Findings], ...] = (
    python_version,
    known_user,
    not_root,
    writable_state,
    private_files,
    room_on_disk,
    free_port,
    strong_key,
    public_address,
    assets_made,
    chinese_made,
    analysis_loads,
    browser_there,
    running_system,
    abandoned_data,
)

"""The whole system as a person starts it, and people with real browsers in front of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright
from sqlalchemy import Engine, create_engine, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.cli.system import System, start_system
from contactcenter.compose import compose
from contactcenter.core.config import Settings
from contactcenter.core.db import Base
from tests.passwords import quickly_hashed
from tests.web.served import LISTEN

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
PASSWORD = "every-evening-the-tide"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


OURS = ("DATABASE_URL", "REDIS_URL", "MIGRATION_URL", "PUBLIC_URL", "SECRET_KEY")


def of_this_machine() -> dict[str, str]:
    """The environment without what points at the engines of other tests."""
    return {name: value for name, value in os.environ.items() if name not in OURS}


@contextmanager
def without_settings() -> Iterator[None]:
    """While a system starts: the engines that other tests use are not its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Every process of Candor on a free port, with nothing in it."""
    folder = Path(tempfile.mkdtemp(prefix="candor-e2e-", dir="/tmp"))
    folder.chmod(0o711)
    with without_settings():
        running = start_system(Settings(state_dir=folder, port=0), throwaway=True)
    with running:
        yield running
        shutil.copytree(folder / "logs", ROOT / "test-results" / "logs", dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database(system: System) -> Iterator[Engine]:
    """The running system's database, to count what is really there."""
    compose()
    engine = create_engine(system.engines.migration_url)
    yield engine
    engine.dispose()


@dataclass
class Organisation:
    """Harbour Electric, fresh for each test; `widget` is its public key."""

    url: str
    widget: str
    state_dir: Path
    database: Engine

    def speak(self, language: str) -> None:
        """Everybody who works here reads `language`."""
        with Session(self.database) as session:
            session.execute(update(User).values(language=language))
            session.commit()

    def command(self, *words: str, stdin: str = "") -> str:
        """Run `python app.py …` against the running system; its output."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py"), *words],
            env={**of_this_machine(), "STATE_DIR": str(self.state_dir)},
            cwd=ROOT,
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


def fresh_organisation(system: System, database: Engine) -> Organisation:
    """People with known passwords, queues and a widget; everything from earlier tests is gone."""
    empty(database)
    with Session(database) as session, quickly_hashed():
        widget = build_organisation(session, {person.login: PASSWORD for person in PEOPLE})
        key = widget.key
        session.execute(text("SELECT pg_notify('router', '')"))
        session.commit()
    return Organisation(system.url, key, system.settings.state_dir, database)


def empty(database: Engine) -> None:
    """Nobody and nothing, as after the first start. The processes go on working: now and then one stands in the way."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name != "router_lease"]
    for last in (False, False, False, True):
        try:
            with database.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(text(f"TRUNCATE {', '.join(tables)} CASCADE"))
        except OperationalError:  # a deadlock
            if last:
                raise
        else:
            return


@pytest.fixture
def organisation(system: System, database: Engine) -> Organisation:
    """An organisation of the test's own."""
    return fresh_organisation(system, database)


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One real browser; each person has a window of his own."""
    executable = CHROMIUM if Path(CHROMIUM).exists() else None
    browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
    yield browser
    browser.close()


@dataclass
class Stage:
    """Opens windows, and notes everything a browser complains about."""

    browser: Browser
    organisation: Organisation
    language: str = "en"
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, *, width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        """A new window of somebody new."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[self.language],
            color_scheme="dark" if dark else "light",
            permissions=["microphone"],
        )
        self.contexts.append(context)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("response", lambda answer: self._note(answer.status, answer.url))
        page.on("console", self._note_policy)
        return page

    def signed_in(self, login: str, *, width: int = 1440, height: int = 900) -> Page:
        """The window of somebody who has just signed in."""
        page = self.window(width=width, height=height)
        self.sign_in(page, login)
        return page

    def sign_in(self, page: Page, login: str) -> None:
        page.goto(f"{self.organisation.url}/sign-in")
        page.fill("[name=email]", f"{login}@harbour.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture for the reader of the test run (and, by SCREENSHOTS, for the README)."""
        folder = Path(os.environ.get("SCREENSHOTS", ROOT / "test-results" / "screenshots"))
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}-{self.language}.png")

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _note_policy(self, message: ConsoleMessage) -> None:
        """What the content security policy refused, in whatever frame and however often the page has changed since."""
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _note(self, status: int, url: str) -> None:
        if status >= 500:
            self.complaints.append(f"{status} {url}")


@pytest.fixture
def stage(chromium: Browser, organisation: Organisation) -> Iterator[Callable[[str], Stage]]:
    """`stage("zh")` plays in Chinese; at the end no browser may have complained."""
    stages: list[Stage] = []

    def opened(language: str = "en") -> Stage:
        made = Stage(chromium, organisation, language)
        organisation.speak(language)
        stages.append(made)
        return made

    yield opened
    for one in stages:
        one.close()
        assert one.complaints == []


def json_lines(output: str) -> list[dict[str, object]]:
    """The JSON objects a command printed, one a line."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]

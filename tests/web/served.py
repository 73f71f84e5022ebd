"""The real application on a real port with real sockets, and Chromium windows on it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Playwright
from werkzeug.serving import make_server

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import start_session
from contactcenter.core.db import unit_of_work
from contactcenter.edge.sessions import COOKIE

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""

_TAKE = "(window.violations ?? []).splice(0)"


class Served:
    """A running application. `window(user)` is a browser window of somebody who is signed in."""

    def __init__(self, chromium: Chromium, url: str, socketio: SocketIO) -> None:
        self.chromium = chromium
        self.url = url
        self.socketio = socketio
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def window(
        self, user: User | None = None, *, size: dict[str, int] = DESK, dark: bool = False, **options: Any
    ) -> Page:  # Any: Playwright's own
        """A fresh window; what goes wrong in it is collected in `errors`."""
        scheme = "dark" if dark else "light"
        context = self.chromium.new_context(
            viewport=size,  # type: ignore[arg-type]  # a ViewportSize is these two numbers
            color_scheme=scheme,  # type: ignore[arg-type]  # a Literal of the same words
            base_url=self.url,
            has_touch=size is PHONE,
            reduced_motion="reduce",  # what fades in is measured as it stays
            **options,
        )
        context.add_init_script(LISTEN)
        if user is not None:
            with unit_of_work() as session:
                token = start_session(session, session.get_one(User, user.id), "Chromium")
            context.add_cookies([{"name": COOKIE, "value": token, "url": self.url}])
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def close(self) -> None:
        """Close every window and wait until the server has noticed, so that nothing of theirs still runs."""
        while self._contexts:
            self._contexts.pop().close()
        until = time.monotonic() + 5
        while self._sockets() and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.1)

    def _sockets(self) -> int:
        manager = self.socketio.server.manager
        return sum(
            len(list(manager.get_participants(namespace, None)))
            for namespace in list(manager.get_namespaces())
        )


@contextmanager
def serve(app: Flask, socketio: SocketIO, playwright: Playwright) -> Iterator[Served]:
    """Serve `app` on a free port of the loopback, with one Chromium, until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    executable = str(CHROMIUM) if CHROMIUM.exists() else None
    chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
    served = Served(chromium, f"http://127.0.0.1:{server.server_port}", socketio)
    try:
        yield served
    finally:
        served.close()
        chromium.close()
        server.shutdown()
        thread.join(timeout=5)


def faults(page: Page, rules: list[str] = AXE_RULES) -> list[str]:
    """What axe finds wrong on the page (WCAG 2.2 A and AA), each as one line; and every breach of the CSP."""
    breaches = page.evaluate(f"{_TAKE}.map((one) => `CSP: ${{one}}`)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    run = "rules => axe.run({runOnly: rules, preload: false})"
    found: dict[str, Any] = page.evaluate(run, rules)  # Any: axe's JSON
    page.evaluate(_TAKE)  # of axe's own styles
    lines = [
        f"{violation['id']}: {node['target']} {node['failureSummary']} {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    return [*breaches, *lines]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def tab_to(page: Page, selector: str) -> None:
    """Go there as people without a mouse do; fails if the keyboard does not come by."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")

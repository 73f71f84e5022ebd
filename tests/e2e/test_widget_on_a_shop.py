"""The widget where it lives: in a frame on somebody else's site, in a browser, with an agent at the other end."""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.queues.models import Queue
from contactcenter.queues.service import edit_queue
from tests.e2e.acts import accept, become_ready, words_of
from tests.e2e.conftest import Stage
from tests.web.served import faults

pytestmark = pytest.mark.browser
Play = Callable[[str], Stage]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
SPYING = "window.heard = []; addEventListener('message', (event) => window.heard.push(event.data));"


@pytest.fixture
def shop() -> Iterator[Callable[[str], str]]:
    """`shop(script)` is the address of a page on another origin that carries that line and listens to every message.

    It calls itself localhost, we call ourselves 127.0.0.1: to a browser these are two sites.
    """
    pages: list[bytes] = []

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[-1])

        def log_message(self, *_words: object) -> None:
            """Nothing to say."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def opened(script: str) -> str:
        pages.append(
            f"<!doctype html><title>Shop</title><h1>Shop</h1>{script}<script>{SPYING}</script>".encode()
        )
        return f"http://localhost:{server.server_port}"

    yield opened
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def line_of(play: Stage) -> str:
    """The line that administrators are told to put on their pages."""
    organisation = play.organisation
    return (
        f'<script src="{organisation.url}/widget/loader.js" data-key="{organisation.widget}" async></script>'
    )


def allow(database: Engine, *sites: str) -> None:
    with Session(database) as session:
        widget = session.scalars(select(WidgetKey)).one()
        save_widget(session, widget, actor="system", name=widget.name, sites=sites)
        session.commit()


def press_launcher(page: Page) -> None:
    """The button in the corner: the page itself cannot reach into the closed shadow root, and neither can we."""
    page.wait_for_selector("candor-chat", state="attached")
    size = page.viewport_size
    assert size is not None
    page.mouse.click(size["width"] - 50, size["height"] - 50)


def chat_in(page: Page) -> Frame:
    """The chat's frame, ready to write in."""
    with contextlib.suppress(StopIteration):
        return next(_ready(frame) for frame in page.frames if "/widget/frame" in frame.url)
    frame = page.wait_for_event("framenavigated", lambda one: "/widget/frame" in one.url)
    return _ready(frame)


def _ready(frame: Frame) -> Frame:
    frame.wait_for_selector("#chat-send:enabled", state="attached")
    return frame


def say(chat: Frame, words: str) -> None:
    chat.fill("#chat-text", words)
    chat.press("#chat-text", "Enter")
    expect(chat.locator("#chat-log")).to_contain_text(words)


def launcher_says(page: Page) -> str:
    """The launcher's name, as a screen reader is told it."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    names = [str(one["name"]["value"]) for one in tree if one.get("role", {}).get("value") == "button"]
    return next(name for name in names if "chat" in name.lower())


def wait_for_launcher(page: Page, name: str) -> None:
    for _turn in range(75):
        if launcher_says(page) == name:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"the launcher says {launcher_says(page)!r}, not {name!r}")


@pytest.fixture
def play(stage: Play) -> Stage:
    return stage("en")


def test_a_listed_site_carries_the_chat_and_reads_nothing_of_it(
    play: Stage, shop: Callable[[str], str], database: Engine
) -> None:
    site = shop(line_of(play))
    allow(database, site)
    page = play.window(width=1100, height=820)
    page.goto(site)
    press_launcher(page)
    chat = chat_in(page)
    say(chat, "My account number is 4711.")
    assert page.evaluate("document.querySelector('candor-chat').shadowRoot") is None
    assert "4711" not in str(page.evaluate("window.heard"))
    assert page.evaluate("window.heard.length") > 0
    assert chat.evaluate("window.violations") == []
    page.evaluate("document.querySelector('iframe')?.remove()")  # what is in a closed root is not to be found
    expect(chat.locator("#chat-log")).to_contain_text("4711")


def test_a_site_that_is_not_listed_gets_no_chat(
    play: Stage, shop: Callable[[str], str], database: Engine
) -> None:
    site = shop(line_of(play))
    allow(database, "https://shop.example")
    page = play.window(width=1100, height=820)
    page.goto(site)
    press_launcher(page)
    page.wait_for_timeout(1500)
    assert [frame.url for frame in page.frames if "/widget/frame" in frame.url] == []
    assert page.evaluate("window.heard") == []
    assert ["frame-ancestors" in one for one in play.complaints] == [True], "the browser says that it refused"
    play.complaints.clear()


def test_what_comes_while_it_is_closed_is_counted_and_shown_after_a_reload_and_in_a_second_tab(
    play: Stage, shop: Callable[[str], str], database: Engine
) -> None:
    site, words = shop(line_of(play)), words_of("en")
    allow(database, site)
    console = play.signed_in("amy")
    become_ready(console, words)
    page = play.window(width=1100, height=820)
    page.goto(site)
    press_launcher(page)
    say(chat_in(page), "Is anybody there?")
    accept([console], words, "Is anybody")
    expect(chat_in(page).locator("#chat-log")).to_contain_text("Amy has joined the chat.")
    press_launcher(page)
    wait_for_launcher(page, "Chat with us")
    console.fill(".composer__text", "Yes, I am.")
    console.press(".composer__text", "Control+Enter")
    wait_for_launcher(page, "Chat with us (1)")
    page.reload()
    expect(chat_in(page).locator("#chat-log")).to_contain_text("Yes, I am.")
    wait_for_launcher(page, "Chat with us (1)")
    press_launcher(page)
    wait_for_launcher(page, "Close the chat")
    expect(console.locator(".delivery[data-state=read]")).to_be_visible()

    tab = page.context.new_page()
    tab.goto(site)
    press_launcher(tab)
    say(chat_in(tab), "Good. My bill is wrong.")
    expect(chat_in(page).locator("#chat-log")).to_contain_text("My bill is wrong.")


def test_both_sides_see_typing_ticks_files_and_how_it_ended(play: Stage, tmp_path: Path) -> None:
    words, console = words_of("en"), play.signed_in("amy")
    become_ready(console, words)
    chat = direct(play)
    say(chat.main_frame, "Look at this bill")
    accept([console], words, "Look at this")
    expect(chat.locator("#chat-state")).to_have_text("You are talking with Amy.")
    console.locator(".composer__text").press_sequentially("One mom")
    expect(chat.locator("#chat-typing")).to_have_text("Amy is typing …")
    chat.locator("#chat-text").press_sequentially("Here")
    expect(console.locator("[data-typing]")).to_be_visible()
    (tmp_path / "bill.png").write_bytes(PNG)
    chat.set_input_files("#chat-file", tmp_path / "bill.png")
    expect(console.get_by_role("link", name="bill.png")).to_be_visible()
    expect(chat.locator(".said--customer .said__meta").last).to_contain_text("Read")
    (tmp_path / "game.exe").write_bytes(b"MZ")
    chat.set_input_files("#chat-file", tmp_path / "game.exe")
    expect(chat.locator("#chat-error")).to_contain_text("Programs cannot be sent")
    assert faults(chat) == []

    choose(chat, "#chat-complain")
    expect(chat.locator("#chat-log")).to_contain_text("You told us that this is a complaint.")
    expect(console.locator("[id^=proposal-]")).to_contain_text("The customer says so; you decide.")
    choose(chat, "#chat-leave")
    expect(chat.locator("#chat-state")).to_contain_text("This chat has ended.")
    chat.locator("label", has=chat.locator("[name=rating][value='4']")).click()
    assert faults(chat) == []
    chat.locator("#chat-rating button").click()
    expect(chat.locator("#chat-thanks")).to_have_text("Thank you!")
    console.reload()
    expect(console.locator("#thread")).to_contain_text("The customer gave 4 of 5")


def direct(play: Stage) -> Page:
    """The chat in a window of its own, where axe can judge it."""
    page = play.window(width=420, height=700)
    page.goto(f"{play.organisation.url}/widget/frame?key={play.organisation.widget}")
    page.wait_for_selector("#chat-send:enabled")
    return page


def choose(chat: Page, item: str) -> None:
    chat.locator("[popovertarget=chat-menu]").click()
    chat.locator(item).click()


def test_who_waits_is_told_the_place(play: Stage) -> None:
    first, second = direct(play), direct(play)
    say(first.main_frame, "I am first")
    expect(first.locator("#chat-state")).to_contain_text("You are number 1 in the queue.")
    say(second.main_frame, "I am second")
    expect(second.locator("#chat-state")).to_contain_text("You are number 2 in the queue.")
    choose(first, "#chat-leave")
    expect(second.locator("#chat-state")).to_contain_text("You are number 1 in the queue.")


def test_out_of_hours_words_become_a_ticket_answered_by_mail(play: Stage, database: Engine) -> None:
    with Session(database) as session:
        for queue in session.scalars(select(Queue)):
            edit_queue(session, queue, queue.version, {"open": False}, actor="system")
        session.commit()
    chat = direct(play)
    expect(chat.locator("#chat-closed")).to_be_visible()
    expect(chat.locator(".chat__privacy")).to_contain_text("You may ask us to delete it.")
    say(chat.main_frame, "Please call me back")
    expect(chat.locator("#chat-error")).to_contain_text("Leave your e-mail address")
    assert faults(chat) == []
    chat.fill("#f-email", "maria@example.org")
    say(chat.main_frame, "Please call me back tomorrow")
    expect(chat.locator("#chat-state")).to_contain_text("Your message has number")

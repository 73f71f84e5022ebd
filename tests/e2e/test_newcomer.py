"""A newcomer's five tasks on the demo as `make run` starts it, with customers who come by themselves: nobody reads a manual.

Ten clicks: sign in; start taking work, accept; send; press the mood, say what is right; accept the next chat, press the
field that asks why, yes, open it. The rest is typing where the cursor already is.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from contactcenter.cli.system import SIGN_INS, System, start_system
from contactcenter.core.config import Settings
from tests.e2e.conftest import without_settings

pytestmark = pytest.mark.browser

CLICKS_N = 10
COMES_WITHIN_MS = 60_000


@pytest.fixture
def demo() -> Iterator[System]:
    """Fresh, with its people and its live customers."""
    folder = Path(tempfile.mkdtemp(prefix="candor-newcomer-", dir="/tmp"))
    folder.chmod(0o711)
    with without_settings():
        running = start_system(Settings(state_dir=folder, port=0), demo=True, throwaway=True)
    with running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Newcomer:
    """Somebody at a keyboard with a mouse, who counts every press of it."""

    page: Page
    clicks: list[str] = field(default_factory=list)

    def click(self, thing: Locator) -> None:
        expect(thing).to_be_visible(timeout=COMES_WITHIN_MS)
        self.clicks.append(thing.inner_text() or thing.get_attribute("placeholder") or "")
        thing.click()

    def type(self, text: str) -> None:
        """Where the cursor is."""
        self.page.keyboard.type(text)


def test_five_tasks_without_a_manual(demo: System, chromium: Browser) -> None:
    known = json.loads((demo.settings.state_dir / SIGN_INS).read_text())
    agent = next(one for one in known["sign_ins"] if one["role"] == "agent")
    page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    newcomer = Newcomer(page)
    page.goto(known["url"])
    sign_in(newcomer, agent)
    take_a_chat(newcomer)
    answer(newcomer)
    see_its_mood(newcomer)
    open_the_complaint(newcomer)
    assert len(newcomer.clicks) == CLICKS_N, newcomer.clicks
    page.context.close()


def sign_in(newcomer: Newcomer, agent: dict[str, str]) -> None:
    expect(newcomer.page.locator("[name=email]")).to_be_focused()
    newcomer.type(agent["email"])
    newcomer.page.keyboard.press("Tab")
    newcomer.type(agent["password"])
    newcomer.click(newcomer.page.get_by_role("button", name="Sign in"))
    newcomer.page.wait_for_url("**/console*")


def take_a_chat(newcomer: Newcomer) -> None:
    newcomer.click(newcomer.page.get_by_role("button", name="Start taking work"))
    offer = newcomer.page.locator(".offer").filter(has_text="Chat from").first
    newcomer.click(offer.get_by_role("button", name="Accept"))
    newcomer.page.wait_for_url("**/console/tickets/*")


def answer(newcomer: Newcomer) -> None:
    """What he types goes into the answer at once; the customer answers back."""
    expect(newcomer.page.locator(".composer__text")).to_be_focused()
    newcomer.type("Good morning, I am looking at it.")
    newcomer.click(newcomer.page.locator(".composer__send button:visible"))
    thread = newcomer.page.locator("#thread")
    expect(thread).to_contain_text("Good morning, I am looking at it.")
    theirs = thread.locator(".message:not(.message--ours)")
    expect(theirs.nth(1)).to_be_visible(timeout=COMES_WITHIN_MS)  # more, where they had to call twice


def see_its_mood(newcomer: Newcomer) -> None:
    """It stands under the customer's words as a face and a word; pressed, it asks what is right."""
    mood = newcomer.page.locator("#thread [popovertarget^=mood-]").first
    newcomer.click(mood)
    newcomer.click(newcomer.page.get_by_role("menuitemradio", name="Happy", exact=True))
    expect(mood).to_contain_text("Happy")


def open_the_complaint(newcomer: Newcomer) -> None:
    """Somebody else is angry: his chat says so in the list, and above the conversation stands what to do."""
    page = newcomer.page
    newcomer.click(
        page.locator(".offer").filter(has_text="Chat from").first.get_by_role("button", name="Accept")
    )
    proposal = page.locator("[id^=proposal-]")
    newcomer.click(proposal.locator("input[name=why]"))
    newcomer.type("Third call about the same bill")
    newcomer.click(proposal.get_by_role("button", name="Yes, open a complaint"))
    page.wait_for_url("**/complaints/new*")
    newcomer.click(page.get_by_role("button", name="Open the complaint"))
    page.wait_for_url("**/complaints/CMP-*")

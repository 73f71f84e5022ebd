"""Lines break fifty times while two people write to each other: both read what the database holds, in its order."""

import contextlib
import random
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.conversations.models import Author, Message
from tests.e2e.acts import accept, become_ready, words_of
from tests.e2e.conftest import Organisation, Stage
from tests.e2e.faults import Cable

pytestmark = pytest.mark.browser

CUTS_N = 50
SEED = 20261123
LONGEST_PAUSE_MS = 100
DIALS_AGAIN_WITHIN_MS = 1500  # a browser whose line broke waits that long at most, by its own clock
WRITES = 0.6
PATIENCE_MS = 60_000


class Side:
    """One of the two: his window at the end of a line that breaks."""

    def __init__(self, page: Page, cable: Cable, author: Author, online: str, text: str, send: str) -> None:
        self.page, self.author = page, author
        self._cable, self._online, self._text, self._send = cable, online, text, send
        self._pauses = False
        self.said: list[str] = []

    def write(self) -> None:
        """Write one more line, unless the last one has not left the field; then try to send that."""
        field = self.page.locator(self._text)
        if not field.input_value():
            self.said.append(f"{self.author} says {len(self.said)}")
            field.fill(self.said[-1])
        anyway = self.page.locator("[data-anyway]:visible")
        if anyway.count():  # something arrived meanwhile, and the console asks
            anyway.click()
        else:
            field.press(self._send)

    def is_online(self) -> bool:
        return self.page.locator(self._online).count() > 0

    def cut(self) -> int:
        """Break the line if it stands; how many lines were broken. Where it broke, the browser's clock skips the pause."""
        if self.is_online():
            self._cable.pull()
            self._pauses = True
            return 1
        if self._pauses:
            self.page.clock.fast_forward(DIALS_AGAIN_WITHIN_MS)
            self._pauses = False
        return 0

    def finish(self) -> None:
        """Send what is left, and wait until the line stands."""
        field = self.page.locator(self._text)
        while field.input_value():
            self.write()
            self.page.wait_for_timeout(LONGEST_PAUSE_MS)
        expect(self.page.locator(self._online)).to_have_count(1, timeout=PATIENCE_MS)


@pytest.fixture
def cables(organisation: Organisation) -> Iterator[list[Cable]]:
    """The visitor's line and the agent's."""
    there = urlsplit(organisation.url)
    assert there.hostname
    assert there.port
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(Cable(there.hostname, there.port))) for _ in range(2)]


def test_transcripts_equal_the_database_after_fifty_broken_lines(
    stage: Callable[[str], Stage], cables: list[Cable], database: Engine
) -> None:
    play, words = stage("en"), words_of("en")
    visitors_line, agents_line = cables
    play.organisation.url = agents_line.url
    console, chat = play.window(), play.window(width=420, height=700)
    for page in (console, chat):
        page.clock.install()
    play.sign_in(console, "amy")
    become_ready(console, words)
    chat.goto(f"{visitors_line.url}/widget/frame?key={play.organisation.widget}")
    visitor = Side(chat, visitors_line, Author.CUSTOMER, "#chat-banner[hidden]", "#chat-text", "Enter")
    chat.wait_for_selector("#chat-send:enabled")
    visitor.write()
    accept([console], words, visitor.said[0])
    online = "cc-connection[data-state=online]"
    agent = Side(console, agents_line, Author.AGENT, online, ".composer__text", "Control+Enter")
    quarrel([visitor, agent])
    for side in (visitor, agent):
        side.finish()
    compare(database, visitor, agent)


def quarrel(sides: list[Side]) -> None:
    """Both write while their lines break, at moments that chance (always the same) chooses."""
    chance = random.Random(SEED)
    cuts_n = 0
    while cuts_n < CUTS_N:
        for side in chance.sample(sides, 2):
            if chance.random() < WRITES:
                side.write()
            cuts_n += side.cut()
            side.page.wait_for_timeout(chance.randint(0, LONGEST_PAUSE_MS))


def compare(database: Engine, visitor: Side, agent: Side) -> None:
    """Each line once, each side's own lines in the order he wrote them, and both screens like the rows."""
    said_n = len(visitor.said) + len(agent.said)
    on_visitors_screen = visitor.page.locator("#chat-log .said__body")
    on_agents_screen = agent.page.locator(".timeline .message__text")
    for shown in (on_visitors_screen, on_agents_screen):
        expect(shown).to_have_count(said_n, timeout=PATIENCE_MS)
    with Session(database) as session:
        by_seq = session.scalars(select(Message).order_by(Message.seq)).all()
        by_rev = session.scalars(select(Message).order_by(Message.rev)).all()
    for side in (visitor, agent):
        assert [one.body for one in by_seq if one.author == side.author] == side.said
    people = (Author.CUSTOMER, Author.AGENT)
    assert [one.seq for one in by_seq] == list(range(1, len(by_seq) + 1))
    assert on_visitors_screen.all_text_contents() == [one.body for one in by_seq if one.author in people]
    assert on_agents_screen.all_text_contents() == [one.body for one in by_rev if one.author in people]

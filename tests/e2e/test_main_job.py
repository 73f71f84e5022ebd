"""A customer chats, another calls, a third mails; two agents answer; moods are read; a complaint goes to its follow-up; a
supervisor watches it all happen. In two languages, everybody in real windows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.acts import (
    Say,
    accept,
    answer,
    become_ready,
    investigate,
    mail,
    open_complaint,
    open_widget,
    rate,
    step,
    take_up,
    words_of,
    write,
)
from tests.e2e.conftest import Stage, json_lines

pytestmark = pytest.mark.browser

SAID = {
    "en": {
        "chat": "I am very disappointed. This is the third time I write about my bill. I want a refund!",
        "reply": "Good morning, I am sorry. Let me look at your bill.",
        "mail": "Where does the night tariff begin?",
        "mail_reply": "The night tariff begins at eleven.",
    },
    "zh": {
        "chat": "我太失望了，这已经是第三次反映账单问题，我要投诉并要求退款！",
        "reply": "您好，非常抱歉，我马上核实您的账单。",
        "mail": "请问夜间电价几点开始？",
        "mail_reply": "夜间电价从晚上十一点开始。",
    },
}
CLOSES_WITHIN_S = 30
CLOSED = "Your complaint is closed. If something is not right you may come back to it here."
AMY, CHEN = "Amy Adeyemi", "Chen Jie"


@dataclass(frozen=True)
class Cast:
    """The windows of those who work here; each stays open until the end."""

    amy: Page
    chen: Page
    sam: Page
    ines: Page

    @property
    def agents(self) -> tuple[Page, Page]:
        return self.amy, self.chen


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_main_job(language: str, stage: Callable[[str], Stage], tmp_path: Path) -> None:
    play, say, said = stage(language), words_of(language), SAID[language]
    cast = Cast(*(play.signed_in(login) for login in ("amy", "chen", "sam", "ines")))
    watch_from_now_on(play, cast, say)
    visitor = play.window(width=1100, height=820)
    chat = open_widget(visitor, play.organisation.url)
    chat_and_answer(cast, chat, say, said)
    console = cast.amy.url
    play.shot(cast.amy, "console")
    play.shot(visitor, "widget")
    call_and_hang_up(play, cast, say)
    ask_by_mail(play, cast, say, mail(said["mail"], tmp_path / "mail.eml"), said)
    cast.amy.goto(console)
    follow_to_the_end(play, cast, chat, say)


def watch_from_now_on(play: Stage, cast: Cast, say: Say) -> None:
    """The supervisor opens the wallboard; from here on nobody reloads it."""
    cast.sam.goto(f"{play.organisation.url}/supervisor")
    expect(cast.sam.locator("cc-connection")).to_have_attribute("data-state", "online")
    watched(cast, AMY, say("Away"))


def watched(cast: Cast, name: str, *things: str) -> None:
    """What the supervisor sees beside an agent's name, without touching anything."""
    row = cast.sam.locator("tr[id^=agent-]", has_text=name)
    for thing in things:
        expect(row).to_contain_text(thing)


def chat_and_answer(cast: Cast, chat: Frame, say: Say, said: dict[str, str]) -> None:
    """A customer waits, seen by the supervisor; an agent becomes ready, is offered it, answers live; the model reads it."""
    write(chat, said["chat"])
    expect(cast.sam.locator("tr[id^=work-]")).to_contain_text(say("waiting"))
    become_ready(cast.amy, say)
    accept([cast.amy], say, said["chat"][:20])
    watched(cast, AMY, say("Chat") + " 1")
    expect(cast.sam.locator("tr[id^=work-]")).to_contain_text(AMY)
    answer(cast.amy, said["reply"])
    expect(chat.locator("#chat-log")).to_contain_text(said["reply"])
    expect(cast.amy.locator("#thread")).to_contain_text(say("Unhappy"))
    expect(cast.amy.locator("#thread [id^=proposal-]")).to_be_visible()


def call_and_hang_up(play: Stage, cast: Cast, say: Say) -> None:
    """Another calls from the widget: it rings the second agent, they talk, he hangs up."""
    become_ready(cast.chen, say)
    watched(cast, CHEN, say("Ready"))
    caller = play.window(width=1100, height=820)
    phone = open_widget(caller, play.organisation.url)
    phone.click("#chat-call")
    callee = accept(cast.agents, say, say("Call"))
    phone.wait_for_selector("#call-bar[data-state=connected]")
    expect(callee.locator("cc-call")).to_contain_text(say("Talking"))
    watched(cast, CHEN if callee is cast.chen else AMY, say("Call") + " 1")
    play.shot(callee, "call")
    phone.click("#call-hang-up")
    expect(callee.locator("cc-call")).to_be_hidden()


def ask_by_mail(play: Stage, cast: Cast, say: Say, file: Path, said: dict[str, str]) -> None:
    """A third mails: one more ticket, offered to an agent who has room, read by the model, answered."""
    [line] = json_lines(play.organisation.command("mail", "ingest", "--json", str(file)))
    assert line["created"] is True
    reader = accept(cast.agents, say, said["mail"][:10])
    thread = reader.locator("#thread")
    expect(thread).to_contain_text(said["mail"])
    expect(thread.locator("[popovertarget^=mood-]")).to_have_count(1)
    answer(reader, said["mail_reply"])


def follow_to_the_end(play: Stage, cast: Cast, chat: Frame, say: Say) -> None:
    """A person opens the complaint; its customer follows it by the link that came in his chat, to the follow-up call."""
    reference = open_complaint(cast.amy)
    address = f"{play.organisation.url}/complaints/{reference}"
    link = chat.locator("#chat-log a[href*='/complaint/']").first.get_attribute("href")
    assert link
    customer = play.window(width=1100, height=900)
    rate(customer, link, "expect", expectation="6")
    take_up(cast.amy, "Ines")
    investigate(cast.ines, address)
    someone(play, "paul", address, "communicate")
    customer.goto(link)
    play.shot(customer, "complaint")
    customer.locator("form[action$='/accept'] button").click()
    expect(customer.locator("form[action$='/accept']")).to_have_count(0)
    carry_out(cast, address)
    rate(customer, link, "survey", perception="9", resolved="1")
    someone(play, "ruth", address, "callback", result="done")
    cast.ines.reload()
    play.shot(cast.ines, "case")
    step(
        cast.ines,
        "root_cause",
        level1="system/data",
        level2="two billing runs",
        factor="no lock between them",
    )
    closed_by_itself(customer, say)
    play.shot(cast.sam, "wallboard")


def someone(play: Stage, login: str, address: str, event: str, **values: str) -> None:
    """A person who has had nothing to do with the case does one step of it."""
    page = play.signed_in(login)
    page.goto(address)
    step(page, event, **values)


def carry_out(cast: Cast, address: str) -> None:
    """The remedy is carried out by one and checked by another, each with proof from another system."""
    proof = {"proof.system": "ledger", "proof.id": "credit note 118", "proof.status": "settled"}
    cast.amy.goto(address)
    step(cast.amy, "deliver", **proof)
    cast.ines.reload()
    step(cast.ines, "verify", customer="yes", **proof)


def closed_by_itself(customer: Page, say: Say) -> None:
    """When all that a closing needs is there, the clock closes; its customer reads so."""
    stage = customer.locator("main")
    for _turn in range(CLOSES_WITHIN_S):
        customer.reload()
        if say(CLOSED) in stage.inner_text():
            return
        customer.wait_for_timeout(1000)
    raise AssertionError(stage.inner_text())

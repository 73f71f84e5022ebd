"""A customer chats, another calls, a third mails; agents answer; moods are read; a supervisor watches. In two languages."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.conftest import Stage, json_lines

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "ready": "Ready for work",
        "accept": "Accept",
        "chat": "I am very disappointed. This is the third time I write about my bill. I want a refund!",
        "reply": "Good morning, I am sorry. Let me look at your bill.",
        "mail": "Where does the night tariff begin?",
        "unhappy": "Unhappy",
        "sounds": "sounds like a complaint",
        "talking": "Talking",
        "follow_up": "Follow up",
    },
    "zh": {
        "ready": "可以接单",
        "accept": "接受",
        "chat": "我太失望了，这已经是第三次反映账单问题，我要投诉并要求退款！",
        "reply": "您好，非常抱歉，我马上核实您的账单。",
        "mail": "请问夜间电价几点开始？",
        "unhappy": "不满",
        "sounds": "投诉",
        "talking": "通话中",
    },
}
Play = Callable[[str], Stage]


def open_widget(page: Page, url: str) -> Frame:
    """Go to the shop's page, press the launcher in its corner; the chat's own frame in the closed shadow root."""
    page.goto(f"{url}/widget/demo")
    page.wait_for_selector("candor-chat", state="attached")
    size = page.viewport_size
    assert size is not None
    with page.expect_event("framenavigated", lambda frame: "/widget/frame" in frame.url) as opened:
        page.mouse.click(size["width"] - 50, size["height"] - 50)
    opened.value.wait_for_selector("#chat-send:enabled")
    frame: Frame = opened.value
    return frame


def become_ready(page: Page, words: dict[str, str]) -> None:
    page.click("#presence > button")
    page.get_by_role("menuitemradio", name=words["ready"]).click()
    page.wait_for_selector("#presence[data-state=ready]")


def accept(page: Page, words: dict[str, str], about: str) -> None:
    card = page.locator(".offer", has_text=about)
    card.get_by_role("button", name=words["accept"]).click()
    page.wait_for_url("**/console/tickets/*")


def step(page: Page, event: str, **values: str) -> None:
    """Open one step of a case, fill its form, do it."""
    page.locator(f"#step-{event} > summary").click()
    for name, value in values.items():
        box = page.locator(f"#{event}-{name}")
        tag = box.evaluate("(element) => element.tagName")
        box.select_option(value) if tag == "SELECT" else box.fill(value)
    page.locator(f"#step-{event} form button[type=submit]").click()
    page.wait_for_load_state()


def open_complaint(console: Page) -> str:
    """From the proposal on the ticket to the open case; its reference."""
    proposal = console.locator("[id^=proposal-]")
    proposal.locator("input[name=why]").fill("Third contact about the same bill")
    proposal.locator("button[value=yes]").click()
    console.wait_for_url("**/complaints/new*")
    console.locator("main form button[type=submit]").click()
    console.wait_for_url("**/complaints/CMP-*")
    return console.url.rsplit("/", 1)[1]


def take_up(console: Page) -> None:
    """The ticket's agent writes down the points and names the investigator."""
    step(
        console,
        "admit",
        key_points="Billed twice, nobody answered",
        category="billing",
        severity="2",
        harm="1",
        investigator=option(console, "admit-investigator", "Ines"),
        declaration="none",
    )
    expect(console.locator("#step-admit")).to_have_count(0)


def investigate(page: Page, address: str) -> None:
    """Hear the customer, find evidence, decide, tell."""
    page.goto(address)
    step(page, "start", declaration="none")
    step(page, "contact_attempt", channel="chat", result="confirmed")
    step(page, "evidence", id="ledger", kind="billing record")
    page.locator("#step-propose > summary").click()
    page.locator("#propose-findings-finding-1").select_option("upheld")
    page.locator("#propose-findings-reason-1").fill("The ledger shows two bills for one month.")
    page.locator("input[name=evidence-1]").check()
    page.locator("#propose-loss").fill("0")
    page.locator("#propose-goodwill").fill("0")
    page.locator("#step-propose form button[type=submit]").click()
    page.wait_for_load_state()
    step(page, "communicate")


def accept_by_link(play: Stage, link: str) -> Page:
    """The customer, without an account, reads the decision and accepts it."""
    page = play.window(width=1100, height=900)
    page.goto(link)
    play.shot(page, "complaint")
    page.locator("form[action$='/accept'] button").click()
    expect(page.locator("form[action$='/accept']")).to_have_count(0)
    return page


def carry_out(agent: Page, address: str, checker: Page) -> None:
    """The remedy is carried out by one and checked by another, each with proof from another system."""
    agent.goto(address)
    proof = {"proof-system": "ledger", "proof-id": "credit note 118", "proof-status": "settled"}
    step(agent, "deliver", **proof)
    checker.goto(address)
    step(checker, "verify", customer="yes", **proof)


def say_how_it_went(page: Page, link: str) -> None:
    """What the customer got, beside what he expected."""
    page.goto(link)
    page.locator("input[name=perception][value='9']").check()
    page.locator("input[name=resolved][value='1']").check()
    page.locator("form[action$='/survey'] button").click()
    page.wait_for_load_state()
    assert page.evaluate("window.violations") == []


def option(page: Page, select: str, name: str) -> str:
    """The value of the choice that begins with `name`."""
    found = page.locator(f"#{select} option", has_text=name).first.get_attribute("value")
    assert found
    return found


def mail(text: str, path: Path) -> Path:
    message = EmailMessage()
    message["From"], message["To"] = "Wang Li <wang.li@example.cn>", "help@harbour.example"
    message["Subject"], message["Message-ID"] = text[:30], "<night-tariff@example.cn>"
    message.set_content(text)
    path.write_bytes(message.as_bytes())
    return path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_main_job(language: str, stage: Play, tmp_path: Path) -> None:
    play, words = stage(language), WORDS[language]
    console = play.signed_in("amy" if language == "en" else "chen")
    become_ready(console, words)
    visitor = chat_and_answer(play, console, words)
    chatted_on = console.url
    ask_by_mail(play, console, words, tmp_path / "mail.eml")
    other = play.signed_in("sam")
    call_and_hang_up(play, other)
    console.goto(chatted_on)
    complain_to_the_end(play, console)

    # The supervisor watched it all.
    other.goto(f"{play.organisation.url}/supervisor")
    expect(other.locator("#board")).to_contain_text("Amy Adeyemi" if language == "en" else "Chen Jie 陈洁")
    play.shot(other, "wallboard")
    for page in (console, visitor, other):
        assert page.evaluate("window.violations") == []


def chat_and_answer(play: Stage, console: Page, words: dict[str, str]) -> Page:
    """A customer writes; the router offers it; the agent answers live; the model tags it and proposes a complaint."""
    visitor = play.window(width=1100, height=820)
    chat = open_widget(visitor, play.organisation.url)
    chat.fill("#chat-text", words["chat"])
    chat.press("#chat-text", "Enter")
    accept(console, words, words["chat"][:20])
    expect(console.locator("#thread")).to_contain_text(words["chat"])
    reply = console.locator(".composer__text")
    reply.fill(words["reply"])
    reply.press("Control+Enter")
    expect(chat.locator("#chat-log")).to_contain_text(words["reply"])
    expect(reply).to_have_value("")
    expect(console.locator("#thread")).to_contain_text(words["unhappy"])
    expect(console.locator("#thread [id^=proposal-]")).to_contain_text(words["sounds"])
    play.shot(console, "console")
    play.shot(visitor, "widget")
    return visitor


def ask_by_mail(play: Stage, console: Page, words: dict[str, str], file: Path) -> None:
    """Another customer mails: one more ticket, offered to an agent who has room."""
    output = play.organisation.command("mail", "ingest", "--json", str(mail(words["mail"], file)))
    [line] = json_lines(output)
    assert line["created"] is True
    accept(console, words, words["mail"][:10])
    expect(console.locator("#thread")).to_contain_text(words["mail"])


def call_and_hang_up(play: Stage, other: Page) -> None:
    """A third calls from the widget: it rings the second agent, they talk, they hang up."""
    become_ready(other, WORDS["en"])
    caller = play.window(width=1100, height=820)
    phone = open_widget(caller, play.organisation.url)
    phone.click("#chat-call")
    accept(other, WORDS["en"], "Call from")
    phone.wait_for_selector("#call-bar[data-state=connected]")
    expect(other.locator("cc-call")).to_contain_text(WORDS["en"]["talking"])
    play.shot(other, "call")
    phone.click("#call-hang-up")
    expect(other.locator("cc-call")).to_be_hidden()


def complain_to_the_end(play: Stage, console: Page) -> None:
    """A person opens the complaint; the investigator works on it; its customer follows it by a link, to the follow-up."""
    url = play.organisation.url
    reference = open_complaint(console)
    take_up(console)
    checker = play.signed_in("ines")
    investigate(checker, f"{url}/complaints/{reference}")
    link = play.organisation.tracking_link(reference)
    customer = accept_by_link(play, link)
    carry_out(console, f"{url}/complaints/{reference}", checker)
    say_how_it_went(customer, link)
    checker.reload()
    expect(checker.locator(".stepper [aria-current=step]")).to_contain_text(WORDS["en"]["follow_up"])
    play.shot(checker, "case")

"""What people do on the screens, in any language: `say` turns our English words into those on the screen."""

from collections.abc import Callable, Iterable
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Frame, Locator, Page, expect

from contactcenter.core.i18n import gettext, speaking

Say = Callable[[str], str]
RINGS_WITHIN_MS = 15_000


def words_of(language: str) -> Say:
    """Our words as somebody reads them who has chosen `language`."""

    def say(message: str) -> str:
        with speaking(language):
            return gettext(message)

    return say


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


def write(chat: Frame, text: str) -> None:
    chat.fill("#chat-text", text)
    chat.press("#chat-text", "Enter")


def become_ready(page: Page, say: Say) -> None:
    """Where work waits she is busy at once."""
    page.click("#presence > button")
    page.get_by_role("menuitemradio", name=say("Ready for work")).click()
    page.wait_for_selector("#presence:is([data-state=ready], [data-state=busy])")


def accept(agents: Iterable[Page], say: Say, about: str) -> Page:
    """Whoever is offered what is `about` accepts it; his window, on the ticket."""
    page = whoever([(agent, agent.locator(".offer", has_text=about)) for agent in agents])
    page.locator(".offer", has_text=about).get_by_role("button", name=say("Accept")).click()
    page.wait_for_url("**/console/tickets/*")
    return page


def whoever(candidates: list[tuple[Page, Locator]]) -> Page:
    """The first page on which its thing is seen."""
    for _turn in range(RINGS_WITHIN_MS // 100):
        for page, thing in candidates:
            if thing.count():
                return page
        candidates[0][0].wait_for_timeout(100)
    raise AssertionError("nobody is offered it")


def answer(console: Page, text: str) -> None:
    box = console.locator(".composer__text")
    box.fill(text)
    box.press("Control+Enter")
    expect(box).to_have_value("")
    expect(console.locator("#thread")).to_contain_text(text)


def step(page: Page, event: str, **values: str) -> None:
    """Open one step of a case, fill its form, do it; what was done is not refused."""
    page.locator(f"#step-{event} > summary").click()
    for name, value in values.items():
        box = page.locator(f"[id='{event}-{name}']")
        tag = box.evaluate("(element) => element.tagName")
        box.select_option(value) if tag == "SELECT" else box.fill(value)
    page.locator(f"#step-{event} form button.button--primary").click()
    page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_have_count(0)


def open_complaint(console: Page) -> str:
    """From the proposal on the ticket to the open case; its reference."""
    proposal = console.locator("[id^=proposal-]")
    proposal.locator("input[name=why]").fill("Third contact about the same bill")
    proposal.locator("button[value=yes]").click()
    console.wait_for_url("**/complaints/new*")
    console.locator("main form button[type=submit]").click()
    console.wait_for_url("**/complaints/CMP-*")
    return console.url.rsplit("/", 1)[1]


def take_up(console: Page, investigator: str) -> None:
    """The ticket's agent writes down the points and names the investigator; serious, so that a follow-up call is due."""
    named = option(console, "admit-investigator", investigator)
    points = {"key_points": "Billed twice, nobody answered", "category": "billing"}
    step(console, "admit", **points, severity="3", harm="1", investigator=named, declaration="none")
    expect(console.locator("#step-admit")).to_have_count(0)


def investigate(page: Page, address: str) -> None:
    """Hear the customer, find evidence, draft the decision."""
    page.goto(address)
    step(page, "start", declaration="none")
    step(page, "contact_attempt", channel="chat", result="confirmed")
    step(page, "evidence", id="ledger", kind="billing record")
    page.locator("#step-propose > summary").click()
    page.locator("#propose-finding-1").select_option("upheld")
    page.locator("#propose-reason-1").fill("The ledger shows two bills for one month.")
    page.locator("input[name=evidence-1]").check()
    page.locator("#propose-loss").fill("0")
    page.locator("#propose-goodwill").fill("0")
    page.locator("#step-propose form button.button--primary").click()
    page.wait_for_load_state()


def rate(page: Page, link: str, action: str, **choices: str) -> None:
    """The customer answers a question of his page by choosing."""
    page.goto(link)
    for name, value in choices.items():
        page.locator(f"form[action$='/{action}'] input[name={name}][value='{value}']").check()
    page.locator(f"form[action$='/{action}'] button").click()
    page.wait_for_load_state()


def option(page: Page, select: str, name: str) -> str:
    """The value of the choice that begins with `name`."""
    found = page.locator(f"#{select} option", has_text=name).first.get_attribute("value")
    assert found
    return found


def mail_comes(command: Callable[..., str], text: str, folder: Path) -> None:
    """A customer's mail reaches the running system."""
    command("mail", "ingest", "--json", str(mail(text, folder / "mail.eml")))


def mail(text: str, path: Path) -> Path:
    """A customer's mail as bytes in a file; its subject is how it begins."""
    message = EmailMessage()
    message["From"], message["To"] = "Wang Li <wang.li@example.cn>", "help@harbour.example"
    message["Subject"], message["Message-ID"] = text[:30], f"<{uuid4()}@example.cn>"
    message.set_content(text)
    path.write_bytes(message.as_bytes())
    return path

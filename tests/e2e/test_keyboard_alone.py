"""A whole shift without a mouse: sign in, get ready, accept, answer, note, attach, hand on, solve, break, sign out."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.acts import mail_comes
from tests.e2e.conftest import PASSWORD, Stage

pytestmark = pytest.mark.browser

Play = Callable[[str], Stage]
TABS_MAX = 60


def tab_to(page: Page, goal: Locator, *, back: bool = False) -> None:
    """Press Tab until `goal` has the focus; every stop on the way shows where it is."""
    for _press in range(TABS_MAX):
        if goal.count() and goal.first.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
        assert has_visible_focus(page), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    pytest.fail(f"{goal} cannot be reached with {TABS_MAX} tabs")


def has_visible_focus(page: Page) -> bool:
    """Whether what has the focus, or what stands around it for it, looks different for that."""
    return bool(
        page.evaluate("""() => {
            const one = document.activeElement;
            if (one === document.body) return true;
            const drawn = (element) => {
              const style = getComputedStyle(element);
              return (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
            };
            return [one, one.parentElement, one.closest("label, form, .search")].some((each) => each && drawn(each));
        }""")
    )


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.className + ' ' + document.activeElement.tagName"))


def accept_offer(page: Page, about: str) -> None:
    """`o` leads to the offer, Enter takes it; one can write at once."""
    expect(page.locator(".offer", has_text=about)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page.locator(".offer button.button--primary").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/tickets/*")
    expect(page.locator("#thread")).to_contain_text(about)
    expect(page.locator(".composer__text")).to_be_focused()


def sign_in(page: Page, play: Stage) -> None:
    """Sign in."""
    page.goto(f"{play.organisation.url}/sign-in")
    tab_to(page, page.locator("[name=email]"))
    page.keyboard.type("amy@harbour.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console*")


def get_ready(page: Page) -> None:
    """Get ready, by the menu; Escape closes it and leads back."""
    presence = page.locator("#presence > button")
    ready = page.get_by_role("menuitemradio", name="Ready for work")
    tab_to(page, presence)
    page.keyboard.press("Enter")
    expect(ready).to_be_focused()
    page.keyboard.press("Escape")
    expect(presence).to_be_focused()
    page.keyboard.press("Enter")
    expect(ready).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#presence[data-state=ready]")).to_be_visible()
    expect(presence).to_be_focused()


def answer_mail(page: Page, play: Stage, tmp_path: Path) -> None:
    """Accept an offer and answer it."""
    mail_comes(play.organisation.command, "Where does the night tariff begin?", tmp_path)
    accept_offer(page, "night tariff")
    page.keyboard.type("At ten in the evening.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message--ours, .message[data-author=agent]").last).to_contain_text(
        "At ten in the evening."
    )
    expect(page.locator(".composer__text")).to_be_focused()
    expect(page.locator(".composer__text")).to_have_value("")


def write_note(page: Page) -> None:
    """A note."""
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".composer__text")).to_be_focused()
    page.keyboard.type("Asked twice this week.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message--note")).to_contain_text("Asked twice this week.")
    expect(page.locator(".composer__text")).to_have_value("")


def reply_with_file(page: Page, tmp_path: Path) -> None:
    """A canned reply with a file."""
    page.on("filechooser", lambda _: None)  # from now on a chooser is told of, not drawn
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator(".composer__text")).to_be_focused()
    canned = page.locator("[popovertarget^=canned-]")
    tab_to(page, canned)
    page.keyboard.press("Enter")
    first = page.locator("[id^=canned-] [role=menuitem]").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".composer__text")).to_be_focused()
    expect(page.locator(".composer__text")).not_to_have_value("")
    attach = page.locator("input[name=files]")
    tab_to(page, attach)
    paper = tmp_path / "tariff.txt"
    paper.write_text("22:00 to 06:00")
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Space")
    chosen.value.set_files(paper)
    expect(page.locator("cc-files")).to_contain_text("tariff.txt")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message[data-author=agent]").last).to_contain_text("tariff.txt")


def solve(page: Page) -> None:
    """Solve it; the focus is still on the ticket."""
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".thread__head[data-status=solved]")).to_be_visible()
    assert "BODY" not in focused(page)


def hand_on(page: Page, play: Stage, tmp_path: Path) -> None:
    """Hand another one to a colleague."""
    mail_comes(play.organisation.command, "My meter shows nothing?", tmp_path)
    accept_offer(page, "meter shows")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("[id^=assign-] .menu__item").first).to_be_focused()
    colleague = page.locator("[id^=assign-] .menu__item", has_text="Sam")
    for _press in range(TABS_MAX):
        if colleague.evaluate("(element) => element === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").or_(page.locator(".thread__head"))).not_to_have_count(0)
    assert "BODY" not in focused(page)


def leave(page: Page) -> None:
    """Go to lunch and leave."""
    ready = page.get_by_role("menuitemradio", name="Ready for work")
    presence = page.locator("#presence > button")
    tab_to(page, presence, back=True)
    page.keyboard.press("Enter")
    expect(ready).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#presence[data-state=break]")).to_be_visible()
    tab_to(page, page.locator("[popovertarget=me]"), back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#me [role^=menuitem]").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in*")


def test_a_shift_with_the_keyboard_alone(stage: Play, tmp_path: Path) -> None:
    play = stage("en")
    play.signed_in("sam")
    page = play.window()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    sign_in(page, play)
    get_ready(page)
    answer_mail(page, play, tmp_path)
    write_note(page)
    reply_with_file(page, tmp_path)
    solve(page)
    hand_on(page, play, tmp_path)
    leave(page)
    assert [line for line in said if "Content Security Policy" in line] == []


def test_signing_out_is_not_broken_off_by_being_put_out(stage: Play) -> None:
    """Rooms close before the answer to the sign-out comes: it still leads to the sign-in, and not back to her page later."""
    play = stage("en")
    page = play.window()
    sign_in(page, play)
    get_ready(page)
    page.route("**/sign-out", answer_late)
    page.click("[popovertarget=me]")
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(f"{play.organisation.url}/sign-in")


def answer_late(route: Route) -> None:
    answer = route.fetch(max_redirects=0)
    time.sleep(0.5)
    route.fulfill(response=answer)

"""What customers write, seen in a real browser: nothing of it runs, and the policy has nothing to stop."""

import pytest
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import Brand
from contactcenter.complaints.answers import answer_expectation
from contactcenter.complaints.by_form import Told, complain
from contactcenter.complaints.links import issue_link
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.edge.limits import limiter
from tests.edge.test_words_stay_words import CORPUS
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser

CALLED = "window.ran = []; window.pwned = (...words) => window.ran.push(words)"
POINT = """
for (const one of document.body.querySelectorAll("*"))
  for (const kind of ["mouseover", "mouseenter", "pointerover", "focus"]) one.dispatchEvent(new Event(kind))
"""
"""What a pointer that wanders over the page would set off."""
EVERYTHING = "\n".join(CORPUS)
"""All the words of the corpus, as one text; `pwned()` is what they would call."""


def write_everywhere(town: World) -> tuple[list[str], str]:
    """By mail (as text and as HTML), by chat and by the form: the pages of staff that show it, and the customer's."""
    with unit_of_work() as session:
        mail = Inbound(
            "email",
            town.support.id,
            Sender("email", "wang.li@example.cn", CORPUS[0]),
            EVERYTHING,
            subject=CORPUS[1],
            html=EVERYTHING,
            files=(
                File(CORPUS[1], b"x"),
                File("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='pwned()'/>"),
            ),
        )
        tickets = [receive(session, mail).ticket_id]
        chat = Inbound("chat", town.support.id, Sender("visitor", "v1", CORPUS[2]), EVERYTHING)
        tickets.append(receive(session, chat).ticket_id)
        told = Told(EVERYTHING, "email", "li@example.org", CORPUS[3], "en")
        case = complain(session, session.get_one(Brand, town.brand.id), told)
        answer_expectation(session, case, 3)
        link = "/complaint/" + issue_link(session, case).rsplit("/", 1)[1]
        reference, customer = case.reference, case.customer_id
    pages = [f"/console/tickets/{one}" for one in tickets]
    return [
        *pages,
        "/console?view=all",
        f"/customers/{customer}",
        f"/complaints/{reference}",
        "/complaints",
    ], link


def look(page: Page, path: str) -> None:
    """Open it, point at everything on it."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok, (path, answer.status)
    page.wait_for_load_state("networkidle")
    page.evaluate(POINT)
    assert page.evaluate("window.ran") == [], path
    assert page.evaluate("window.violations") == [], path
    assert page.locator('a[href^="javascript:" i], [onerror], [onload], [onfocus], [onclick]').count() == 0, (
        path
    )
    assert "pwned" in (page.locator("body").text_content() or "") or path in ("/supervisor", "/complaints"), (
        path
    )
    for frame in page.frames[1:]:
        assert frame.locator("script, [onerror], [onload]").count() == 0, (path, frame.url)


def test_nothing_that_customers_write_ever_runs(served: Served, town: World) -> None:
    limiter.reset()
    pages, link = write_everywhere(town)
    for user, paths in ((town.alice, pages[:4]), (town.admin, ["/supervisor"]), (town.petra, pages[4:])):
        page = served.window(user)
        page.add_init_script(CALLED)
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        for path in paths:
            look(page, path)
    customer = served.window()
    customer.add_init_script(CALLED)
    look(customer, f"{link}?lang=en")
    customer.locator("textarea[name=text]").last.fill(EVERYTHING)
    customer.get_by_role("button", name="Send", exact=True).last.click()
    expect(customer.get_by_text("Thank you. We have noted it.")).to_be_visible()
    look(customer, f"{link}?lang=zh")

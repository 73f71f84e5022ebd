"""Every screen: where it is, who looks at it, and what he does before it is judged."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.e2e.acts import become_ready
from tests.e2e.people import Visitor
from tests.e2e.town import FILLED, VISITOR, Town

Prepare = Callable[[Page, Town], None]
LISTS = ("people", "teams", "brands", "queues", "hours", "widgets", "mailboxes", "replies")
TOO_LARGE = 10 * 2**20 + 1


@dataclass(frozen=True)
class Screen:
    """`{names}` in its path are of Town.places. `phone`: whether a telephone has it at all."""

    path: str
    who: str = ""
    prepare: Prepare = field(default=lambda _page, _town: None)
    status: int = 200
    phone: bool = True


def dialog(name: str) -> Prepare:
    def opened(page: Page, _town: Town) -> None:
        page.locator(f"[commandfor={name}][command=show-modal]:visible").first.click()
        expect(page.locator(f"#{name}")).to_be_visible()

    return opened


def menu(name: str) -> Prepare:
    def opened(page: Page, _town: Town) -> None:
        page.locator(f"[popovertarget={name}]:visible").first.click()
        expect(page.locator(f"#{name}")).to_be_visible()

    return opened


def has(*selectors: str) -> Prepare:
    """It is really there, and not an empty page."""

    def seen(page: Page, _town: Town) -> None:
        for selector in selectors:
            expect(page.locator(selector).first).to_be_visible()

    return seen


def offered(page: Page, town: Town) -> None:
    """She is ready, a visitor writes, and the router offers it to her."""
    become_ready(page, town.say)
    visitor = Visitor(town.organisation.url, town.organisation.widget)
    visitor.begin()
    visitor.say("Is anybody there?")
    expect(page.locator(".offer").first).to_be_visible()
    visitor.leave()


def wrong_password(page: Page, _town: Town) -> None:
    page.fill("[name=email]", "nobody@harbour.example")
    page.fill("[name=password]", "wrong")
    page.click("main button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()


def sent_empty(page: Page, _town: Town) -> None:
    """Everything left out that is needed."""
    page.locator("main form").last.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator(".form__summary")).to_be_visible()


def arrived(page: Page, _town: Town) -> None:
    page.wait_for_selector("#chat-send:enabled")


def talking(page: Page, town: Town) -> None:
    """Words of both sides."""
    arrived(page, town)
    page.fill("#chat-text", "Where is my refund?")
    page.press("#chat-text", "Enter")
    expect(page.locator(".said--customer")).to_contain_text(town.say("Sent"))
    town.answer_newest_chat("It left us on Monday.")
    page.reload()
    expect(page.locator("#chat-log")).to_contain_text("It left us on Monday.")


def over(page: Page, town: Town) -> None:
    talking(page, town)
    page.click("[popovertarget=chat-menu]")
    page.click("#chat-leave")
    expect(page.locator("#chat-rating")).to_be_visible()


def calling(page: Page, town: Town) -> None:
    arrived(page, town)
    page.click("#chat-call")
    page.wait_for_selector("#call-bar[data-state=calling]")


def closed(page: Page, town: Town) -> None:
    town.open_queues(open=False)
    page.reload()
    expect(page.locator("#chat-closed")).to_be_visible()
    town.open_queues(open=True)


def cut_off(page: Page, _town: Town) -> None:
    """No way to the server."""
    page.route("**/widget/session", lambda route: route.abort())
    page.reload()
    expect(page.locator("#chat-banner")).to_be_visible()


def too_large(page: Page, town: Town) -> None:
    arrived(page, town)
    file = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": bytes(TOO_LARGE)}
    page.set_input_files("#chat-file", file)  # type: ignore[arg-type]  # a FilePayload is these three
    expect(page.locator("#chat-error")).not_to_be_empty()


CONSOLE = {
    "console without a ticket": Screen("/console?view=mine", "amy"),
    "console, waiting tickets": Screen("/console?view=queue", "amy", has("#rows .row")),
    "console, found nothing": Screen("/console?view=all&q=zzzz", "amy"),
    "console with a chat": Screen("/console/tickets/{chat}", "amy"),
    "console with a mail": Screen("/console/tickets/{mail}", "amy"),
    "console, compose": Screen("/console", "amy", dialog("compose")),
    "console, shortcuts": Screen("/console", "amy", dialog("shortcuts"), phone=False),
    "console, presence": Screen("/console", "amy", menu("presence-menu")),
    "console, myself": Screen("/console", "amy", menu("me")),
    "console with an offer": Screen("/console", "chen", offered),
    "supervisor": Screen("/supervisor", "sam", has("tr[id^=work-]", "#wall-complaints", "tr[id^=agent-]")),
    "supervisor, load": Screen("/supervisor/load", "sam", has("#load table")),
    "supervisor, complaints": Screen("/supervisor/complaints", "sam", has(".heat td[data-heat]")),
    "record": Screen("/record", "amy"),
    "record, a mistake": Screen("/record", "amy", sent_empty),
    "customers": Screen("/customers", "sam"),
    "customer": Screen("/customers/{customer}", "sam"),
    "my settings": Screen("/account", "amy"),
}
COMPLAINTS = {
    "complaints": Screen("/complaints", "ines", has("main table a")),
    "follow-ups": Screen("/complaints/follow-ups", "ruth", has("main table a")),
    "new complaint": Screen("/complaints/new?ticket={mail}", "sam"),
    "complaint case": Screen("/complaints/{case}", "ines"),
    "complaint, where it stands": Screen("/complaints/{case}", "sam"),
    "complaint, as its customer sees it": Screen("/complaint/{token}"),
    "complaint link that has expired": Screen("/complaint/no-such-token", status=404),
    "complaint, ask for a new link": Screen("/complaint"),
}
ADMINISTRATION = {
    "first steps": Screen("/admin", "ada"),
    **{name: Screen(f"/admin/{name}/", "ada") for name in LISTS},
    **{f"{name}, a new one": Screen(f"/admin/{name}/new", "ada") for name in LISTS},
    **{f"{name}, one": Screen(f"/admin/{name}/{{{name}}}", "ada") for name in FILLED},
    "people, a mistake": Screen("/admin/people/new", "ada", sent_empty),
    "people, capacity": Screen("/admin/people/{people}/capacity", "ada"),
    "tokens": Screen("/admin/tokens/", "ada"),
    "sources": Screen("/admin/sources/", "ada"),
    "routing": Screen("/admin/routing/", "ada"),
    "history": Screen("/admin/history/", "ada"),
}
CHAT = "/widget/frame?key={widget}"
WIDGET = {
    "a shop with the widget": Screen("/widget/demo"),
    "widget": Screen(CHAT, VISITOR, arrived),
    "widget in a chat": Screen(CHAT, VISITOR, talking),
    "widget, the chat is over": Screen(CHAT, VISITOR, over),
    "widget, calling": Screen(CHAT, VISITOR, calling),
    "widget, closed": Screen(CHAT, VISITOR, closed),
    "widget, cut off": Screen(CHAT, VISITOR, cut_off),
    "widget, a mistake": Screen(CHAT, VISITOR, too_large),
    "a widget that is not there": Screen("/widget/frame?key=wk_nothing", status=404),
}
SCREENS = {
    "sign in": Screen("/sign-in"),
    "sign in with a wrong password": Screen("/sign-in", prepare=wrong_password),
    "nothing there": Screen("/no-such-page", status=404),
    "nothing there for staff": Screen("/console/tickets/999999", "amy", status=404),
    "forbidden": Screen("/admin/people/", "amy", status=403),
    **CONSOLE,
    **COMPLAINTS,
    **ADMINISTRATION,
    **WIDGET,
}

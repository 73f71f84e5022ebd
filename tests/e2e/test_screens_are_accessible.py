"""Every screen, light on a desk and dark on a telephone: no fault for a screen reader, nothing blocked, nothing cut off."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.assignment.service import take_conversation
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.email.models import Mailbox
from contactcenter.cli.demo_data import STORIES
from contactcenter.cli.demo_stories import tell_stories
from contactcenter.cli.system import System
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import add_note, receive, reply
from contactcenter.core.config import get_settings
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner
from tests.e2e.acts import become_ready, words_of
from tests.e2e.conftest import Organisation, Stage, fresh_organisation
from tests.e2e.faults import Visitor
from tests.web.served import DESK, PHONE, faults, overflow

pytestmark = pytest.mark.browser

Prepare = Callable[[Page], None]
LISTS = ("people", "teams", "brands", "queues", "hours", "widgets", "mailboxes", "replies")
FILLED = {
    "people": User.id,
    "teams": Team.id,
    "brands": Brand.id,
    "queues": Queue.id,
    "hours": BusinessHours.id,
    "mailboxes": Mailbox.id,
    "widgets": WidgetKey.id,
    "replies": CannedReply.id,
}


SETTLED = """
() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
  .map((one) => one.finished))
"""
"""What fades in is there; what turns for ever need not stop."""


@dataclass(frozen=True)
class Screen:
    """Where it is, who looks at it, and what he does before it is judged. `{names}` are of Town.places.

    `phone`: whether a telephone has it at all.
    """

    path: str
    who: str = ""
    prepare: Prepare = field(default=lambda _page: None)
    phone: bool = True


def dialog(name: str) -> Prepare:
    def opened(page: Page) -> None:
        page.locator(f"[commandfor={name}][command=show-modal]:visible").first.click()
        expect(page.locator(f"#{name}")).to_be_visible()

    return opened


def menu(name: str) -> Prepare:
    def opened(page: Page) -> None:
        page.locator(f"[popovertarget={name}]:visible").first.click()
        expect(page.locator(f"#{name}")).to_be_visible()

    return opened


def offered(page: Page) -> None:
    """She is ready, a visitor writes, and the router offers it to her."""
    become_ready(page, words_of("zh"))
    visitor = Visitor(page.url.partition("/console")[0], Town.widget)
    visitor.begin()
    visitor.say("Is anybody there?")
    expect(page.locator(".offer").first).to_be_visible()
    visitor.leave()


def wrong_password(page: Page) -> None:
    page.fill("[name=email]", "nobody@harbour.example")
    page.fill("[name=password]", "wrong")
    page.click("main button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()


def saved_empty(page: Page) -> None:
    """Everything left out that is needed."""
    page.locator("main form").last.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator(".form__summary")).to_be_visible()


SCREENS = {
    "sign in": Screen("/sign-in"),
    "sign in in Chinese": Screen("/sign-in?lang=zh"),
    "sign in with a wrong password": Screen("/sign-in", prepare=wrong_password),
    "nothing there": Screen("/no-such-page"),
    "nothing there for staff": Screen("/console/tickets/999999", "amy"),
    "forbidden": Screen("/admin/people/", "amy"),
    "console without a ticket": Screen("/console?view=mine", "amy"),
    "console, waiting tickets": Screen("/console?view=queue", "amy"),
    "console, found nothing": Screen("/console?view=all&q=zzzz", "amy"),
    "console with a chat": Screen("/console/tickets/{chat}", "amy"),
    "console with a mail": Screen("/console/tickets/{mail}", "amy"),
    "console, compose": Screen("/console", "amy", dialog("compose")),
    "console, shortcuts": Screen("/console", "amy", dialog("shortcuts"), phone=False),
    "console, presence": Screen("/console", "amy", menu("presence-menu")),
    "console, myself": Screen("/console", "amy", menu("me")),
    "console with an offer, in Chinese": Screen("/console", "chen", offered),
    "supervisor": Screen("/supervisor", "sam"),
    "complaints": Screen("/complaints", "ines"),
    "new complaint": Screen("/complaints/new?ticket={mail}", "sam"),
    "complaint case": Screen("/complaints/{case}", "ines"),
    "complaint, where it stands": Screen("/complaints/{case}", "sam"),
    "complaint, as its customer sees it": Screen("/complaint/{token}"),
    "complaint link that has expired": Screen("/complaint/no-such-token"),
    "customers": Screen("/customers", "sam"),
    "customer": Screen("/customers/{customer}", "sam"),
    "record": Screen("/record", "amy"),
    "my settings": Screen("/account", "amy"),
    **{f"{name}": Screen(f"/admin/{name}/", "ada") for name in LISTS},
    **{f"{name}, a new one": Screen(f"/admin/{name}/new", "ada") for name in LISTS},
    **{f"{name}, one": Screen(f"/admin/{name}/{{{name}}}", "ada") for name in FILLED},
    "people, a mistake": Screen("/admin/people/new", "ada", saved_empty),
    "tokens": Screen("/admin/tokens/", "ada"),
    "history": Screen("/admin/history/", "ada"),
    "a shop with the widget": Screen("/widget/demo"),
    "the widget's chat": Screen("/widget/frame?key={widget}"),
    "a widget that is not there": Screen("/widget/frame?key=wk_nothing"),
}


def opened_for(stage: Stage, who: str, *, phone: bool) -> Page:
    """A window on a desk by day, or on a telephone at night."""
    size = PHONE if phone else DESK
    page = stage.window(width=size["width"], height=size["height"], dark=phone)
    if who:
        stage.sign_in(page, who)
    return page


class Town:
    """An organisation with stories, and a window for everybody who looks at it; signed in once."""

    widget = ""

    def __init__(self, chromium: Browser, organisation: Organisation, places: dict[str, object]) -> None:
        self.stage = Stage(chromium, organisation)
        self.places = places
        self._windows: dict[tuple[str, bool], Page] = {}
        Town.widget = organisation.widget

    def window(self, who: str, *, phone: bool) -> Page:
        if (who, phone) not in self._windows:
            self._windows[who, phone] = opened_for(self.stage, who, phone=phone)
        return self._windows[who, phone]

    def show(self, screen: Screen, *, phone: bool) -> Page:
        page = self.window(screen.who, phone=phone)
        page.goto(self.stage.organisation.url + screen.path.format(**self.places))
        if screen.path.startswith("/console") and page.locator("#presence").count():
            expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
            expect(page.locator("#presence button").first).to_be_visible()
        screen.prepare(page)
        return page


@pytest.fixture(scope="module")
def town(system: System, database: Engine, chromium: Browser) -> Iterator[Town]:
    organisation = fresh_organisation(system, database)
    patch = pytest.MonkeyPatch()
    patch.setenv("SECRET_KEY", (system.settings.state_dir / "secret_key").read_text())
    get_settings.cache_clear()
    with Session(database) as session:
        places = furnish(session)
        session.commit()
    town = Town(chromium, organisation, {**places, "widget": organisation.widget})
    yield town
    town.stage.close()
    assert town.stage.complaints == []
    patch.undo()
    get_settings.cache_clear()


def furnish(session: Session) -> dict[str, object]:
    """Stories, a chat in Amy's hands, a complaint with its link, one of everything; where to find them."""
    tell_stories(session, 0, len(STORIES), len(STORIES), random.Random(1))
    amy = session.scalars(select(User).where(User.name.startswith("Amy"))).one()
    queue = session.scalars(select(Queue).where(Queue.name == "General")).one()
    sender = Sender("visitor", "0" * 32, "Wang Li 王丽")
    said = receive(
        session, Inbound("chat", queue.id, sender, "我的电费单不对，太让人失望了！", language="zh")
    )
    chat = session.get_one(Conversation, said.conversation_id)
    assign_owner(session, chat.ticket, amy, actor=amy.actor)
    take_conversation(session, amy, chat.id)
    reply(session, amy, chat, "您好，非常抱歉，我马上核实。")
    add_note(session, amy, chat, "Third time. Offer a credit?")
    mail = session.scalars(select(Ticket).where(Ticket.owner_id == amy.id)).first()
    angry = session.scalars(select(Ticket).where(Ticket.subject.startswith("Third time"))).first()
    assert mail is not None
    assert angry is not None
    case = open_case(session, angry, actor="system", text="Nobody reads my meter.", channel="email")
    places: dict[str, object] = {"chat": chat.ticket_id, "mail": mail.id}
    places |= {"case": case.reference, "token": issue_link(session, case).rpartition("/")[2]}
    places |= {"customer": angry.customer_id}
    return places | {name: session.scalar(select(func.min(column))) for name, column in FILLED.items()}


DEVICES = [
    pytest.param(name, phone, id=f"{name}, {'phone' if phone else 'desk'}")
    for name, screen in SCREENS.items()
    for phone in ((False, True) if screen.phone else (False,))
]


@pytest.mark.parametrize(("name", "phone"), DEVICES)
def test_screen_is_clean(town: Town, name: str, *, phone: bool) -> None:
    judge(town.show(SCREENS[name], phone=phone), phone=phone)


def judge(page: Page, *, phone: bool) -> None:
    page.evaluate(SETTLED)
    assert faults(page) == []
    if phone:
        assert overflow(page) <= 0, "something is cut off"

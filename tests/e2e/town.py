"""An organisation with stories, and a window for everybody who looks at it; signed in once."""

import random

from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.assignment.service import take_conversation
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.email.models import Mailbox
from contactcenter.cli.demo_cases import open_dossiers
from contactcenter.cli.demo_data import STORIES
from contactcenter.cli.demo_stories import tell_stories
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import add_note, receive, reply
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner
from tests.e2e.acts import Say, words_of
from tests.e2e.conftest import Organisation, Stage

VISITOR = "visitor"
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
"""What one of each is looked at of."""


class Town:
    """Everybody speaks one language at a time; `places` fills the `{names}` in the addresses of screens."""

    def __init__(self, chromium: Browser, organisation: Organisation) -> None:
        self.organisation = organisation
        self._stages = {language: Stage(chromium, organisation, language) for language in ("en", "zh")}
        self._windows: dict[tuple[str, str], Page] = {}
        self._language = ""
        with Session(organisation.database) as session:
            self.places = furnish(session) | {"widget": organisation.widget}
            session.commit()

    @property
    def say(self) -> Say:
        return words_of(self._language)

    def window(self, who: str, language: str) -> Page:
        """`who` has signed in there; "" has not, and VISITOR has never been here before."""
        if language != self._language:
            self.organisation.speak(language)
            self._language = language
        if who == VISITOR and (who, language) in self._windows:
            self._windows.pop((who, language)).context.close()
        if (who, language) not in self._windows:
            self._windows[who, language] = self._opened(who, language)
        return self._windows[who, language]

    def _opened(self, who: str, language: str) -> Page:
        page = self._stages[language].window()
        if who not in ("", VISITOR):
            self._stages[language].sign_in(page, who)
        return page

    def open_queues(self, *, open: bool) -> None:
        """Whether anybody is there to answer."""
        with Session(self.organisation.database) as session:
            session.execute(update(Queue).values(open=open))
            session.commit()

    def answer_newest_chat(self, text: str) -> None:
        """Amy takes it and answers. Nobody's page is told: who looks again sees it."""
        with Session(self.organisation.database) as session:
            newest = (
                select(Conversation).where(Conversation.channel == "chat").order_by(Conversation.id.desc())
            )
            answer(session, session.scalars(newest).first(), text)
            session.commit()

    def close(self) -> None:
        """Nothing may have gone wrong in any window."""
        for stage in self._stages.values():
            stage.close()
        assert [line for stage in self._stages.values() for line in stage.complaints] == []


def furnish(session: Session) -> dict[str, object]:
    """Stories, a chat in Amy's hands, complaints at every step, one of everything; where to find them."""
    tell_stories(session, 0, len(STORIES), len(STORIES), random.Random(1))
    open_dossiers(session)
    queue = session.scalars(select(Queue).where(Queue.name == "General")).one()
    said = receive(
        session,
        Inbound(
            "chat",
            queue.id,
            Sender("visitor", "0" * 32, "Wang Li 王丽"),
            "我的电费单不对，太让人失望了！",
            language="zh",
        ),
    )
    chat = session.get_one(Conversation, said.conversation_id)
    amy = answer(session, chat, "您好，非常抱歉，我马上核实。")
    add_note(session, amy, chat, "Third time. Offer a credit?")
    receive(
        session,
        Inbound("chat", queue.id, Sender("visitor", "1" * 32, "Tom"), "Is anybody there?", language="en"),
    )
    mail = session.scalars(select(Ticket).where(Ticket.owner_id == amy.id)).first()
    angry = session.scalars(select(Ticket).where(Ticket.subject.startswith("Third time"))).first()
    assert mail is not None
    assert angry is not None
    case = open_case(session, angry, actor="system", text="Nobody reads my meter.", channel="email")
    places: dict[str, object] = {"chat": chat.ticket_id, "mail": mail.id}
    places |= {"case": case.reference, "token": issue_link(session, case).rpartition("/")[2]}
    places |= {"customer": angry.customer_id}
    return places | {name: session.scalar(select(func.min(column))) for name, column in FILLED.items()}


def answer(session: Session, chat: Conversation | None, text: str) -> User:
    assert chat is not None
    amy = session.scalars(select(User).where(User.name.startswith("Amy"))).one()
    assign_owner(session, chat.ticket, amy, actor=amy.actor)
    take_conversation(session, amy, chat.id)
    reply(session, amy, chat, text)
    return amy

"""Whatever a customer writes stays words: on no page does it become an element, an attribute or an address."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.links import issue_link
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Attachment
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.clock import now
from contactcenter.surveys.service import About, answer
from contactcenter.tickets.models import Ticket
from tests.edge.hostile import House, build_house, doors
from tests.world import World

MARK = "pwned"
CORPUS = (
    f"<script {MARK}>{MARK}()</script>",
    f'"><img src=x onerror={MARK}()>',
    f"' autofocus onfocus={MARK}() x='",
    f"</textarea></title></style></script><svg onload={MARK}()>",
    f"javascript:{MARK}()",
    f"{{{{ {MARK} }}}}{{% {MARK} %}}${{{MARK}}}",
    f"<a href='javascript:{MARK}()' hx-on:click='{MARK}()' hx-get='/{MARK}'>x</a>",
)
INERT = re.compile(r"value|content|title|aria-label|alt|placeholder|data-(?!hx-)[a-z-]+")


class Seen(HTMLParser):
    """What of a page holds the mark where a browser would act on it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if MARK in name or (MARK in (value or "") and not INERT.fullmatch(name)):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.lasttag in ("script", "style") and MARK in data:
            self.found.append(f"in <{self.lasttag}>: {data}")


def write(session: Session, world: World, house: House) -> Iterator[dict[str, int | str]]:
    """A mail and a complaint of each kind of words, as subject, body, name of the sender and of a file, comment of a survey."""
    for n, words in enumerate(CORPUS):
        sender = Sender("email", f"wang{n}@example.cn", words)
        files = (File(words, b"x"),)
        received = receive(
            session, Inbound("email", world.support.id, sender, words, subject=words, files=files)
        )
        ticket = session.get_one(Ticket, received.ticket_id)
        case = open_case(
            session, ticket, actor=world.bob.actor, text=words, channel="form", received_at=now()
        )
        for about in (
            About("conversation", str(received.conversation_id)),
            About("complaint", case.reference),
        ):
            answer(session, about, "csat", 2, customer_id=ticket.customer_id, comment=words)
        yield {
            **house.things,
            "ticket_id": ticket.id,
            "conversation_id": received.conversation_id,
            "message_id": received.message_id,
            "customer_id": ticket.customer_id,
            "reference": case.reference,
            "token": issue_link(session, case).rsplit("/", 1)[1],
            "attachment_id": session.scalars(select(Attachment.id).order_by(Attachment.id.desc())).first()
            or 0,
        }


def test_no_page_takes_a_customers_words_for_its_own(app: Flask, db_session: Session, world: World) -> None:
    house, wrong, shown = build_house(app, db_session, world), [], 0
    for things in write(db_session, world, house):
        db_session.commit()
        there = House(things, house.client, house.cookies, house.form_token, house.token)
        for door in doors(app, there):
            if door.method == "GET" and not door.speaks_json:
                with door.knock() as page_shown:
                    if page_shown.mimetype == "text/html":
                        page = Seen()
                        page.feed(page_shown.get_data(as_text=True))
                        wrong += [f"{door.name}: {one}" for one in page.found]
                        shown += MARK in page.words
    assert shown > 5 * len(CORPUS)
    assert not wrong, "\n".join(wrong)

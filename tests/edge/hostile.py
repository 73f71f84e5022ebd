"""Everything at every address: a house full of real things, and what somebody hostile would send them.

Which fields a view reads is learnt by watching it, so that a new route is attacked without a line here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, Request
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from contactcenter.accounts.models import Role
from contactcenter.accounts.tokens import create_token_for
from contactcenter.assignment.models import Offer
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.channels.email.models import Mailbox
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Attachment
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.clock import now
from contactcenter.edge.limits import limiter
from contactcenter.edge.sessions import COOKIE as SESSION
from contactcenter.edge.visitors import issue_token
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TEN_MB = b"x" * (11 * 1024 * 1024)
WORDS = ("", "9" * 40, "²☃\u202e' OR 1=1 --<b>", "x" * 3000)
NASTY = ("9" * 40,)
DATES = ("0001-01-01T00:00", "9999-12-31T23:59")
GOOD = {  # what lets a form through, so that one wrong field is met alone; whatever is not named here is 1
    **dict.fromkeys(("subject", "body", "text", "name", "title", "why", "reason", "shortcut"), "x"),
    "language": "en",
    "zone": "UTC",
    "theme": "auto",
    "roles": "agent",
    "role": "agent",
    "email": "n@example.org",
    "status": "open",
    "kind": "question",
    "mode": "note",
    "client_id": "12345678",
    "sentiment": "neutral",
    "until": "1h",
    "answer": "no",
    "state": "ready",
    "received_at": "2026-11-02T09:30",
    "form": "letter",
    "to": "queue:1",
    "slug": "new",
    "sites": "https://shop.example",
    "password": "correct horse battery",
    "address": "n@example.org",
    "value": "n@example.org",
    "owner": "",
    "version": "1",
    "holidays": "",
    "imap_host": "",
    "smtp_host": "",
    "skills": "",
    "auth": "password",
    "channel": "form",
}
BROKEN = (b"%ed%a0%80", b"%00")
VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    10**40,
    1e300,
    "",
    "x" * 3000,
    "\ud800",
    "a\x00b",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59Z",
    [],
    {},
    [{}],
    {"id": []},
)
BODIES = (b"", b"{", b"null", b"[]", b'"x"', b"7", b"NaN", b"\xff\xfe{}", b"[" * 50_000, b'{"": 1}')
NOT_FIELDS = {"csrf_token"}  # a proof, tested elsewhere
HEADERS: tuple[dict[str, str], ...] = (
    {
        "If-Match": "x" * 3000,
        "If-Modified-Since": "yesterday",
        "Range": "bytes=9-1,-,x",
        "Idempotency-Key": "\x80",
        "X-Request-Id": "' OR 1=1",
        "X-Forwarded-For": "x, \x80",
        "X-Forwarded-Host": "evil.example",
        "Accept": "\x80/;q=x",
        "Accept-Language": ";;q=9,\x80",
        "User-Agent": "\x80" * 999,
    },
    {
        "HX-Request": "true",
        "HX-Current-URL": "http://[",
        "Referer": "http://[",
        "Origin": "http://[",
        "Cookie": "candor_language=\x80; theme=\x00\x80; candor_session=\x80; candor_known=\x80",
    },
)


class Watched(ImmutableMultiDict[str, str]):
    """The fields of a request, which note who asks for them."""

    asked: set[str] = set()  # noqa: RUF012  emptied for each route

    def get(self, key: str, *more: Any, **named: Any) -> Any:  # Any: as the parent
        self.asked.add(key)
        return super().get(key, *more, **named)

    def getlist(self, key: str, *more: Any, **named: Any) -> Any:  # Any: as the parent
        self.asked.add(key)
        return super().getlist(key, *more, **named)


class WatchedRequest(Request):
    parameter_storage_class = Watched


@dataclass(frozen=True, slots=True)
class House:
    """Ids of real things by the names that routes give them, and somebody who may do everything."""

    things: Mapping[str, int | str]
    client: FlaskClient
    cookies: str
    form_token: str
    token: str


def build_house(app: Flask, session: Session, world: World) -> House:
    world.bob.roles = [role.value for role in Role if role is not Role.SALES]
    sender = Sender("email", "wang.li@example.cn")
    files = (File("photo.txt", b"what arrived"),)
    received = receive(session, Inbound("email", world.support.id, sender, "It is broken.", files=files))
    complaint = receive(session, Inbound("form", world.support.id, sender, "Still broken."))
    case = open_case(
        session,
        session.get_one(Ticket, complaint.ticket_id),
        actor=world.bob.actor,
        text="Still broken.",
        channel="form",
        received_at=now(),
    )
    offer = Offer(conversation_id=received.conversation_id, user_id=world.bob.id, offered_at=now())
    widget = WidgetKey(brand=world.brand, queue=world.support)
    save_widget(session, widget, actor="system", name="Shop", sites=["https://shop.example"])
    mailbox = Mailbox(address="help@harbour.example", brand=world.brand, queue=world.support)
    reply = CannedReply(shortcut="hi", title="Hi", body="Hello", language="en")
    hours = BusinessHours(name="Day", zone="UTC", week=[[] for _day in range(7)])
    session.add_all([offer, mailbox, reply, hours])
    token = create_token_for(session, world.bob, name="hostile", actor="system")
    session.commit()
    browser = Browser(app, world.bob)
    things: dict[str, int | str] = {
        "user_id": world.alice.id,
        "team_id": world.team.id,
        "brand_id": world.brand.id,
        "queue_id": world.support.id,
        "hours_id": hours.id,
        "widget_id": widget.id,
        "mailbox_id": mailbox.id,
        "reply_id": reply.id,
        "customer_id": received_customer(session, received.ticket_id),
        "conversation_id": received.conversation_id,
        "ticket_id": received.ticket_id,
        "message_id": received.message_id,
        "attachment_id": session.scalars(select(Attachment.id)).one(),
        "offer_id": offer.id,
        "reference": case.reference,
        "event": "comment",
        "action": "reply",
        "token": issue_link(session, case).rsplit("/", 1)[1],
        "visitor": issue_token(widget.id, world.support.id),
    }
    session.commit()
    form_token = browser.form_token()
    jar = {name: browser.client.get_cookie(name) for name in (SESSION, "candor_form")}
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in jar.items() if cookie)
    return House(things, app.test_client(use_cookies=False), cookies, form_token, token)


def received_customer(session: Session, ticket_id: int) -> int:
    return session.get_one(Ticket, ticket_id).customer_id


@dataclass(frozen=True, slots=True)
class Door:
    """One route and method, ready to be knocked at."""

    house: House
    rule: Rule
    method: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    def knock(
        self, query: str = "", *, path: str = "", data: Any = None, kind: str = FORM, **headers: str
    ) -> TestResponse:
        """One request with every proof that this door may want; `data` may be bytes or fields."""
        proofs = {
            "Authorization": f"Bearer {self.house.things['visitor'] if self.is_widget else self.house.token}",
            "X-CSRFToken": self.house.form_token,
            "Origin": "http://localhost",
            **({"If-Match": "1"} if self.method == "PATCH" else {}),
            "Cookie": self.house.cookies,
        }
        limiter.reset()
        return self.house.client.open(
            path or self.address(),
            method=self.method,
            query_string=query,
            data=data,
            content_type=kind if data is not None else None,
            headers={**proofs, **headers},
        )

    @property
    def is_widget(self) -> bool:
        return self.rule.rule.startswith("/widget/")

    @property
    def speaks_json(self) -> bool:
        return self.rule.rule.startswith("/api/") or self.rule.rule == "/widget/session"

    def address(self, wrong: str | None = None, at: str = "") -> str:
        """The rule's address; the argument `at` is `wrong`, already quoted."""

        def fill(match: re.Match[str]) -> str:
            name = match[1].rpartition(":")[2]
            return wrong if wrong is not None and name == at else quote(str(self.thing(name)))

        return re.sub(r"<([^>]+)>", fill, self.rule.rule)

    def thing(self, name: str) -> int | str:
        """A real thing's id; `thing_id` is one of the kind that the address is about."""
        kind = {"people": "user", "replies": "reply", "mailboxes": "mailbox", "hours": "hours"}
        about = self.rule.rule.split("/")[2] if name == "thing_id" else ""
        return self.house.things.get(f"{kind.get(about, about[:-1])}_id" if about else name, 1)

    def good(self, names: set[str]) -> dict[str, str]:
        """Fields that let the form through, or nearly."""
        things = {name.removesuffix("_id"): str(value) for name, value in self.house.things.items()}
        known = {
            **dict.fromkeys(names, "1"),
            **things,
            **{f"{name}_id": value for name, value in things.items()},
        }
        return {name: GOOD.get(name, known[name]) for name in names}

    def address_in_openapi(self) -> str:
        return re.sub(r"<(?:int:)?([^>]+)>", r"{\1}", self.rule.rule)


def written(value: object) -> bytes:
    """JSON as only a program that means harm writes it: lone surrogates, numbers beyond every column."""
    return json.dumps(value).encode()


def doors(app: Flask, house: House) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or ()):
                yield Door(house, rule, method)


@contextmanager
def nothing_happened(session: Session) -> Iterator[None]:
    """Whatever a knock changes is undone, so that every door is met as it was."""
    savepoint = session.connection().begin_nested()
    yield
    session.expire_all()
    savepoint.rollback()


def sentence(answer: TestResponse) -> str:
    """What a refusal says: to a program, beside a page, on a page of its own, or at the fields of a form."""
    if answer.is_json:
        said = answer.get_json()
        words = said["error"]["message"] if "error" in said else said["violations"][0]["message"]
        return str(words)
    page = answer.headers.get("HX-Trigger", "") + answer.text
    found = re.search(r'(cc:toast|state__title|role="alert"|field__error|class="banner)', page)
    return found[1] if found else ""

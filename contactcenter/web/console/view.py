"""What the console's templates are given. Everything is read here; templates ask nothing of the database.

Partials that are pushed live (`_row`, `_message`, `_head`, `_proposal`, `_offer`, `_presence`) take models and a Glance
only, so that `live.console` can render them below this floor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.silence import is_silent
from contactcenter.assignment.wrap_up import WrapUp, wrap_up_of
from contactcenter.conversations.access import may_reply
from contactcenter.conversations.analysis import is_off
from contactcenter.conversations.glance import NOTHING, Glance, glances, moods
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import channel_of
from contactcenter.conversations.queries import conversations_of, earlier
from contactcenter.conversations.service import latest_conversation
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as marked
from contactcenter.core.ids import new_token
from contactcenter.core.paging import Page
from contactcenter.queues.queries import queues_seen_by
from contactcenter.tickets.drafts import drafts_of
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.queries import (
    COUNT_CAP,
    TicketFilter,
    count_tickets,
    list_tickets,
    tickets_of_customer,
)
from contactcenter.web.console.happenings import Happening, happenings
from contactcenter.web.customers.claims import ClaimsView, claims_view

ROWS_SHOWN = 50
ROWS_MOST = 300  # a list in the browser is not longer
LINES_SHOWN = 50
HOLD_S = 5  # how long a live reply can be undone by who wants that
NEWEST = 2**31 - 1  # above every rev

VIEWS = {
    "mine": marked("Mine"),
    "queue": marked("Queue"),
    "all": marked("All"),
    "complaints": marked("Complaints"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One list with the number of its rows."""

    key: str
    label: str
    n: int

    @property
    def shown_n(self) -> str:
        """`1000+` where the exact number would help nobody; empty for none."""
        if self.n >= COUNT_CAP:
            return f"{COUNT_CAP}+"
        return str(self.n) if self.n else ""


@dataclass(frozen=True, slots=True)
class ListView:
    """The list pane. `rooms` are where changes of its rows are told; `url` fetches it anew.

    `analysis_off`: no model reads messages now, so moods are missing or coarse.
    """

    view: str
    words: str
    tabs: Sequence[Tab]
    rows: Sequence[tuple[Ticket, Glance]]
    next: str | None
    queue_ids: Sequence[int]
    analysis_off: bool = False

    @property
    def url(self) -> str:
        return _address("/console", view=self.view, q=self.words)

    @property
    def next_url(self) -> str:
        return _address("/console/rows", view=self.view, q=self.words, after=self.next or "")

    @property
    def rooms(self) -> list[str]:
        return [f"queue:{queue_id}" for queue_id in self.queue_ids]


@dataclass(frozen=True, slots=True)
class Day:
    """The first line of a day, in the reader's zone."""

    at: datetime
    type: Literal["day"] = "day"


@dataclass(frozen=True, slots=True)
class Said:
    """A message or note with its conversation."""

    message: Message
    conversation: Conversation
    type: Literal["message"] = "message"

    @property
    def at(self) -> datetime:
        return self.message.created_at


Line = Day | Said | Happening


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The conversation and the customer. `rev` is the last one shown; `earlier_url` leads further back.

    `hold_s`: how long the browser keeps a reply before sending it, so that it can be undone.
    """

    ticket: Ticket
    lines: Sequence[Line]
    rev: int
    earlier_url: str | None
    moods: Sequence[float]
    conversation: Conversation | None
    wrap_up: WrapUp | None
    silent: bool
    may_reply: bool
    hold_s: int
    draft: str
    draft_internal: str
    client_id: str
    history: Sequence[Ticket]
    complaints: Sequence[Ticket]
    claimed: ClaimsView


def list_view(
    session: Session, user: User, view: str, words: str = "", after: str | None = None, at_least: int = 1
) -> ListView:
    """One page of a list, or as many as hold `at_least` rows. Words search everything, whichever list is open."""
    wanted = _narrowed(user, view, words)
    rows: list[tuple[Ticket, Glance]] = []
    while True:
        page = list_tickets(session, user, wanted, after=after, limit=ROWS_SHOWN)
        rows += with_glances(session, page)
        after = page.next
        if after is None or len(rows) >= at_least:
            break
    queue_ids = [queue.id for queue in queues_seen_by(session, user)]
    return ListView(view, words, tabs(session, user), rows, after, queue_ids, is_off(session))


def tabs(session: Session, user: User) -> list[Tab]:
    """The lists with their counts: counted by the very filters that list them."""
    return [
        Tab(key, _(label), count_tickets(session, user, _narrowed(user, key, "")))
        for key, label in VIEWS.items()
    ]


def with_glances(session: Session, page: Page[Ticket]) -> list[tuple[Ticket, Glance]]:
    """Each ticket of a page with what was said last."""
    seen = glances(session, [ticket.id for ticket in page.items])
    return [(ticket, seen.get(ticket.id, NOTHING)) for ticket in page.items]


def _narrowed(user: User, view: str, words: str) -> TicketFilter:
    if words:
        return TicketFilter(words=words)
    if view == "mine":
        return TicketFilter(owner_id=user.id, live_only=True)
    if view == "queue":
        return TicketFilter(unowned=True, live_only=True)
    return TicketFilter(complaints=view == "complaints", live_only=True)


def thread_view(session: Session, user: User, ticket: Ticket) -> ThreadView:
    """The newest lines of a ticket, and everything around them."""
    messages = earlier(session, ticket.id, before_rev=NEWEST, limit=LINES_SHOWN)
    conversations = conversations_of(session, ticket.id)
    draft, draft_internal = drafts_of(session, user, ticket)
    others = [one for one in tickets_of_customer(session, user, ticket.customer_id) if one.id != ticket.id]
    answered = latest_conversation(session, ticket.id) if conversations else None
    return ThreadView(
        ticket=ticket,
        lines=lines(session, user, ticket, messages, conversations),
        rev=messages[-1].rev if messages else 0,
        earlier_url=_earlier_url(ticket, messages),
        moods=moods(session, ticket.id),
        conversation=answered,
        wrap_up=wrap_up_of(session, user, ticket),
        silent=is_silent(conversations),
        may_reply=answered is not None and may_reply(session, user, ticket, answered),
        hold_s=HOLD_S if answered and user.undo_chat and channel_of(answered.channel).live else 0,
        draft=draft,
        draft_internal=draft_internal,
        client_id=new_token(16),
        history=others,
        complaints=[one for one in others if one.complaint_ref is not None],
        claimed=claims_view(session, user, ticket.customer, ticket_id=ticket.id),
    )


def lines(
    session: Session,
    user: User,
    ticket: Ticket,
    messages: Sequence[Message],
    conversations: Sequence[Conversation],
) -> list[Line]:
    """Messages and what happened between them in order of time, each day headed."""
    by_id = {one.id: one for one in conversations}
    said = [Said(message, by_id[message.conversation_id]) for message in messages]
    complete = not messages or messages[0].rev == 1
    happened = happenings(session, ticket, since=None if complete else messages[0].created_at)
    return list(_with_days(sorted([*said, *happened], key=lambda line: line.at), ZoneInfo(user.zone)))


def _earlier_url(ticket: Ticket, messages: Sequence[Message]) -> str | None:
    if not messages or messages[0].rev == 1:
        return None
    return _address(f"/console/tickets/{ticket.id}/earlier", before=str(messages[0].rev))


def _with_days(ordered: Sequence[Said | Happening], zone: ZoneInfo) -> Iterator[Line]:
    day: date | None = None
    for line in ordered:
        local = line.at.astimezone(zone).date()
        if local != day:
            day = local
            yield Day(line.at)
        yield line


def _address(path: str, **query: str) -> str:
    wanted = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path

"""The shapes of the API's JSON. Instants are ISO 8601 in UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contactcenter.api import examples
from contactcenter.api.examples import like, page_of

KindName = Literal["question", "request", "fault", "complaint", "suggestion", "praise", "lead"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class In(BaseModel):
    """Input: unknown fields are mistakes, not noise."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel):
    """Which part of a list."""

    after: str | None = Field(None, description="the `next` of the page before")
    limit: int = Field(50, ge=1, le=100, description="rows of a page")


class TicketQuery(Page):
    """Which tickets."""

    queue: str | None = Field(None, description="id or name")
    status: Literal["new", "open", "pending", "on_hold", "solved", "closed"] | None = None
    kind: KindName | None = None
    owner: str | None = Field(None, description="a user's id, `me` or `none`")


class SearchQuery(Page):
    """What is looked for."""

    q: str = Field("", description="words, a ticket's number, a customer's name or address")
    type: Literal["ticket", "customer"] = "ticket"


class Once(BaseModel):
    """Sent again with the same key, the request gets the first answer again and nothing is done twice."""

    key: str | None = Field(None, alias="Idempotency-Key", pattern="^[!-~]{1,255}$")


class Version(BaseModel):
    """The `version` or ETag that was read, so that nobody overwrites what he has not seen."""

    version: str = Field(alias="If-Match", examples=['"1"'])


class CustomerIn(In):
    """Who it is about: one of `email`, `phone`, `id`; `name` is learnt if we know none."""

    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    id: int | None = Field(None, ge=1)
    name: str = Field("", max_length=200)


class TicketIn(In):
    """A new ticket. `brand` is its short name, `queue` an id or a name; without them the first ones are taken."""

    model_config = like(examples.NEW_TICKET)

    subject: Text = Field(max_length=200)
    body: Text = Field(max_length=200_000)
    kind: KindName = "question"
    brand: str | None = Field(None, max_length=80)
    queue: str | int | None = None
    priority: int = Field(0, ge=-10, le=10)
    customer: CustomerIn


class TicketChange(In):
    """What may change; `owner` is a user's id, null nobody."""

    model_config = like(examples.TICKET_CHANGE)

    subject: Text | None = Field(None, max_length=200)
    kind: KindName | None = None
    priority: int | None = Field(None, ge=-10, le=10)
    status: Literal["new", "open", "pending", "on_hold", "solved", "closed"] | None = None
    queue: str | int | None = None
    owner: int | None = None


class MessageIn(In):
    """An answer to the customer, or with `internal` a note that only staff see."""

    model_config = like(examples.NEW_MESSAGE)

    body: Text = Field(max_length=200_000)
    internal: bool = False


class PresenceIn(In):
    """`break` and `away` need a reason."""

    model_config = like(examples.PRESENCE_WISH)

    state: Literal["ready", "break", "away"]
    reason: str = Field("", max_length=80)


class CustomerOut(BaseModel):
    id: int
    name: str
    email: str | None
    phone: str | None
    language: str


class ConversationOut(BaseModel):
    """`wrap_up_code` says what it was about, once somebody has said so; before, it is not there."""

    id: int
    channel: str
    state: str
    wrap_up_code: str | None = Field(None, exclude_if=lambda code: code is None)


class SlaOut(BaseModel):
    name: str
    due_at: datetime
    state: str


class TicketOut(BaseModel):
    """`owner` is a user's id; `complaint` the reference of its complaint."""

    model_config = like(examples.TICKET)

    id: int
    subject: str
    kind: str
    status: str
    priority: int
    brand: str
    queue: str
    owner: int | None
    customer: CustomerOut
    conversations: list[ConversationOut]
    sla: list[SlaOut]
    complaint: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class TicketPage(BaseModel):
    model_config = page_of(examples.TICKET)

    items: list[TicketOut]
    next: str | None


class AnalysisOut(BaseModel):
    """What the model read, and what a person said instead."""

    sentiment: str
    score: float
    confidence: float
    complaint: float
    topic: str
    urgency: int
    language: str
    model: str
    corrected: str | None


class MessageOut(BaseModel):
    """`seq` is its number for the customer (null for notes), `rev` its number for staff."""

    model_config = like(examples.MESSAGE)

    id: int
    conversation: int
    channel: str
    seq: int | None
    rev: int
    author: str
    author_name: str
    internal: bool
    body: str
    delivery: str
    created_at: datetime
    attachments: list[dict[str, Any]]  # Any: filename, content_type, size
    analysis: AnalysisOut | None


class MessagePage(BaseModel):
    model_config = page_of(examples.MESSAGE)

    items: list[MessageOut]
    next: str | None


class QueueOut(BaseModel):
    id: int
    name: str
    brand: str
    team: str
    open: bool
    skills: dict[str, int]
    service_level_pct: int
    service_level_s: int


class QueuePage(BaseModel):
    model_config = page_of(examples.QUEUE)

    items: list[QueueOut]
    next: str | None


class PresenceOut(BaseModel):
    model_config = like(examples.PRESENCE)

    state: str
    reason: str
    since: datetime


class AgentOut(BaseModel):
    id: int
    name: str
    team: str | None
    presence: PresenceOut
    load: dict[str, int]


class AgentPage(BaseModel):
    model_config = page_of(examples.AGENT)

    items: list[AgentOut]
    next: str | None


class QueueFiguresOut(BaseModel):
    """One queue now and today; in time ÷ (answered + abandoned) = service level."""

    id: int
    name: str
    open: bool
    waiting: int
    ringing: int
    oldest_at: datetime | None
    answered: int
    in_time: int
    abandoned: int
    service_level_pct: float | None
    target_pct: int


class WallboardOut(BaseModel):
    model_config = like(examples.WALLBOARD)

    at: datetime
    queues: list[QueueFiguresOut]
    agents: list[AgentOut]


class LoadOut(BaseModel):
    """Of a `skill` at `level` or above, of a `queue` (its number), or (neither) of everything the caller supervises.

    `demand`, and `coming` for the coming hour, are erlangs; null: nobody can say yet. `slots`: what `people` can hold.
    """

    kind: Literal["voice", "chat", "email"]
    skill: str | None
    level: int | None
    queue: int | None
    waiting: int
    arrived: int
    expected: float | None
    handle_s: float | None
    demand: float | None
    coming: float | None
    people: int
    slots: int
    load_pct: float | None
    coming_pct: float | None
    state: Literal["fine", "tight", "short"]
    lacking: int
    lacking_for_target: int | None


class LoadReportOut(BaseModel):
    model_config = like(examples.LOAD)

    at: datetime
    items: list[LoadOut]
    closed: list[str]


class FoundOut(BaseModel):
    """One hit: `type` is ticket or customer."""

    type: str
    id: int
    title: str
    detail: str


class FoundPage(BaseModel):
    model_config = page_of(examples.FOUND)

    items: list[FoundOut]
    next: str | None


class ErrorBody(BaseModel):
    code: str
    message: str
    details: list[dict[str, Any]]  # Any: what is wrong, field by field


class ErrorOut(BaseModel):
    model_config = like(examples.ERROR)

    error: ErrorBody

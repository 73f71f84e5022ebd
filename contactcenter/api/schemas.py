"""The shapes of the API's JSON. Instants are ISO 8601 in UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class In(BaseModel):
    """Input: unknown fields are mistakes, not noise."""

    model_config = ConfigDict(extra="forbid")


class CustomerIn(In):
    """Who it is about: one of `email`, `phone`, `id`; `name` is learnt if we know none."""

    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    id: int | None = Field(None, ge=1)
    name: str = Field("", max_length=200)


class TicketIn(In):
    """A new ticket. `brand` is its short name, `queue` an id or a name; without them the first ones are taken."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "subject": "Two bills for October",
                "body": "I was billed twice.",
                "customer": {"email": "maria@example.org", "name": "Maria"},
            }
        },
    )

    subject: Text = Field(max_length=200)
    body: Text = Field(max_length=200_000)
    kind: Literal["question", "request", "fault", "complaint", "suggestion", "praise", "lead"] = "question"
    brand: str | None = Field(None, max_length=80)
    queue: str | int | None = None
    priority: int = Field(0, ge=-10, le=10)
    customer: CustomerIn


class TicketChange(In):
    """What may change; `owner` is a user's id, null nobody."""

    subject: Text | None = Field(None, max_length=200)
    kind: str | None = None
    priority: int | None = Field(None, ge=-10, le=10)
    status: Literal["new", "open", "pending", "on_hold", "solved", "closed"] | None = None
    queue: str | int | None = None
    owner: int | None = None


class MessageIn(In):
    """An answer to the customer, or with `internal` a note that only staff see."""

    body: Text = Field(max_length=200_000)
    internal: bool = False


class PresenceIn(In):
    """`break` and `away` need a reason."""

    state: Literal["ready", "break", "away"]
    reason: str = Field("", max_length=80)


class CustomerOut(BaseModel):
    id: int
    name: str
    email: str | None
    phone: str | None
    language: str


class ConversationOut(BaseModel):
    id: int
    channel: str
    state: str


class SlaOut(BaseModel):
    name: str
    due_at: datetime
    state: str


class TicketOut(BaseModel):
    """`owner` is a user's id; `complaint` the reference of its complaint."""

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
    items: list[QueueOut]
    next: str | None


class PresenceOut(BaseModel):
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
    at: datetime
    queues: list[QueueFiguresOut]
    agents: list[AgentOut]


class FoundOut(BaseModel):
    """One hit: `type` is ticket or customer."""

    type: str
    id: int
    title: str
    detail: str


class FoundPage(BaseModel):
    items: list[FoundOut]
    next: str | None


class ErrorBody(BaseModel):
    code: str
    message: str
    details: list[dict[str, Any]]  # Any: what is wrong, field by field


class ErrorOut(BaseModel):
    error: ErrorBody

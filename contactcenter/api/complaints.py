"""`/api/v1/complaints`: open a complaint, see it, ask what may be done, do it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints, visible_team_ids
from contactcenter.api import examples, schemas
from contactcenter.api.answers import answer_once, json_answer
from contactcenter.api.examples import like, page_of
from contactcenter.api.spec import responses, spec
from contactcenter.api.tickets import find_queue
from contactcenter.complaints.access import FRONT_STEPS, View, access_case, refuse_step
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.queries import view_status
from contactcenter.complaints.service import apply, dry_run, open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.receipt import refuse_absurd_receipt
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Invalid, NotAllowed
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import token
from contactcenter.edge.requests import read_json, read_query
from contactcenter.edge.sessions import current_user
from contactcenter.reporting.satisfaction import PERIODS, satisfaction_with_complaints
from contactcenter.tickets.access import access_ticket
from contactcenter.tickets.models import Ticket

blueprint = Blueprint("api_complaints", __name__, url_prefix="/api/v1/complaints")
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)


class ComplaintIn(schemas.In):
    """From a ticket, or from words alone; `contact` is where answers go (an e-mail address)."""

    model_config = like(examples.NEW_COMPLAINT)

    ticket: int | None = Field(None, ge=1)
    text: str | None = Field(None, min_length=1, max_length=20_000)
    channel: str = Field("form", max_length=20)
    contact: str | None = Field(None, max_length=320)
    pack: str | None = Field(None, max_length=40)
    further_packs: list[Annotated[str, Field(max_length=40)]] | None = Field(None, max_length=20)
    received_at: AwareDatetime | None = None


class EventIn(schemas.In):
    """One step: its name and its data."""

    model_config = like(examples.STEP)

    event: str = Field(max_length=40)
    data: dict[str, Any] = Field(default_factory=dict)  # Any: checked by the event's own schema


class ClockOut(BaseModel):
    name: str
    kind: str
    state: str
    due: str | None
    late_from: datetime


class ComplaintOut(BaseModel):
    """`tracking_url` is given once, when the complaint is opened; links are kept as digests only."""

    model_config = like(examples.COMPLAINT)

    reference: str
    ticket: int
    state: str
    holder: str
    pack: str
    received_at: datetime
    next_due_at: datetime | None
    clocks: list[ClockOut]
    tracking_url: str | None = None


class ViolationOut(BaseModel):
    rule: str
    principle: str
    clause: str
    message: str
    how_to_fix: str
    eligible: list[str]


class ActionOut(BaseModel):
    """What could be done now: `needs_data` says that a form comes first."""

    event: str
    to: str
    allowed: bool
    needs_data: bool
    offered: bool
    violations: list[ViolationOut]


class ActionsOut(BaseModel):
    model_config = page_of(examples.ACTION)

    items: list[ActionOut]
    next: str | None


class PeriodQuery(BaseModel):
    """Which answers."""

    period: Literal["this_month", "last_month", "90_days"] = "this_month"


class SatisfactionOut(BaseModel):
    """`c` is Σ perceived ÷ Σ expected of the `answered_n` cases, null without any; the others count them by their own c."""

    model_config = like(examples.SATISFACTION)

    period: str
    since: datetime
    until: datetime
    c: float | None
    answered_n: int
    below_n: int
    equal_n: int
    above_n: int


class RefusalOut(BaseModel):
    model_config = like(examples.REFUSAL)

    violations: list[ViolationOut]


@blueprint.post("")
@spec.validate(
    json=ComplaintIn,
    headers=schemas.Once,
    resp=responses(HTTP_201=ComplaintOut),
    skip_validation=True,
    tags=["complaints"],
)
@token(Role.AGENT, Role.SUPERVISOR)
def create() -> Response:
    """Open a complaint; its customer gets receipt and acknowledgement at once."""
    wish = read_json(ComplaintIn)
    with unit_of_work() as session:
        return answer_once(session, lambda: _opened(session, wish))


def _opened(session: Session, wish: ComplaintIn) -> Response:
    me = _me(session)
    if not may_see_complaints(me):
        raise NotAllowed(_("Your role does not allow this."))
    if wish.received_at is not None:
        refuse_absurd_receipt(wish.received_at)
    ticket, text = _ticket(session, me, wish)
    case = open_case(
        session,
        ticket,
        actor=me.actor,
        text=text,
        channel=wish.channel,
        received_at=wish.received_at or ticket.created_at,
        contact=wish.contact,
        pack=wish.pack,
        further_packs=wish.further_packs,
    )
    shown = _shown(session, case).model_copy(update={"tracking_url": issue_link(session, case)})
    return json_answer(shown, 201, location=f"/api/v1/complaints/{case.reference}")


@blueprint.get("/satisfaction")
@spec.validate(
    query=PeriodQuery,
    resp=responses(HTTP_200=SatisfactionOut),
    skip_validation=True,
    tags=["complaints"],
)
@token(*STAFF)
def satisfaction() -> Response:
    """How complaints went, as their customers say, over the cases that the caller may see."""
    query = read_query()
    period = query.choice("period", PERIODS, default=next(iter(PERIODS)))
    query.check()
    with unit_of_work() as session:
        me = _me(session)
        if not may_see_complaints(me):
            raise NotAllowed(_("Your role does not allow this."))
        found = satisfaction_with_complaints(session, me, period)
        figures = asdict(found.index)
        return json_answer(
            SatisfactionOut(
                period=period, since=found.since.astimezone(UTC), until=found.until.astimezone(UTC), **figures
            )
        )


@blueprint.get("/<reference>")
@spec.validate(resp=responses(HTTP_200=ComplaintOut), skip_validation=True, tags=["complaints"])
@token(*STAFF)
def read(reference: str) -> Response:
    """Where a complaint stands."""
    with unit_of_work() as session:
        case, _view = access_case(session, _me(session), reference)
        return json_answer(_shown(session, case))


@blueprint.get("/<reference>/actions")
@spec.validate(resp=responses(HTTP_200=ActionsOut), skip_validation=True, tags=["complaints"])
@token(*STAFF)
def actions(reference: str) -> Response:
    """Every step of this state: may the caller, and if not, why (a dry run of the same rules)."""
    with unit_of_work() as session:
        me = _me(session)
        case, seen = access_case(session, me, reference)
        choices = [
            one for one in dry_run(session, case, me.actor) if seen is View.FULL or one.event in FRONT_STEPS
        ]
        items = [
            ActionOut(
                event=one.event,
                to=one.target,
                allowed=one.allowed,
                needs_data=one.needs_data,
                offered=one.offered,
                violations=[ViolationOut(**violation.as_json()) for violation in one.violations],
            )
            for one in choices
        ]
        return json_answer(ActionsOut(items=items, next=None))


@blueprint.post("/<reference>/events")
@spec.validate(
    json=EventIn,
    headers=schemas.Once,
    resp=responses(HTTP_200=ComplaintOut, HTTP_409=RefusalOut),
    skip_validation=True,
    tags=["complaints"],
)
@token(*STAFF)
def act(reference: str) -> Response:
    """Do one step; 409 lists every rule that forbids it."""
    wish = read_json(EventIn)
    with unit_of_work() as session:
        me = _me(session)
        case, seen = access_case(session, me, reference)
        refuse_step(seen, wish.event)
        return answer_once(session, lambda: _acted(session, case, wish, me))


def _acted(session: Session, case: ComplaintCase, wish: EventIn, me: User) -> Response:
    outcome = apply(session, case, wish.event, me.actor, wish.data)
    if outcome.accepted:
        return json_answer(_shown(session, case))
    refused = jsonify({"violations": [one.as_json() for one in outcome.violations]})
    refused.status_code = 409
    return refused


def _ticket(session: Session, me: User, wish: ComplaintIn) -> tuple[Ticket, str]:
    """The ticket named, or a new one from the words; and what is complained about."""
    if wish.ticket is not None:
        ticket = access_ticket(session, me, wish.ticket, lock=True)
        return ticket, wish.text or ticket.subject
    if not wish.text:
        raise Invalid(_("Give the ticket, or the words of the complaint."), field="text")
    queue = find_queue(session, None, None, among=visible_team_ids(session, me))
    sender = Sender("email", wish.contact) if wish.contact else Sender("visitor", f"api-{me.id}")
    inbound = Inbound("form", queue.id, sender, wish.text, kind="complaint", received_at=wish.received_at)
    return session.get_one(Ticket, receive(session, inbound).ticket_id), wish.text


def _shown(session: Session, case: ComplaintCase) -> ComplaintOut:
    status = view_status(session, case)
    return ComplaintOut(
        reference=case.reference,
        ticket=case.ticket_id,
        state=status.state,
        holder=status.holder,
        pack=case.pack,
        received_at=case.received_at,
        next_due_at=case.next_due_at,
        clocks=[
            ClockOut(
                name=one.name,
                kind=one.kind,
                state=one.state,
                due=one.due.isoformat() if one.due else None,
                late_from=one.late_from,
            )
            for one in status.clocks
        ],
    )


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)

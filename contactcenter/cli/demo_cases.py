"""The demo's complaints: taken through their steps by the people whose part it is, each at its own time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import ZONE, user_called
from contactcenter.cli.demo_stories import address_of_customer, answer_as
from contactcenter.complaints.answers import answer_expectation, answer_survey
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.post import send_letter
from contactcenter.complaints.service import apply, open_case
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core import clock
from contactcenter.core.errors import Conflict
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket

CUSTOMER, SYSTEM = "customer", "system"
Data = Mapping[str, Any]  # Any: JSON of a complaint event; "@ines" is that person's key, "@now" his wall time


@dataclass(frozen=True, slots=True)
class Step:
    """`who` (a login, customer or system) does `event`, `after_h` hours after the receipt."""

    after_h: float
    event: str
    who: str
    data: Data


@dataclass(frozen=True, slots=True)
class Dossier:
    """One complaint: received `days` ago, about whom, what was expected (1–10), and what was done since.

    `greeting` is what whoever takes it up writes to the customer. Whatever weekday it is, no promised date is nearer
    than the notice of a delay would go out: a newcomer's first screen shows people who keep their word.
    """

    customer: str
    language: str
    queue: str
    subject: str
    text: str
    greeting: str
    days: int
    about: tuple[str, ...]
    expectation: int
    steps: tuple[Step, ...]
    sampled: bool = False
    """Whether the draw takes it for a follow-up call (U-03)."""

    address: str = ""
    """Of somebody who is no customer of the demo."""


def open_dossiers(session: Session) -> None:
    """Every one of DOSSIERS, from its receipt to where it stands today."""
    keys = {person.login: user_called(session, person.login).actor for person in PEOPLE}
    for dossier in DOSSIERS:
        open_dossier(session, dossier, keys)


def open_dossier(session: Session, dossier: Dossier, keys: Mapping[str, str]) -> ComplaintCase:
    """One of them; `keys` names people as the events do, by login. Raises Conflict if a rule forbids one of its steps."""
    received_at = clock.now().replace(minute=12) - timedelta(days=dossier.days)
    with clock.frozen(received_at):
        ticket = _letter_from(session, dossier)
        case = open_case(
            session,
            ticket,
            actor=ticket.customer.actor,
            text=dossier.text,
            channel="email",
            subjects=[keys[login] for login in dossier.about],
            sampled=dossier.sampled,
        )
        answer_expectation(session, case, dossier.expectation)
    actors = {**keys, SYSTEM: SYSTEM, CUSTOMER: ticket.customer.actor}
    _post(session, case, received_at)
    for step in dossier.steps:
        at = received_at + timedelta(hours=step.after_h)
        _do(session, case, step, actors, at)
        if step.event == "admit":
            _greet(session, case, step.who, dossier.greeting, at)
    return case


def _letter_from(session: Session, dossier: Dossier) -> Ticket:
    """The complaint's mail, put into the complaints office's hands: no agent is offered it any more."""
    queue = session.scalars(select(Queue).where(Queue.name == dossier.queue)).one()
    address = dossier.address or address_of_customer(dossier.customer)
    sender = Sender("email", address, dossier.customer)
    received = receive(
        session,
        Inbound("email", queue.id, sender, dossier.text, subject=dossier.subject, language=dossier.language),
    )
    conversation = session.get_one(Conversation, received.conversation_id)
    conversation.created_at = conversation.ticket.created_at = clock.now()  # the database would say today
    ines = user_called(session, "ines")
    end_conversation(session, received.conversation_id, by="agent", reason="completed", actor=ines.actor)
    return conversation.ticket


def _do(session: Session, case: ComplaintCase, step: Step, actors: Mapping[str, str], at: datetime) -> None:
    """Raises Conflict with the rules' own words if they forbid it: then this file is wrong."""
    with clock.frozen(at):
        if step.event == "survey":
            outcome = answer_survey(session, case, step.data)
        else:
            outcome = apply(session, case, step.event, actors[step.who], _named(step.data, actors, at))
    if not outcome.accepted:
        raise Conflict(f"{step.event}: {'; '.join(one.message for one in outcome.violations)}")
    _post(session, case, at)


def _greet(session: Session, case: ComplaintCase, login: str, words: str, at: datetime) -> None:
    conversation = session.scalars(select(Conversation).where(Conversation.ticket_id == case.ticket_id)).one()
    with clock.frozen(at):
        answer_as(session, conversation, user_called(session, login), words)


def _named(data: Data, actors: Mapping[str, str], at: datetime) -> Data:
    local = at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
    keys = {f"@{login}": key for login, key in actors.items()} | {"@now": local.isoformat(timespec="minutes")}
    return {name: keys.get(value, value) if isinstance(value, str) else value for name, value in data.items()}


def _post(session: Session, case: ComplaintCase, at: datetime) -> None:
    """Letters of the past lie in the thread at their time, as long delivered."""
    session.flush()  # the letters of this step
    unsent = select(ComplaintLetter.id).where(
        ComplaintLetter.case_id == case.id, ComplaintLetter.delivery == "page"
    )
    for letter_id in session.scalars(unsent.order_by(ComplaintLetter.id)).all():
        with clock.frozen(at):
            send_letter(session, {"letter_id": letter_id})
        letter = session.get_one(ComplaintLetter, letter_id, populate_existing=True)
        if letter.message_id is not None:
            session.get_one(Message, letter.message_id).delivery = "sent"


_METER = {
    "point": 1,
    "finding": "upheld",
    "reason": "The diary shows three visits that were planned and not made.",
    "evidence": ["diary-1"],
}
_REFUND = {
    "point": 1,
    "finding": "upheld",
    "reason": "账单系统记录显示同一期电费被重复扣款。",
    "evidence": ["ledger-1"],
}
DOSSIERS = (
    Dossier(
        "Hannah Weiss",
        "en",
        "General",
        "Formal complaint: rude on the telephone",
        "I rang about my deposit and was told to stop wasting the company's time. I want an apology and my deposit.",
        "Dear Ms Weiss, I am sorry that you were spoken to like that. Ines, who works in another team, finds out what happened.",
        5,
        ("amy",),
        8,
        (
            Step(
                3,
                "admit",
                "sam",
                {
                    "key_points": ["Rude words on the telephone", "The deposit was not paid back"],
                    "category": "conduct",
                    "severity": 2,
                    "harm": 1,
                    "investigator": "@ines",
                    "declaration": "none",
                },
            ),
            Step(20, "start", "ines", {"declaration": "none"}),
            Step(22, "evidence", "ines", {"id": "call-1", "point": 1, "adverse": False, "kind": "recording"}),
            Step(23, "statement_request", "ines", {"person": "@amy"}),
        ),
    ),
    Dossier(
        "王丽",
        "zh",
        "Billing",
        "投诉：重复扣款",
        "九月的电费被扣了两次，客服说三天退款，两个星期过去了还没有收到。请尽快处理并给我一个说法。",
        "王女士，非常抱歉让您等了这么久。您的投诉由投诉办公室的同事独立调查，我是您的联系人。",
        9,
        (),
        9,
        (
            Step(
                4,
                "admit",
                "sam",
                {
                    "key_points": ["重复扣款没有退回"],
                    "category": "billing",
                    "severity": 2,
                    "harm": 1,
                    "investigator": "@ines",
                    "declaration": "none",
                },
            ),
            Step(24, "start", "ines", {"declaration": "none"}),
            Step(25, "evidence", "ines", {"id": "ledger-1", "point": 1, "adverse": False, "kind": "ledger"}),
            Step(26, "contact_attempt", "ines", {"channel": "email", "result": "confirmed"}),
            Step(48, "propose", "ines", {"findings": [_REFUND], "loss": 8640, "goodwill": 3000}),
            Step(72, "communicate", "paul", {}),
            Step(80, "accept", CUSTOMER, {}),
            Step(
                96, "deliver", "sam", {"proof": {"system": "bank", "id": "SEPA-20417"}, "deliverer": "@sam"}
            ),
            Step(
                190,
                "verify",
                CUSTOMER,
                {
                    "proof": {"system": "bank", "id": "SEPA-20417", "status": "settled"},
                    "customer": "yes",
                },
            ),
        ),
        sampled=True,
    ),
    Dossier(
        "Oliver Byrne",
        "en",
        "General",
        "Complaint: three missed meter readings",
        "Three times I stayed at home for your meter reader, and three times nobody came. I lost three mornings.",
        "Dear Mr Byrne, thank you for telling us; three mornings are three too many. We go through the diary of every visit.",
        26,
        (),
        7,
        (
            Step(
                2,
                "admit",
                "sam",
                {
                    "key_points": ["Three appointments were not kept"],
                    "category": "appointments",
                    "severity": 1,
                    "harm": 1,
                    "investigator": "@ines",
                    "declaration": "none",
                },
            ),
            Step(20, "start", "ines", {"declaration": "none"}),
            Step(22, "evidence", "ines", {"id": "diary-1", "point": 1, "adverse": False, "kind": "diary"}),
            Step(24, "contact_attempt", "ines", {"channel": "email", "result": "confirmed"}),
            Step(45, "propose", "ines", {"findings": [_METER], "loss": 0, "goodwill": 6000}),
            Step(50, "communicate", "paul", {}),
            Step(60, "accept", CUSTOMER, {}),
            Step(
                75, "deliver", "sam", {"proof": {"system": "bank", "id": "SEPA-20318"}, "deliverer": "@sam"}
            ),
            Step(
                120,
                "verify",
                CUSTOMER,
                {
                    "proof": {"system": "bank", "id": "SEPA-20318", "status": "settled"},
                    "customer": "yes",
                },
            ),
            Step(130, "survey", CUSTOMER, {"perception": 9, "resolved": 1}),
            Step(
                200,
                "callback",
                "ruth",
                {
                    "person": "@ruth",
                    "result": "done",
                    "local_time": "@now",
                    "zone": ZONE,
                    "channel": "email",
                },
            ),
            Step(
                205,
                "root_cause",
                "ines",
                {"level1": "process", "level2": "planning", "factor": "Visits were planned by hand."},
            ),
            Step(206, "close", SYSTEM, {}),
        ),
    ),
)

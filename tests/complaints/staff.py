"""A complaint of Wang Li about Alice, taken to any state by the people whose part it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.service import Outcome, apply, open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from contactcenter.tickets.models import Ticket
from tests.world import World

MONDAY = datetime(2026, 11, 2, 10, 15, tzinfo=UTC)
STORY = "Alice was rude and my refund never came."


@dataclass(frozen=True, slots=True)
class Desk:
    """One case and who may do what to it; `do` must succeed."""

    session: Session
    world: World
    case: ComplaintCase

    def do(self, event: str, actor: str, at: datetime, **data: Any) -> Outcome:  # Any: JSON
        with clock.frozen(at):
            outcome = apply(self.session, self.case, event, actor, data)
        assert outcome.accepted, [one.message for one in outcome.violations]
        return outcome

    @property
    def customer(self) -> str:
        return self.world.wang_li.actor


def written_ticket(session: Session, world: World, at: datetime = MONDAY) -> Ticket:
    """Wang Li's mail in Alice's queue."""
    with clock.frozen(at):
        sender = Sender("email", "wang.li@example.cn")
        received = receive(
            session, Inbound("email", world.support.id, sender, STORY, subject="Rude", client_id="m1")
        )
    return session.get_one(Ticket, received.ticket_id)


def opened(session: Session, world: World, **more: Any) -> Desk:  # Any: options of open_case
    """The complaint, received and acknowledged on a Monday morning."""
    ticket = written_ticket(session, world)
    given = {"subjects": (world.alice.actor,), "sampled": False, **more}
    with clock.frozen(MONDAY):
        case = open_case(session, ticket, actor=world.wang_li.actor, text=STORY, channel="email", **given)
    return Desk(session, world, case)


def admitted(session: Session, world: World, **more: Any) -> Desk:  # Any: options of open_case
    """Mallory, of another team, records the points; Ivan investigates."""
    desk = opened(session, world, **more)
    desk.do(
        "admit",
        world.mallory.actor,
        MONDAY.replace(hour=12),
        key_points=["rude on the phone"],
        category="conduct",
        severity=2,
        harm=1,
        investigator=world.ivan.actor,
        declaration="none",
    )
    return desk


def decided(session: Session, world: World, **more: Any) -> Desk:  # Any: options of open_case
    """Both sides heard, upheld, 50.00 goodwill, communicated by Petra."""
    return decide(admitted(session, world, **more))


def decide(desk: Desk) -> Desk:
    """What `decided` does after the admission."""
    world = desk.world
    ivan, day = world.ivan.actor, MONDAY.replace(day=3)
    desk.do("start", ivan, day, declaration="none")
    desk.do("evidence", ivan, day, id="call-1", point=1, adverse=False, kind="recording")
    desk.do("statement_request", ivan, day, person=world.alice.actor)
    desk.do("statement", world.alice.actor, day, person=world.alice.actor, text="I was tired.")
    desk.do("contact_attempt", ivan, day, channel="email", result="confirmed")
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    desk.do("propose", ivan, day.replace(day=4), findings=[finding], loss=0, goodwill=5000)
    desk.do("communicate", world.petra.actor, day.replace(day=5))
    return desk


def in_follow_up(session: Session, world: World, **more: Any) -> Desk:  # Any: options of open_case
    """Accepted, paid, checked."""
    desk = decided(session, world, **more)
    day = MONDAY.replace(day=6)
    desk.do("accept", desk.customer, day)
    desk.do(
        "deliver",
        world.mallory.actor,
        day,
        proof={"system": "stripe", "id": "re_1"},
        deliverer=world.mallory.actor,
    )
    proof = {"system": "stripe", "id": "re_1", "status": "settled"}
    desk.do("verify", desk.customer, day.replace(day=9), proof=proof, customer="yes")
    return desk

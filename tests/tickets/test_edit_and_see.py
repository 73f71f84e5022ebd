"""Edits carry the version they saw; who may see a ticket sees it in lists, counts and by number alike."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import EventRow
from contactcenter.customers.models import Customer
from contactcenter.customers.persons import join_customers
from contactcenter.queues.models import Queue
from contactcenter.tickets import service
from contactcenter.tickets.access import access_ticket, has_visible_ticket, may_see
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.queries import TicketFilter, count_tickets, list_tickets
from tests.world import World


def opened(session: Session, world: World, queue: Queue | None = None, subject: str = "Where?") -> Ticket:
    return service.open_ticket(
        session, world.wang_li, queue or world.support, subject, actor=world.wang_li.actor
    )


def test_edit_is_told_field_by_field(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world)
    changes = {"subject": "  Where\nis it? ", "kind": "fault", "priority": 0}
    service.edit_ticket(db_session, ticket, 1, changes, actor=world.alice.actor)
    row = db_session.scalars(select(EventRow).where(EventRow.name == "ticket.changed")).one()
    assert row.data["changes"] == {"subject": ["Where?", "Where is it?"], "kind": ["question", "fault"]}
    assert ticket.version == 2


def test_edit_that_changes_nothing_tells_nothing(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world)
    service.edit_ticket(db_session, ticket, 1, {"subject": "Where?"}, actor=world.alice.actor)
    assert ticket.version == 1


def test_later_edit_of_an_old_view_is_refused_whole(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world)
    service.edit_ticket(db_session, ticket, 1, {"priority": 5}, actor=world.alice.actor)
    with pytest.raises(Conflict, match="changed this ticket meanwhile"):
        service.edit_ticket(db_session, ticket, 1, {"priority": -5}, actor=world.bob.actor)
    assert ticket.priority == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "gossip"},
        {"priority": 11},
        {"priority": True},
        {"priority": "1"},
        {"priority": None},
        {"subject": 7},
        {"status": "solved"},
        {"owner_id": 1},
        {"priority": 3, "kind": "gossip"},
    ],
)
def test_wrong_edit_is_refused_whole(db_session: Session, world: World, changes: dict[str, object]) -> None:
    ticket = opened(db_session, world)
    with pytest.raises(Invalid):
        service.edit_ticket(db_session, ticket, 1, changes, actor=world.alice.actor)
    assert (ticket.version, ticket.priority, ticket.kind) == (1, 0, "question")


def test_subject_is_one_line_and_never_empty(db_session: Session, world: World) -> None:
    assert opened(db_session, world, subject=" a\0\n b ").subject == "a b"
    assert opened(db_session, world, subject=" \n ").subject == "(no subject)"
    assert len(opened(db_session, world, subject="x" * 1000).subject) == 200


def test_answer_to_the_complaint_question_needs_a_reason(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world)
    with pytest.raises(Invalid, match="why"):
        service.answer_complaint(db_session, ticket, world.alice, yes=True, why=" ")
    service.answer_complaint(db_session, ticket, world.alice, yes=False, why="He only asks")
    assert (ticket.kind, ticket.complaint_answer and ticket.complaint_answer["yes"]) == ("question", False)
    service.answer_complaint(db_session, ticket, world.alice, yes=True, why="He says so")
    assert ticket.kind == "complaint"


@dataclass
class Scene:
    """Tickets of every sort and people of every role."""

    tickets: dict[str, Ticket]
    people: dict[str, User]


@pytest.fixture
def scene(db_session: Session, world: World) -> Scene:
    here, there = opened(db_session, world), opened(db_session, world, world.other_queue)
    case_here, case_there = opened(db_session, world), opened(db_session, world, world.other_queue)
    lent, lent_case = (
        opened(db_session, world, world.other_queue),
        opened(db_session, world, world.other_queue),
    )
    case_here.complaint_ref, case_there.complaint_ref, lent_case.complaint_ref = "C-1", "C-2", "C-3"
    lent.owner_id = lent_case.owner_id = world.alice.id
    names = ("alice", "bob", "mallory", "ivan", "petra", "admin")
    people: dict[str, User] = {name: getattr(world, name) for name in names}
    for name, roles in {
        "seller": [Role.AGENT, Role.SALES],
        "pure_seller": [Role.SALES],
        "selling_boss": [Role.ADMINISTRATOR, Role.SALES],
        "reviewer": [Role.REVIEWER],
        "left": [Role.AGENT],
        "nobody": [],
    }.items():
        user = User(
            email=f"{name}@example.com",
            name=name.title(),
            password_hash="",
            team=world.team,
            roles=[role.value for role in roles],
            active=name != "left",
        )
        db_session.add(user)
        people[name] = user
    db_session.flush()
    there.owner_id = people["left"].id  # who left sees nothing, not even what was his
    db_session.flush()
    tickets = {
        "here": here,
        "there": there,
        "case_here": case_here,
        "case_there": case_there,
        "lent": lent,
        "lent_case": lent_case,
    }
    return Scene(tickets, people)


EVERYTHING = {"here", "there", "case_here", "case_there", "lent", "lent_case"}
CASES = {"case_here", "case_there", "lent_case"}
SEES = {
    "alice": {"here", "case_here", "lent", "lent_case"},
    "bob": {"here", "case_here"},
    "mallory": EVERYTHING - {"here", "case_here"},
    "ivan": CASES,
    "petra": CASES,
    "reviewer": CASES,
    "admin": EVERYTHING,
    "seller": {"here"},
    "pure_seller": set(),
    "selling_boss": EVERYTHING - CASES,
    "nobody": set(),
    "left": set(),
}


@pytest.mark.parametrize("who", SEES)
def test_person_sees_exactly_his_work_by_number_in_lists_and_in_counts(
    db_session: Session, scene: Scene, who: str
) -> None:
    user = scene.people[who]
    by_number = {name for name, ticket in scene.tickets.items() if may_see(db_session, user, ticket)}
    listed = {ticket.id for ticket in list_tickets(db_session, user, TicketFilter()).items}
    assert by_number == SEES[who]
    assert listed == {scene.tickets[name].id for name in SEES[who]}
    assert count_tickets(db_session, user, TicketFilter()) == len(SEES[who])


def test_stranger_learns_not_even_that_a_ticket_exists(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world)
    refusals = []
    for number in (ticket.id, 10**12):
        with pytest.raises(NotFound) as refused:
            access_ticket(db_session, world.mallory, number)
        refusals.append(refused.value.message.replace(str(number), "#"))
    assert refusals[0] == refusals[1]
    assert access_ticket(db_session, world.alice, ticket.id, lock=True) is ticket


def test_filters_narrow_and_search_finds_by_word_and_number(db_session: Session, world: World) -> None:
    lost = opened(db_session, world, subject="订单没有到货 order 4711")
    other = opened(db_session, world, subject="Invoice")
    service.assign_owner(db_session, other, world.alice, actor="system")
    service.set_status(db_session, other, "solved", actor="system")
    db_session.flush()

    def ids(**wanted: object) -> list[int]:
        narrowed = TicketFilter(**wanted)  # type: ignore[arg-type]  # named in each line below
        found = [ticket.id for ticket in list_tickets(db_session, world.alice, narrowed).items]
        assert count_tickets(db_session, world.alice, narrowed) == len(found)
        return found

    assert ids(words="订单") == ids(words="王丽 order") == ids(words=f"#{lost.id}") == [lost.id]
    assert ids(words="'); DROP TABLE ticket; --") == []
    assert ids(words="9" * 15) == []
    assert ids(live_only=True) == ids(unowned=True) == ids(status="new") == [lost.id]
    assert ids(owner_id=world.alice.id) == [other.id]
    assert ids(customer_id=world.wang_li.id) == [other.id, lost.id]
    assert ids(kind="praise") == ids(complaints=True) == ids(queue_id=world.other_queue.id) == []


def test_customer_is_known_by_the_tickets_of_everybody_joined_to_him(
    db_session: Session, world: World
) -> None:
    """Wang Li was joined to the second, he to the third: her ticket shows the whole chain, and nobody else."""
    second, third, stranger = (Customer(name=name, language="en") for name in ("second", "third", "stranger"))
    db_session.add_all((second, third, stranger))
    db_session.flush()
    join_customers(db_session, world.wang_li, second, actor="system")
    join_customers(db_session, second, third, actor="system")
    opened(db_session, world)
    for reader, found in ((world.alice, {world.wang_li.id, second.id, third.id}), (world.mallory, set())):
        known = select(Customer.id).where(has_visible_ticket(db_session, reader))
        assert set(db_session.scalars(known)) == found

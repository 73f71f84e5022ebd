"""Complaints are offered only to those who may see them: not to who sells, not to who is complained about."""

import threading

import pytest
from sqlalchemy import Engine, event, select

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.service import deactivate_user, edit_user, reactivate_user
from contactcenter.assignment.models import Offer, Presence
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.queries import colleagues
from contactcenter.assignment.reasons import why_waiting
from contactcenter.assignment.service import accept_offer, decline_offer, take_conversation, transfer_to_agent
from contactcenter.assignment.subscriptions import on_ticket_hidden
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.service import open_conversation
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, Invalid, NotFound
from contactcenter.core.events import EventRow
from contactcenter.tickets.access import access_ticket, people_kept_from
from contactcenter.tickets.models import Status, Ticket
from contactcenter.tickets.service import open_ticket, snooze_ticket
from contactcenter.tickets.states import LIVE
from tests.assignment.shift import Shift, at
from tests.rivals import until_somebody_waits
from tests.world import build_world


def test_who_sells_is_never_offered_a_complaint(shift: Shift) -> None:
    _becomes(shift, shift.world.alice, Role.AGENT, Role.SALES)
    shift.ready(shift.world.alice, shift.world.carol)
    chat = shift.arrives()
    _complained(shift, chat)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.carol


def test_who_is_complained_about_is_never_offered_it(shift: Shift) -> None:
    shift.ready(shift.world.alice, shift.world.carol)
    chat = shift.arrives()
    _complained(shift, chat, shift.world.alice)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.carol


def test_what_only_excluded_people_could_take_waits_and_says_so(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    _complained(shift, chat, shift.world.alice, shift.world.bob, shift.world.carol)
    shift.turn()
    assert shift.offered_to(chat) is None
    assert why_waiting(shift.session, chat) == ["Whoever could take it may not see this complaint."]


def test_offer_is_withdrawn_when_a_complaint_about_the_agent_is_opened_and_the_next_gets_it(
    shift: Shift,
) -> None:
    shift.ready(shift.world.alice)
    first = shift.arrives()
    with at(5):
        second = shift.arrives()
        shift.turn()
        assert shift.offered_to(first) == shift.world.alice
        enqueued_at = first.enqueued_at
        _complained(shift, first, shift.world.alice)
        shift.turn()
        assert shift.offered_to(first) is None
    with at(6):
        shift.ready(shift.world.carol)
        shift.turn()
    assert shift.offered_to(first) == shift.world.carol
    assert first.enqueued_at == enqueued_at, "it kept its place"
    assert shift.offered_to(second) == shift.world.alice
    states = select(Offer.state).where(Offer.conversation_id == first.id).order_by(Offer.id)
    assert list(shift.session.scalars(states)) == ["withdrawn", "offered"]


def test_offer_is_withdrawn_when_its_agent_begins_to_sell(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    _complained(shift, chat)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.alice
    shift.ready(shift.world.carol)
    _becomes(shift, shift.world.alice, Role.AGENT, Role.SALES)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.carol
    _becomes(shift, shift.world.alice, Role.AGENT)
    offer = shift.offer(chat)
    assert offer is not None
    decline_offer(shift.session, shift.world.carol, offer.id)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.alice, "he no longer sells"


def test_new_router_withdraws_an_offer_that_should_not_stand(shift: Shift) -> None:
    shift.ready(shift.world.alice, shift.world.carol)
    chat = shift.arrives()
    shift.turn()
    rung = shift.offered_to(chat)
    assert rung is not None
    _complained(shift, chat, rung)
    shift.new_router()
    shift.turn()
    assert shift.offered_to(chat) in {shift.world.alice, shift.world.carol} - {rung}


def test_accepting_in_the_last_instant_is_refused(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    _complained(shift, chat, shift.world.alice)
    with pytest.raises(DomainError):
        accept_offer(shift.session, shift.world.alice, offer.id)
    shift.session.rollback()
    shift.turn()
    assert shift.offer(chat) is None


def test_conversation_in_the_hands_of_who_is_complained_about_goes_to_somebody_else(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    accept_offer(shift.session, shift.world.alice, offer.id)
    _complained(shift, chat, shift.world.alice)
    shift.fire_timers()
    shift.ready(shift.world.carol)
    shift.turn()
    assert shift.offered_to(chat) == shift.world.carol
    assert chat.ticket.owner_id is None


@pytest.mark.parametrize("roles", [[Role.AGENT, Role.SALES], [Role.SALES]])
def test_complaint_in_the_hands_of_who_begins_to_sell_waits_again_at_its_place(
    shift: Shift, roles: list[Role]
) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives("email")
    owned = shift.arrives("email")
    _complained(shift, chat)
    _complained(shift, owned)
    shift.fire_timers()
    _has(shift, shift.world.alice, chat)
    owned.ticket.owner = shift.world.alice
    enqueued_at = chat.enqueued_at
    _becomes(shift, shift.world.alice, *roles)
    shift.fire_timers()
    assert chat.ticket.owner_id is None
    assert owned.ticket.owner_id is None
    assert (chat.state, chat.agent_id, chat.enqueued_at) == (State.WAITING, None, enqueued_at)


def test_what_somebody_who_is_agent_no_more_cannot_see_waits_again(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    seen, hidden = shift.arrives("email"), shift.arrives("email")
    for conversation in (seen, hidden):
        _has(shift, shift.world.alice, conversation)
    hidden.ticket.owner = shift.world.carol
    _becomes(shift, shift.world.alice, Role.REVIEWER)
    shift.fire_timers()
    assert (seen.agent_id, seen.ticket.owner) == (shift.world.alice.id, shift.world.alice)
    assert (hidden.agent_id, hidden.ticket.owner) == (None, shift.world.carol)


def test_mail_of_somebody_who_left_waits_again(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    mail = shift.arrives("email")
    _has(shift, shift.world.alice, mail)
    deactivate_user(shift.session, shift.world.alice, actor="system")
    shift.session.commit()
    shift.fire_timers()
    assert (mail.state, mail.ticket.owner_id) == (State.WAITING, None)


def test_unfinished_tickets_of_somebody_who_left_wait_in_their_queues(shift: Shift) -> None:
    alice, tickets = shift.world.alice, {}
    for status in Status:
        tickets[status] = open_ticket(
            shift.session, shift.world.wang_li, shift.world.support, "My bill", actor="system"
        )
        tickets[status].owner, tickets[status].status = alice, status.value
    wakes = clock.after(3600)
    snooze_ticket(shift.session, tickets[Status.ON_HOLD], wakes, actor=alice.actor)
    deactivate_user(shift.session, alice, actor="system")
    shift.session.commit()
    shift.fire_timers()
    kept = {status for status, ticket in tickets.items() if ticket.owner_id == alice.id}
    assert kept == {Status.SOLVED, Status.CLOSED}
    assert [ticket.status for ticket in tickets.values()] == list(Status)
    assert tickets[Status.ON_HOLD].snoozed_until == wakes
    told = select(EventRow.ticket_id).where(
        EventRow.name == "ticket.owner_changed", EventRow.actor == "system"
    )
    assert set(shift.session.scalars(told)) == {tickets[status].id for status in LIVE}


def test_who_is_let_in_again_at_once_keeps_his_tickets(shift: Shift) -> None:
    alice = shift.world.alice
    ticket = open_ticket(shift.session, shift.world.wang_li, shift.world.support, "My bill", actor="system")
    ticket.owner = alice
    deactivate_user(shift.session, alice, actor="system")
    reactivate_user(shift.session, alice, actor="system")
    shift.session.commit()
    shift.fire_timers()
    assert ticket.owner_id == alice.id


def test_new_language_takes_nothing_away(shift: Shift) -> None:
    chat = shift.arrives("email")
    shift.ready(shift.world.alice)
    _has(shift, shift.world.alice, chat)
    edit_user(shift.session, shift.world.alice, shift.world.alice.version, {"language": "zh"}, actor="system")
    shift.session.commit()
    shift.fire_timers()
    assert chat.agent_id == shift.world.alice.id


def test_taking_it_from_him_locks_the_ticket_before_his_presence(clean_database: Engine) -> None:
    """As everybody does: who holds the ticket, and then wants the presence, must not wait in a circle."""
    with unit_of_work() as session:
        world = build_world(session)
        ticket = open_ticket(session, world.wang_li, world.support, "Rude", actor=world.wang_li.actor)
        set_presence(session, world.alice, "ready", by=world.alice.actor)
        chat = open_conversation(
            session, ticket, "chat", actor=world.wang_li.actor, state=State.ACTIVE, agent=world.alice
        )
        open_case(
            session,
            ticket,
            actor=world.wang_li.actor,
            text="Rude.",
            channel="chat",
            subjects=[world.alice.actor],
        )

    def put_back() -> None:
        with unit_of_work() as session:
            on_ticket_hidden(session, {"ticket_id": ticket.id})

    other = threading.Thread(target=put_back)
    with unit_of_work() as session:
        session.get_one(Ticket, ticket.id, with_for_update={"of": Ticket})
        other.start()
        until_somebody_waits(clean_database)
        session.get_one(Presence, world.alice.id, with_for_update={"nowait": True, "of": Presence})
    other.join()
    with unit_of_work() as session:
        assert session.get_one(Conversation, chat.id).agent_id is None


def test_nobody_can_hand_it_to_who_may_not_see_it(shift: Shift) -> None:
    shift.ready(shift.world.alice, shift.world.carol)
    chat = shift.arrives()
    _complained(shift, chat, shift.world.alice)
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    accept_offer(shift.session, shift.world.carol, offer.id)
    with pytest.raises(Invalid, match="may not see"):
        transfer_to_agent(shift.session, shift.world.carol, chat.id, shift.world.alice)


def test_who_may_not_see_it_cannot_take_it_by_hand(shift: Shift) -> None:
    chat = shift.arrives()
    _complained(shift, chat, shift.world.bob)
    with pytest.raises(NotFound):
        take_conversation(shift.session, shift.world.bob, chat.id)


def test_colleagues_who_may_have_it_are_found_with_one_question_for_all(shift: Shift) -> None:
    chat = shift.arrives()
    _complained(shift, chat, shift.world.alice)
    _becomes(shift, shift.world.carol, Role.AGENT, Role.SALES)
    dave = User(email="dave@example.com", name="Dave", password_hash="", roles=["agent"])
    dave.team = shift.world.support.team
    shift.session.add(dave)
    shift.session.commit()
    asked: list[str] = []
    listener = lambda *args: asked.append(args[2])  # noqa: E731  SQLAlchemy wants the same one back
    connection = shift.session.connection()
    shift.session.refresh(chat.ticket.queue)
    event.listen(connection, "before_cursor_execute", listener)
    found = colleagues(shift.session, shift.world.bob, chat.ticket)
    event.remove(connection, "before_cursor_execute", listener)
    assert [person.name for person, _state in found] == ["Dave"]
    assert len(asked) == 2


def test_whom_complaints_are_about_is_read_from_them_and_not_asked_of_everybody(shift: Shift) -> None:
    """A router that starts reads all complaints; there may be thousands, and thousands of people."""
    about, harmless = shift.arrives(), shift.arrives()
    _complained(shift, about, shift.world.alice, shift.world.bob)
    _complained(shift, harmless)
    asked: list[str] = []
    listener = lambda *args: asked.append(args[2])  # noqa: E731  SQLAlchemy wants the same one back
    connection = shift.session.connection()
    event.listen(connection, "before_cursor_execute", listener)
    kept = people_kept_from(shift.session, [about.ticket_id, harmless.ticket_id])
    event.remove(connection, "before_cursor_execute", listener)
    assert kept == {about.ticket_id: {shift.world.alice.id, shift.world.bob.id}}
    assert len(asked) == 1
    assert User.__tablename__ not in asked[0]


def test_agent_of_another_team_who_helps_out_sees_what_he_accepts(shift: Shift) -> None:
    """An overflow step leads to another team; the ticket has an owner already, who is away."""
    shift.world.support.steps = [[0, [[f"team:{shift.world.other_team.id}"]]]]
    chat = shift.arrives()
    chat.ticket.owner_id = shift.world.carol.id
    shift.ready(shift.world.mallory)
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    accept_offer(shift.session, shift.world.mallory, offer.id)
    assert access_ticket(shift.session, shift.world.mallory, chat.ticket_id) == chat.ticket


def _complained(shift: Shift, conversation: Conversation, *about: User) -> None:
    open_case(
        shift.session,
        conversation.ticket,
        actor=shift.world.wang_li.actor,
        text="Nobody listens to me.",
        channel="chat",
        contact="wang.li@example.cn",
        subjects=[user.actor for user in about],
    )
    shift.session.commit()


def _has(shift: Shift, user: User, conversation: Conversation) -> None:
    shift.turn()
    offer = shift.offer(conversation)
    assert offer is not None
    accept_offer(shift.session, user, offer.id)
    shift.session.commit()


def _becomes(shift: Shift, user: User, *roles: Role) -> None:
    edit_user(shift.session, user, user.version, {"roles": [role.value for role in roles]}, actor="system")
    shift.session.commit()

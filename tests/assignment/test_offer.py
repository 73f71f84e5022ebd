"""The router offers a waiting conversation; the agent accepts, declines or lets it ring."""

import pytest
from sqlalchemy import select

from contactcenter.assignment.models import Offer
from contactcenter.assignment.service import accept_offer, decline_offer
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.events import EventRow
from tests.assignment.shift import Shift, at


def test_waiting_chat_is_offered_to_the_ready_agent_of_its_team(shift: Shift) -> None:
    shift.ready(shift.world.alice, shift.world.mallory)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    assert offer.user == shift.world.alice
    assert offer.deadline_at is not None
    assert (offer.deadline_at - offer.offered_at).total_seconds() == shift.world.support.ring_s
    assert chat.state == "offered"
    assert offer.reasons["chosen"]["agent"] == shift.world.alice.id


def test_accepting_makes_agent_the_owner_and_ticket_open(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    with at(7):
        accept_offer(shift.session, shift.world.alice, offer.id)
    assert (chat.state, chat.agent_id) == ("active", shift.world.alice.id)
    assert (chat.ticket.owner_id, chat.ticket.status) == (shift.world.alice.id, "open")
    accepted = shift.session.scalars(select(EventRow).where(EventRow.name == "offer.accepted")).one()
    assert accepted.data["waited_s"] == 7


def test_accepting_twice_is_accepting_once(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    first = accept_offer(shift.session, shift.world.alice, offer.id)
    assert accept_offer(shift.session, shift.world.alice, offer.id) is first
    assert first.epoch == 2


def test_stranger_may_not_accept(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    with pytest.raises(NotFound, match="does not exist"):
        accept_offer(shift.session, shift.world.mallory, offer.id)


def test_declined_conversation_keeps_its_place_and_goes_to_the_next(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    first = shift.arrives()
    shift.turn()
    with at(5):
        later = shift.arrives()
        shift.turn()
    offer = shift.offer(first)
    assert offer is not None
    with at(6):
        decline_offer(shift.session, shift.world.alice, offer.id, "I know this customer")
        shift.turn()
        assert shift.offered_to(first) is None, "not at once to the one who declined"
    with at(7):
        shift.ready(shift.world.carol)
        shift.turn()
    assert shift.offered_to(first) == shift.world.carol
    assert shift.offered_to(later) == shift.world.alice
    assert first.enqueued_at < later.enqueued_at


def test_missed_offer_returns_to_its_place_and_sets_the_agent_away(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    enqueued_at = chat.enqueued_at
    with at(20.01):
        shift.turn()
    assert (chat.state, chat.enqueued_at) == ("waiting", enqueued_at)
    presence = shift.presence(shift.world.alice)
    assert (presence.state, presence.reason) == ("away", "Missed an offer")
    names = shift.session.scalars(select(EventRow.name).order_by(EventRow.id)).all()
    assert names[-3:] == ["offer.missed", "conversation.requeued", "presence.changed"]
    with at(21):
        shift.ready(shift.world.alice)
        shift.turn()
    assert shift.offered_to(chat) == shift.world.alice


def test_accept_before_the_deadline_counts_though_the_router_comes_late(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    with at(19.9):
        accept_offer(shift.session, shift.world.alice, offer.id)
    with at(25):
        shift.turn()
    assert chat.state == "active"
    assert shift.presence(shift.world.alice).state == "ready"


def test_too_late_is_a_conflict_with_one_sentence(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    with at(21):
        shift.turn()
    for answer in (accept_offer, decline_offer):
        with pytest.raises(Conflict, match="offer is gone"):
            answer(shift.session, shift.world.alice, offer.id)
        shift.session.rollback()


def test_sooner_enqueued_is_served_first_unless_priority_says_otherwise(shift: Shift) -> None:
    early = shift.arrives("voice")
    with at(30):
        urgent = shift.arrives("voice", priority=1)
    with at(60):
        shift.ready(shift.world.alice)
        shift.turn()
    assert shift.offered_to(urgent) == shift.world.alice
    assert shift.offered_to(early) is None


def test_every_offer_is_one_row_and_one_event(shift: Shift) -> None:
    shift.ready(shift.world.alice, shift.world.carol)
    for _ in range(6):
        shift.arrives()
    shift.turn()
    shift.turn()
    offers = shift.session.scalars(select(Offer)).all()
    events = shift.session.scalars(select(EventRow).where(EventRow.name == "conversation.offered")).all()
    assert (
        sorted(offer.user_id for offer in offers) == [shift.world.alice.id] * 3 + [shift.world.carol.id] * 3
    )
    assert {event.data["offer_id"] for event in events} == {offer.id for offer in offers}

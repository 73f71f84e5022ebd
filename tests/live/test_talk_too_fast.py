"""Who talks faster than any page does is told to wait; who comes back to many rooms at once gets into all of them."""

import re
from collections.abc import Callable

import pytest

from contactcenter.accounts.models import User
from contactcenter.edge import sids
from contactcenter.tickets.models import Ticket
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]


@pytest.fixture
def tired(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three events a socket has to wait."""
    monkeypatch.setattr(sids, "BURST", 3.0)
    monkeypatch.setattr(sids, "EVENTS_PER_S", 0.0)


@pytest.mark.usefixtures("tired")
@pytest.mark.parametrize("event", ["join", "viewing", "typing"])
def test_flood_is_told_to_come_again_later(
    console: Consoles, world: World, ticket: Ticket, event: str
) -> None:
    alice, said = console(world.alice), {"room": f"ticket:{ticket.id}", "ticket": ticket.id}
    answers = [alice.ask(event, said) for _ in range(5)]
    assert [answer.get("code") for answer in answers] == [None, None, None, "too_many", "too_many"]
    assert re.search("Wait a moment", answers[-1]["error"])


@pytest.mark.usefixtures("tired")
def test_flood_of_one_holds_up_nobody_else(console: Consoles, world: World, ticket: Ticket) -> None:
    mallory, alice = console(world.mallory), console(world.alice)
    for _ in range(10):
        mallory.ask("typing", {"ticket": ticket.id})
    assert alice.joins(f"ticket:{ticket.id}")


@pytest.mark.usefixtures("tired")
def test_leaving_is_never_refused(console: Consoles, world: World, ticket: Ticket) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    for _ in range(5):
        alice.joins(subject)
    assert alice.ask("leave", {"room": subject}) == {"ok": True}

"""What one new conversation costs the router: counted, because every statement is a journey to the database."""

from collections.abc import Iterator

import pytest

from contactcenter.core import db
from tests import counting
from tests.assignment.shift import Shift, at
from tests.telling import strictly


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Everything this thread says to the database; browsers are told by another one, as in the router's process."""
    db.run_hooks_with(lambda _hooks: None)
    with counting.statements() as said:
        yield said
    db.run_hooks_with(strictly)


def test_new_chat_costs_five_statements(shift: Shift, statements: list[str]) -> None:
    """The lease, the inbox, the conversation itself, the locks, and one that makes the offer and its event."""
    shift.ready(shift.world.alice)
    shift.turn()
    with at(0.5):  # the figures of the queues are left once a second, and not now
        chat = shift.arrives()
        statements.clear()
        shift.router.turn()
        assert len(statements) == 5, statements
    assert shift.offered_to(chat) == shift.world.alice


def test_quiet_turn_costs_two_statements(shift: Shift, statements: list[str]) -> None:
    shift.turn()
    with at(0.5):
        statements.clear()
        shift.router.turn()
        assert len(statements) == 2, statements

"""A shift with a router that leads."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from contactcenter.assignment.lease import take_lease
from contactcenter.assignment.router import Router
from contactcenter.core.clock import frozen
from tests.assignment.shift import MORNING, Shift
from tests.world import World


@pytest.fixture
def shift(db_session: Session, world: World) -> Iterator[Shift]:
    """MORNING; the router leads and has seen an empty house."""
    with frozen(MORNING):
        lease = take_lease(db_session, 0, "router of the test")
        assert lease is not None
        db_session.commit()
        yield Shift(db_session, world, lease, Router(lease))

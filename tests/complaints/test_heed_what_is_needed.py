"""What a customer needs (no calls, large print …) binds a complaint from its first day (C-06)."""

from sqlalchemy.orm import Session

from contactcenter.complaints.queries import view_case
from tests.complaints.staff import opened
from tests.world import World


def test_what_is_known_of_the_customer_is_known_to_the_case(db_session: Session, world: World) -> None:
    world.wang_li.adjustments = ["no_calls", "large_print"]
    desk = opened(db_session, world)
    assert view_case(db_session, desk.case).facts.needs == {"no_calls", "large_print"}
    assert desk.case.state == "acknowledged"


def test_who_needs_nothing_has_nothing_noted(db_session: Session, world: World) -> None:
    assert not view_case(db_session, opened(db_session, world).case).facts.needs

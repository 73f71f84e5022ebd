"""A remedy that did not arrive is owed anew: its customer and those who handle it see by when."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.links import issue_link
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, decided
from tests.world import World

Browse = Callable[[User | None], Browser]
PROOF = {"system": "bank", "id": "re_1"}
FAILED = MONDAY.replace(day=10)


def test_both_sides_see_the_new_date(app: Flask, db_session: Session, world: World, browse: Browse) -> None:
    desk = decided(db_session, world)
    desk.do("accept", desk.customer, MONDAY.replace(day=6))
    desk.do("deliver", world.mallory.actor, MONDAY.replace(day=9), proof=PROOF, deliverer=world.mallory.actor)
    with clock.frozen(FAILED):
        address = issue_link(db_session, desk.case)
        db_session.commit()
        path = "/complaint/" + address.rsplit("/", 1)[1]
        assert browse(None).post(f"{path}/verify_fail", {"cause": "Nothing came."}).status_code == 303
        own = app.test_client().get(f"{path}?lang=en").text
        case = browse(world.ivan).get(f"/complaints/{desk.case.reference}").text
    assert "It did not arrive: we do it again by 20 November 2026." in own
    assert "Our remedy: 16 Nov 2026" in own, "the first promise keeps its date"
    assert "Remedy, once more" in case
    assert "the remedy had not arrived" in case

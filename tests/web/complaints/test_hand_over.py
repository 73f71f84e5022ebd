"""Whoever takes a case over has its summary before his eyes: what is agreed and promised, and what may not be asked again."""

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, STORY, admitted
from tests.world import World

Browse = Callable[[User | None], Browser]
TUESDAY = MONDAY.replace(day=3)


def investigated(session: Session, world: World) -> ComplaintCase:
    desk = admitted(session, world)
    desk.do("start", world.ivan.actor, MONDAY.replace(hour=15), declaration="none")
    return desk.case


def form(page: str) -> str:
    """The words of the step that hands the case over."""
    [step] = re.findall(r'<details class="case-step" id="step-reassign".*?</form>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", step))


def test_summary_stands_in_the_step_that_hands_over(
    db_session: Session, world: World, browse: Browse
) -> None:
    case = investigated(db_session, world)
    db_session.commit()
    with clock.frozen(TUESDAY):
        page = browse(world.petra).get(f"/complaints/{case.reference}").text
    words = form(page)
    for part in (STORY, "rude on the phone", "What is promised", "Decision: 16 Nov 2026", "Last told"):
        assert part in words
    assert words.index("rude on the phone") < words.index("The summary has been read")


def test_what_was_last_told_is_the_last_whatever_part_of_the_file_is_open(
    db_session: Session, world: World, browse: Browse
) -> None:
    case = investigated(db_session, world)
    db_session.commit()
    with clock.frozen(TUESDAY):
        petra = browse(world.petra)
        pages = [petra.get(f"/complaints/{case.reference}{query}").text for query in ("", "?before=2")]
    newest, older = (form(page).partition("Last told to the customer")[2] for page in pages)
    assert newest == older != ""


def test_it_is_not_handed_over_before_the_summary_was_read(
    db_session: Session, world: World, browse: Browse
) -> None:
    case = investigated(db_session, world)
    other = User(email="ines@example.com", name="Ines", password_hash="", roles=["investigator"])
    db_session.add(other)
    db_session.commit()
    with clock.frozen(TUESDAY):
        petra = browse(world.petra)
        path = f"/complaints/{case.reference}/events/reassign"
        handed = {"to": other.actor, "declaration": "none"}
        refused = petra.post(path, handed)
        assert refused.status_code == 409
        assert "The handover summary has not been opened." in refused.text
        assert petra.post(path, {**handed, "summary_read": "1"}).status_code == 303
    db_session.expire_all()
    assert db_session.get_one(ComplaintCase, case.id).handlers["investigator"] == other.actor

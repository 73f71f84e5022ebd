"""A brand under several laws: its complaints show each one's dates, and the customer chooses among their outside bodies."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, User
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase, ComplaintEvent
from contactcenter.complaints.queries import view_case
from contactcenter.complaints.verify import verify_case
from contactcenter.core import clock
from contactcenter.core.errors import Invalid
from tests.browser import Browser
from tests.complaints.staff import MONDAY, decided, opened
from tests.web.admin.test_organisation import BRAND
from tests.world import World

Browse = Callable[[User | None], Browser]
TOLD = MONDAY.replace(day=6)
TWO = ["uk-ofcom-c4", "uk-fca-disp"]


def under(db_session: Session, world: World, packs: list[str]) -> None:
    world.brand.further_packs = packs
    db_session.commit()


def test_an_administrator_names_the_further_laws(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    assert ada.post("/admin/brands/", {**BRAND, "further_packs": TWO}).status_code == 303
    brand = db_session.scalars(select(Brand).where(Brand.slug == BRAND["slug"])).one()
    assert brand.further_packs == TWO
    html = ada.get(f"/admin/brands/{brand.id}").text
    assert html.count('name="further_packs" value="uk-ofcom-c4" checked') == 1
    refused = ada.post("/admin/brands/", {**BRAND, "slug": "other", "further_packs": ["uk-ofcom-c4", "mine"]})
    assert refused.status_code == 422
    assert "form__summary" in refused.text


def test_they_are_pinned_when_a_complaint_is_received(db_session: Session, world: World) -> None:
    under(db_session, world, [*TWO, world.brand.complaint_pack])
    desk = opened(db_session, world)
    assert desk.case.further_packs == TWO
    under(db_session, world, [])
    db_session.refresh(desk.case)
    names = {one.name for one in view_case(db_session, desk.case, MONDAY).clocks}
    assert {"uk-ofcom-c4/adr_letter", "uk-fca-disp/final_response", "uk-fca-disp/summary_resolution"} <= names
    assert verify_case(db_session, desk.case) is None


def test_each_date_says_from_which_law_it_comes(browse: Browse, db_session: Session, world: World) -> None:
    under(db_session, world, TWO)
    desk = opened(db_session, world)
    html = browse(world.petra).get(f"/complaints/{desk.case.reference}").text
    laws = html.split("Clocks</h2>")[1].split('<th scope="colgroup" colspan="3">')
    assert [law.split("</th>")[0] for law in laws[1:]] == [
        "United Kingdom: telecommunications (Ofcom C4)",
        "United Kingdom: financial services (FCA DISP)",
    ]
    assert "Final answer (law)" in laws[2]


def test_the_customer_chooses_the_body_that_gets_his_file(
    app: Flask, db_session: Session, world: World
) -> None:
    under(db_session, world, TWO)
    desk = decided(db_session, world)
    path = "/complaint/" + issue_link(db_session, desk.case).rsplit("/", 1)[1]
    db_session.commit()
    browser = app.test_client()
    with clock.frozen(TOLD):
        html = browser.get(f"{path}?lang=en").text
        assert html.count("Outside body you may turn to, free of charge") == 3
        assert "https://www.commsombudsman.org" in html
        assert browser.post(f"{path}/refer_out", data={"body": "made-up"}).status_code == 422
        assert browser.post(f"{path}/refer_out", data={"body": "uk-ofcom-c4"}).status_code in (200, 303)
    row = db_session.scalars(
        select(ComplaintEvent).where(
            ComplaintEvent.case_id == desk.case.id, ComplaintEvent.name == "refer_out"
        )
    ).one()
    assert row.data["body"] == "Communications Ombudsman"


def test_of_an_unknown_law_no_complaint_is_opened(db_session: Session, world: World) -> None:
    under(db_session, world, ["made-up"])
    with pytest.raises(Invalid, match="made-up"):
        opened(db_session, world)
    assert db_session.scalars(select(ComplaintCase)).all() == []

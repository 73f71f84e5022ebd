"""Ada lets a payment system report on remedies, changes its secret, and ends it."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.intake import Told, take_report
from contactcenter.complaints.models import ReportSource
from contactcenter.complaints.sources import create_source, list_sources, working
from contactcenter.core import clock
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]


def secret_in(page: str) -> str:
    return page.split('id="new-secret">')[1].split("<", maxsplit=1)[0]


def test_a_secret_is_shown_once(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    secret = secret_in(ada.post("/admin/sources/", {"name": "stripe"}).text)
    assert secret.startswith("cdrs_")
    page = ada.get("/admin/sources/").text
    assert "stripe" in page
    assert secret not in page
    assert "System may report on remedies" in ada.get("/admin/history/").text


def test_a_secret_is_changed_without_a_gap_and_a_source_ended(
    browse: Browse, world: World, db_session: Session
) -> None:
    ada = browse(world.admin)
    old = secret_in(ada.post("/admin/sources/", {"name": "stripe"}).text)
    source = db_session.scalars(select(ReportSource)).one()
    assert secret_in(ada.post(f"/admin/sources/{source.id}/secrets").text) != old
    first, second = (one.id for one in working(source))
    assert ada.post(f"/admin/sources/{source.id}/secrets/{first}/end").status_code == 303
    assert ada.post(f"/admin/sources/{source.id}/secrets/{first}/end").status_code == 404
    db_session.expire_all()
    assert [one.id for one in working(source)] == [second]
    assert ada.post(f"/admin/sources/{source.id}/end").status_code == 303
    db_session.expire_all()
    assert list_sources(db_session) == []
    assert ada.post(f"/admin/sources/{source.id}/secrets").status_code == 404


def test_what_cannot_be_is_said_in_place(browse: Browse, world: World, db_session: Session) -> None:
    ada = browse(world.admin)
    for name, status in (("", 422), ("Pay Pal", 422), ("stripe", 200), ("stripe", 409)):
        answer = ada.post("/admin/sources/", {"name": name})
        assert (answer.status_code, 'id="f-name-error"' in answer.text) == (status, status != 200), name
    source = db_session.scalars(select(ReportSource)).one()
    for _ in range(2):
        ada.post(f"/admin/sources/{source.id}/secrets")
    refused = ada.post(f"/admin/sources/{source.id}/secrets")
    assert refused.status_code == 409
    assert "End a secret that is no longer used before you make another." in refused.text


def test_reports_that_fit_no_complaint_are_shown_to_administrators(
    browse: Browse, world: World, db_session: Session
) -> None:
    source = create_source(db_session, "dhl", actor="system").source
    now = clock.now()
    take_report(
        db_session,
        source,
        Told("CMP-2611-Q279652", "JD014", "replacement", "delivered", None, None, now, "{}"),
    )
    db_session.commit()
    page = browse(world.admin).get("/admin/sources/").text
    assert "Reports that fit no complaint" in page
    assert "CMP-2611-Q279652" in page

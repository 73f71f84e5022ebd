"""Two reports on one complaint at the same instant: both are heard, and neither waits for the other in a circle."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase, RemedyReport
from contactcenter.complaints.sources import create_source
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.edge.limits import limiter
from tests.api.conftest import Program
from tests.api.payments import DAY, REFUND
from tests.complaints.staff import decided
from tests.rivals import until_somebody_waits
from tests.world import build_world


def test_both_are_heard(app: Flask, clean_database: Engine) -> None:
    limiter.reset()
    with clock.frozen(DAY), unit_of_work() as session:
        desk = decided(session, build_world(session))
        secret = create_source(session, "stripe", actor="system").secret
        case_id, path = desk.case.id, f"/api/v1/complaints/{desk.case.reference}/remedy/reports"

    def report(thing: str) -> int:
        with clock.frozen(DAY):
            return Program(app, secret).call("POST", path, {**REFUND, "id": thing}).status_code

    report("re_0")  # the secret has been used just now: none of the two waits to say so
    with ThreadPoolExecutor(2) as pool, Session(clean_database) as session:
        session.get_one(ComplaintCase, case_id, with_for_update={"of": ComplaintCase})
        answers = [pool.submit(report, thing) for thing in ("re_1", "re_2")]
        until_somebody_waits(clean_database, 2)
        session.rollback()
        assert [answer.result() for answer in answers] == [200, 200]
    with Session(clean_database) as session:
        assert session.scalar(select(func.count()).select_from(RemedyReport)) == 3

"""Payment systems and carriers say what became of a remedy; people and rules go by it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.tokens import create_token
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Finding, Offer
from contactcenter.complaints.model import Report
from contactcenter.complaints.models import ComplaintCase, RemedyReport
from contactcenter.complaints.proofs import objection, proof_of
from contactcenter.complaints.service import act_for_time
from contactcenter.complaints.sources import Made, add_secret, end_secret, end_source
from contactcenter.complaints.vault import load_events, shred
from contactcenter.core import clock, retention
from contactcenter.core.config import get_settings
from contactcenter.core.events import EventRow
from contactcenter.core.security import unseal
from tests.api.conftest import Answer, Program
from tests.api.payments import DAY, PROOF, REFUND, count, deliver, state
from tests.complaints.staff import Desk, decided, in_follow_up
from tests.world import World

OLD, NEW = "0" * 64, "f" * 64
CORRECTION = {
    "kind": "correction",
    "status": "recorded",
    "amount": None,
    "currency": None,
    "before": OLD,
    "after": NEW,
}
Reports = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _on_friday() -> Iterator[None]:
    with clock.frozen(DAY):
        yield


@pytest.fixture
def reports(app: Flask, stripe: Made, program: Callable[[User | None], Program]) -> Reports:
    """`reports(case, status="reversed")`: Stripe says so."""
    program(None)  # starts counting calls anew
    payment_system = Program(app, stripe.secret)

    def say(about: ComplaintCase | str, **changes: Any) -> Answer:  # Any: JSON
        reference = about if isinstance(about, str) else about.reference
        path = f"/api/v1/complaints/{reference}/remedy/reports"
        return payment_system.call("POST", path, {**REFUND, **changes})

    return say


class TestWhatCounts:
    def test_a_settled_refund_of_what_is_owed_lets_the_remedy_be_done(
        self, desk: Desk, reports: Reports
    ) -> None:
        answer = reports(desk.case)
        assert (answer.status_code, answer.json) == (
            200,
            {"system": "stripe", "id": "re_1", "status": "settled", "repeated": False},
        )
        assert deliver(desk) == ()
        assert state(desk) == "remedy_done"

    def test_what_the_system_says_counts_more_than_what_a_person_typed(
        self, desk: Desk, reports: Reports
    ) -> None:
        assert deliver(desk, status="requested") == ()
        reports(desk.case)
        desk.do("verify", desk.customer, DAY, proof={**PROOF, "status": "requested"}, customer="yes")
        assert state(desk) == "follow_up"

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"status": "requested"}, "stripe says of re_1: asked for, not done."),
            ({"status": "failed"}, "stripe says of re_1: failed."),
            ({"status": "reversed"}, "stripe says of re_1: taken back."),
            ({"amount": 4999}, "stripe paid £49.99, and £50.00 is owed."),
            ({"amount": 5001}, "stripe paid £50.01, and £50.00 is owed."),
            ({"currency": "EUR"}, "stripe paid €50.00, and £50.00 is owed."),
            (
                {"kind": "replacement", "status": "delivered", "amount": None, "currency": None},
                "£50.00 is owed: only a payment shows that.",
            ),
        ],
    )
    def test_what_does_not_show_the_remedy_is_refused_with_the_reason(
        self, desk: Desk, reports: Reports, said: dict[str, object], why: str
    ) -> None:
        assert reports(desk.case, **said).status_code == 200
        assert deliver(desk) == (why,)
        assert state(desk) == "remedy_due"

    def test_a_correction_says_what_the_record_was_and_is(
        self, db_session: Session, desk: Desk, reports: Reports
    ) -> None:
        assert reports(desk.case, **CORRECTION).status_code == 200
        kept = db_session.scalars(select(RemedyReport)).one()
        assert (kept.before, kept.after) == (OLD, NEW)

    def test_requested_counts_once_it_is_settled(self, desk: Desk, reports: Reports) -> None:
        reports(desk.case, status="requested")
        reports(desk.case, status="settled")
        assert deliver(desk) == ()

    def test_an_early_report_is_kept_and_counts_when_its_time_comes(
        self, db_session: Session, world: World, reports: Reports
    ) -> None:
        desk = decided(db_session, world)
        db_session.commit()
        assert reports(desk.case).status_code == 200
        assert (state(desk), count(db_session)) == ("decided", 1)
        desk.do("accept", desk.customer, DAY)
        assert deliver(desk) == ()

    @pytest.mark.parametrize(
        ("kind", "status"),
        [("replacement", "delivered"), ("correction", "recorded"), ("apology", "delivered")],
    )
    def test_where_no_money_is_owed_something_else_shows_it(
        self, db_session: Session, world: World, kind: str, status: str
    ) -> None:
        report = Report("post", "p1", kind, status, None, None, DAY)
        context = replace(case_settings(decided(db_session, world).case), reports=(report,))
        free = Offer((Finding(1, "upheld", "It is so.", ("call-1",)),), 0, 0, "user:1", 1)
        assert objection(context, free, proof_of(report)) is None
        assert objection(context, replace(free, paid=100), proof_of(report)) is not None


class TestTakenBack:
    def test_before_it_was_checked_the_remedy_is_owed_again(self, desk: Desk, reports: Reports) -> None:
        reports(desk.case)
        deliver(desk)
        reports(desk.case, status="reversed")
        assert state(desk) == "remedy_due"
        last = load_events(desk.session, desk.case)[-1]
        assert (last.name, last.by, last.data["cause"]) == ("verify_fail", "system", "stripe re_1: reversed")
        assert deliver(desk) == ("stripe says of re_1: taken back.",)

    def test_another_payment_makes_it_good(self, desk: Desk, reports: Reports) -> None:
        reports(desk.case)
        deliver(desk)
        reports(desk.case, status="reversed")
        reports(desk.case, id="re_2")
        assert deliver(desk, id="re_2") == ()

    def test_something_else_that_was_taken_back_changes_nothing(self, desk: Desk, reports: Reports) -> None:
        reports(desk.case)
        deliver(desk)
        reports(desk.case, id="re_0", status="reversed")
        assert state(desk) == "remedy_done"

    def test_after_it_was_checked_the_case_does_not_close_until_it_is_made_good(
        self, db_session: Session, world: World, reports: Reports
    ) -> None:
        desk = in_follow_up(db_session, world)
        db_session.commit()
        later = DAY + timedelta(days=40)
        with clock.frozen(later):
            reports(desk.case, status="reversed", occurred_at=later.isoformat())
            cause = {"level1": "people", "level2": "tired", "factor": "long shift"}
            assert state(desk) == "follow_up"
            desk.do("root_cause", world.ivan.actor, later, **cause)
            desk.do("survey", desk.customer, later, perceived=9, expected=5, resolved=True)
            act_for_time(db_session, desk.case)
            db_session.commit()
            assert state(desk) == "follow_up"
            assert reports(desk.case, id="re_2", occurred_at=later.isoformat()).status_code == 200
            assert state(desk) == "closed"


class TestHeardOnce:
    def test_the_same_report_is_kept_once_however_often_it_comes(
        self, db_session: Session, desk: Desk, reports: Reports
    ) -> None:
        assert [reports(desk.case).json["repeated"] for _ in range(3)] == [False, True, True]
        assert count(db_session) == 1
        told = db_session.scalars(select(EventRow).where(EventRow.name == "complaint.remedy_reported")).all()
        assert [row.ticket_id for row in told] == [desk.case.ticket_id]

    def test_the_same_id_and_status_in_other_words_is_refused(
        self, db_session: Session, desk: Desk, reports: Reports
    ) -> None:
        reports(desk.case)
        answer = reports(desk.case, amount=1)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
        assert count(db_session) == 1

    def test_it_is_kept_as_it_came(self, db_session: Session, desk: Desk, reports: Reports) -> None:
        reports(desk.case)
        kept = db_session.scalars(select(RemedyReport)).one()
        assert json.loads(unseal(get_settings().secret_key, kept.sealed) or "") == REFUND

    def test_what_is_erased_takes_its_reports_along(
        self, db_session: Session, desk: Desk, reports: Reports
    ) -> None:
        reports(desk.case)
        shred(db_session, desk.case)
        db_session.commit()
        assert count(db_session) == 0
        assert reports(desk.case, id="re_2").status_code == 200
        assert db_session.scalars(select(RemedyReport.case_id)).all() == [None]


class TestWhoMayReport:
    def test_nobody_learns_which_complaints_exist(
        self, db_session: Session, desk: Desk, reports: Reports
    ) -> None:
        real, none, nonsense = (
            reports(desk.case),
            reports("CMP-2611-Q279652", id="re_2"),
            reports("x", id="re_3"),
        )
        assert {one.status_code for one in (real, none, nonsense)} == {200}
        assert set(real.json) == set(none.json) == set(nonsense.json)
        assert count(db_session) == 3

    def test_nor_by_how_a_reference_is_written(self, desk: Desk, reports: Reports) -> None:
        for reference, thing in ((desk.case.reference, "re_1"), ("CMP-2611-Q279652", "re_2")):
            assert reports(reference, id=thing).json["repeated"] is False
            again = reports(reference.replace("-", " ").lower(), id=thing)
            assert (again.status_code, again.json.get("repeated")) == (200, True), reference

    @pytest.mark.parametrize("role", list(Role))
    def test_a_token_of_whatever_role_is_no_secret_of_a_source(
        self, app: Flask, db_session: Session, desk: Desk, role: Role
    ) -> None:
        token = create_token(db_session, role, actor="system")
        db_session.commit()
        path = f"/api/v1/complaints/{desk.case.reference}/remedy/reports"
        assert Program(app, token).call("POST", path, REFUND).status_code == 401
        assert Program(app, None).call("POST", path, REFUND).status_code == 401
        assert count(db_session) == 0

    def test_a_secret_of_a_source_reads_nothing(self, app: Flask, desk: Desk, stripe: Made) -> None:
        payment_system = Program(app, stripe.secret)
        for path in (f"complaints/{desk.case.reference}", "tickets", "queues", "search?q=refund"):
            assert payment_system.call("GET", f"/api/v1/{path}").status_code == 401

    def test_a_secret_or_source_that_was_ended_opens_nothing(
        self, db_session: Session, world: World, desk: Desk, stripe: Made, reports: Reports
    ) -> None:
        add_secret(db_session, stripe.source.id, actor=world.admin.actor)
        end_secret(db_session, stripe.source.id, stripe.source.secrets[0].id, actor=world.admin.actor)
        db_session.commit()
        assert reports(desk.case).status_code == 401

    def test_a_source_that_was_ended_is_heard_no_more(
        self, db_session: Session, world: World, desk: Desk, stripe: Made, reports: Reports
    ) -> None:
        end_source(db_session, stripe.source.id, actor=world.admin.actor)
        db_session.commit()
        assert reports(desk.case).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"currency": None}, "amount"),
        ({"kind": "apology"}, "amount"),
        ({"currency": "gbp"}, "currency"),
        ({"amount": "much"}, "amount"),
        ({"amount": 0}, "amount"),
        ({"status": "nearly"}, "status"),
        ({"id": " "}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"occurred_at": "2026-11-06"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59Z"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"system": "paypal"}, "system"),
        ({"before": OLD, "after": NEW}, "before"),
        ({**CORRECTION, "after": None}, "before"),
        ({**CORRECTION, "after": "new"}, "before"),
        ({**CORRECTION, "after": OLD}, "after"),
    ],
)
def test_a_report_that_cannot_be_is_refused_at_its_field(
    db_session: Session, desk: Desk, reports: Reports, changes: dict[str, object], field: str
) -> None:
    answer = reports(desk.case, **changes)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json["error"]["details"]] == [field]
    assert count(db_session) == 0


@pytest.mark.parametrize(("days", "left"), [(90, {"re_1"}), (89, {"re_1", "re_2"})])
def test_what_belongs_to_no_complaint_is_forgotten_after_its_time(
    db_session: Session, desk: Desk, reports: Reports, days: int, left: set[str]
) -> None:
    assert reports(desk.case).status_code == 200
    assert reports("CMP-2611-0000000", id="re_2").status_code == 200
    with clock.frozen(DAY + timedelta(days=days)):
        retention.on_sweep(db_session, {})
    assert set(db_session.scalars(select(RemedyReport.external_id))) == left

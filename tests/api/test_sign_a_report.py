"""Systems that hold no secret ready for every call sign what they send."""

import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.models import RemedyReport
from contactcenter.complaints.sources import Made, add_secret, end_secret
from contactcenter.core import clock
from tests.api.conftest import Program
from tests.api.payments import DAY, REFUND, Signer, body_about, count, deliver
from tests.complaints.staff import Desk
from tests.world import World


@pytest.fixture(autouse=True)
def _on_friday() -> Iterator[None]:
    with clock.frozen(DAY):
        yield


@pytest.fixture
def signer(app: Flask, stripe: Made, program: Callable[[User | None], Program]) -> Signer:
    program(None)  # starts counting calls anew
    return Signer(app, stripe.secret)


def test_what_is_signed_is_heard(db_session: Session, desk: Desk, signer: Signer) -> None:
    answer = signer.send(body_about(desk.case))
    assert (answer.status_code, answer.json["repeated"]) == (200, False)
    assert db_session.scalars(select(RemedyReport.case_id)).all() == [desk.case.id]
    assert deliver(desk) == ()


def test_a_wrong_signature_and_an_unknown_source_get_the_same_answer(
    app: Flask, db_session: Session, desk: Desk, signer: Signer
) -> None:
    body = body_about(desk.case)
    right = signer.sign(body, DAY)
    wrong = [
        signer.send(body + b" ", signature=right),
        signer.send(body, signature=right.replace("v1=", "v2=")),
        signer.send(body, signature="é"),
        signer.send(body, signature=f"{right},v1=0"),
        Signer(app, "cdrs_guessed").send(body),
        Signer(app, signer.secret, "nobody").send(body),
    ]
    assert {(one.status_code, one.json["error"]["message"]) for one in wrong} == {
        (401, "The signature does not fit what was sent.")
    }
    assert count(db_session) == 0


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
def test_a_signature_is_good_for_five_minutes(desk: Desk, signer: Signer, seconds: int, status: int) -> None:
    answer = signer.send(body_about(desk.case), at=DAY + timedelta(seconds=seconds))
    assert answer.status_code == status, answer.text


def test_a_signed_request_that_is_played_again_is_refused(
    db_session: Session, desk: Desk, signer: Signer
) -> None:
    body = body_about(desk.case)
    assert [signer.send(body).status_code for _ in range(2)] == [200, 409]
    assert count(db_session) == 1


def test_signed_anew_it_is_a_repetition(db_session: Session, desk: Desk, signer: Signer) -> None:
    body = body_about(desk.case)
    signer.send(body)
    with clock.frozen(DAY + timedelta(seconds=60)):
        again = signer.send(body)
    assert (again.status_code, again.json["repeated"], count(db_session)) == (200, True, 1)


def test_two_secrets_work_while_one_is_changed_for_the_other(
    app: Flask, db_session: Session, world: World, desk: Desk, signer: Signer, stripe: Made
) -> None:
    new = add_secret(db_session, stripe.source.id, actor=world.admin.actor)
    db_session.commit()
    later = Signer(app, new.secret)
    assert signer.send(body_about(desk.case)).status_code == 200
    assert later.send(body_about(desk.case, id="re_2")).status_code == 200
    end_secret(db_session, stripe.source.id, stripe.source.secrets[0].id, actor=world.admin.actor)
    db_session.commit()
    assert signer.send(body_about(desk.case, id="re_3")).status_code == 401
    assert later.send(body_about(desk.case, id="re_3")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 400, "The body is not valid JSON."),
        (b"\xff", 400, "The text is not valid UTF-8."),
        (b"[]", 422, "This has to be an object with fields."),
    ],
)
def test_what_is_signed_but_unreadable_gets_one_sentence(
    db_session: Session, signer: Signer, body: bytes, status: int, sentence: str
) -> None:
    answer = signer.send(body)
    assert (answer.status_code, answer.json["error"]["message"]) == (status, sentence)
    assert count(db_session) == 0


def test_it_tells_of_no_complaint_whether_it_exists(db_session: Session, desk: Desk, signer: Signer) -> None:
    answer = signer.send(body_about(desk.case, complaint="CMP-2611-Q279652"))
    assert (answer.status_code, answer.json["repeated"]) == (200, False)
    assert db_session.scalars(select(RemedyReport.case_id)).all() == [None]


def test_the_example_in_the_documents_is_heard(
    app: Flask, desk: Desk, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own lines run; only the wire between the two is ours."""
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    example: dict[str, Any] = {}  # Any: what the lines define
    exec(re.findall(r"```python\n(.+?)```", page, re.DOTALL)[0], example)  # noqa: S102  our own document

    def over_the_wire(request: urllib.request.Request) -> BytesIO:
        path, body = request.full_url.removeprefix("http://localhost"), request.data
        answer = app.test_client().post(path, data=body, headers=dict(request.header_items()))
        return BytesIO(answer.data)

    monkeypatch.setattr(urllib.request, "urlopen", over_the_wire)
    monkeypatch.setattr(time, "time", clock.now().timestamp)
    about = {**REFUND, "complaint": desk.case.reference}
    heard = example["report"]("http://localhost", "stripe", signer.secret, about)
    assert heard == {"system": "stripe", "id": "re_1", "status": "settled", "repeated": False}
    assert deliver(desk) == ()

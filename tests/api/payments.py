"""A payment system, a complaint whose remedy is due, and what the one says of the other."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase, RemedyReport
from contactcenter.complaints.service import apply
from contactcenter.core import clock
from tests.api.conftest import Answer
from tests.complaints.staff import MONDAY, Desk

DAY = MONDAY.replace(day=6)
REFUND: dict[str, Any] = {  # Any: JSON
    "id": "re_1",
    "kind": "refund",
    "status": "settled",
    "amount": 5000,
    "currency": "GBP",
    "occurred_at": "2026-11-06T10:00:00Z",
}
PROOF = {"system": "stripe", "id": "re_1", "status": "settled"}


def deliver(desk: Desk, **proof: str) -> tuple[str, ...]:
    """What forbids Mallory to report the remedy done; nothing if it is done now."""
    mallory = desk.world.mallory.actor
    data = {"proof": {**PROOF, **proof}, "deliverer": mallory}
    outcome = apply(desk.session, desk.case, "deliver", mallory, data)
    desk.session.commit()
    return tuple(one.message for one in outcome.violations)


def state(desk: Desk) -> str:
    """Where the case stands now, whoever moved it."""
    desk.session.refresh(desk.case)
    return desk.case.state


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(RemedyReport)) or 0


def body_about(case: ComplaintCase, **changes: object) -> bytes:
    return json.dumps({**REFUND, "complaint": case.reference, **changes}).encode()


class Signer:
    """A system that signs what it sends."""

    def __init__(self, app: Flask, secret: str, name: str = "stripe") -> None:
        self.client, self.secret, self.path = app.test_client(), secret, f"/hooks/remedies/{name}"

    def send(self, body: bytes, *, at: datetime | None = None, signature: str | None = None) -> Answer:
        headers = {"Candor-Signature": signature or self.sign(body, at or clock.now())}
        answer = self.client.post(self.path, data=body, headers=headers, content_type="application/json")
        return Answer(answer.status_code, answer.get_json(silent=True) or {}, answer.text, answer.headers)

    def sign(self, body: bytes, at: datetime) -> str:
        seconds = str(int(at.timestamp()))
        signed = hmac.new(self.secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
        return f"t={seconds},v1={signed.hexdigest()}"

"""A step of a complaint whose words have the right names and cannot be meant is refused with a sentence."""

from collections.abc import Callable
from typing import Any

import pytest

from contactcenter.accounts.models import User
from tests.api.conftest import Program
from tests.world import World

COMPLAINTS = "/api/v1/complaints"
COMPLAINT = {"text": "Nobody answers.", "channel": "email", "contact": "maria@example.org"}


@pytest.mark.parametrize(
    ("event", "data", "field"),
    [
        ("correct", {"what": "received_at", "value": "yesterday"}, "value"),
        ("correct", {"what": "received_at", "value": "2026-11-02T10:00:00"}, "value"),
        ("correct", {"what": "received_at", "value": "0001-01-01T00:00:00+23:59"}, "value"),
        ("need", {"adjustments": [{}]}, "adjustments"),
    ],
)
def test_step_that_cannot_be_meant_is_refused(
    world: World,
    program: Callable[[User | None], Program],
    event: str,
    data: dict[str, Any],  # Any: JSON
    field: str,
) -> None:
    reference = program(world.bob).call("POST", COMPLAINTS, COMPLAINT).json["reference"]
    answer = program(world.ivan).call(
        "POST", f"{COMPLAINTS}/{reference}/events", {"event": event, "data": data}
    )
    assert (answer.status_code, f"data.{field}" in answer.text) == (422, True), answer.text

"""A link that we give away leads to PUBLIC_URL, whatever a request or a proxy's header calls our host."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Message
from contactcenter.core.config import get_settings
from contactcenter.core.outbox import OutboxRow
from tests.api.conftest import Program
from tests.world import World

COMPLAINT = {"text": "Nobody answers.", "channel": "email", "contact": "maria@example.org"}
EVIL = "evil.example"
FORGED = [{"Host": EVIL}, {"X_Forwarded_Host": EVIL}, {"Forwarded": f"host={EVIL}"}]


@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: next(iter(headers)))
def test_no_forged_host_comes_into_a_link(
    world: World, program: Callable[[User | None], Program], db_session: Session, headers: dict[str, str]
) -> None:
    made = program(world.bob).call("POST", "/api/v1/complaints", COMPLAINT, **headers)
    assert made.json["tracking_url"].startswith(get_settings().base_url)
    told = [str(one) for one in db_session.scalars(select(Message.body)).all()]
    told += [str(one) for one in db_session.scalars(select(OutboxRow.args)).all()]
    assert told
    assert EVIL not in "".join([made.text, *told])

"""Administrators let other systems report, and end that."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ReportSource
from contactcenter.complaints.sources import (
    SECRETS_MAX,
    add_secret,
    create_source,
    end_secret,
    end_source,
    list_sources,
)
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import EventRow
from tests.world import World


def test_every_change_of_a_source_is_an_event_without_its_secret(db_session: Session, world: World) -> None:
    stripe = create_source(db_session, "stripe", actor=world.admin.actor)
    more = add_secret(db_session, stripe.source.id, actor=world.admin.actor)
    end_secret(db_session, stripe.source.id, stripe.source.secrets[0].id, actor=world.admin.actor)
    end_source(db_session, stripe.source.id, actor=world.admin.actor)
    db_session.flush()
    rows = db_session.scalars(
        select(EventRow).where(EventRow.name.like("report_%")).order_by(EventRow.id)
    ).all()
    assert [row.name for row in rows] == [
        "report_source.created",
        "report_secret.created",
        "report_secret.created",
        "report_secret.ended",
        "report_source.ended",
    ]
    assert {row.actor for row in rows} == {world.admin.actor}
    told = json.dumps([row.data for row in rows])
    assert stripe.secret not in told
    assert more.secret not in told
    kept = db_session.get_one(ReportSource, stripe.source.id).secrets
    assert all(stripe.secret not in one.sealed + one.digest for one in kept)


@pytest.mark.parametrize("name", ["", "S", "Stripe", "pay pal", "manual", "e-mail!", "x" * 41])
def test_a_source_has_a_name_that_a_proof_can_carry(db_session: Session, name: str) -> None:
    with pytest.raises(Invalid):
        create_source(db_session, name, actor="system")
    assert list_sources(db_session) == []


def test_a_name_is_given_once(db_session: Session) -> None:
    made = create_source(db_session, "stripe", actor="system")
    end_source(db_session, made.source.id, actor="system")
    with pytest.raises(Conflict):
        create_source(db_session, "stripe", actor="system")
    assert list_sources(db_session) == []


def test_there_are_few_secrets_at_once(db_session: Session) -> None:
    made = create_source(db_session, "stripe", actor="system")
    for _ in range(SECRETS_MAX - 1):
        add_secret(db_session, made.source.id, actor="system")
    with pytest.raises(Conflict):
        add_secret(db_session, made.source.id, actor="system")
    end_secret(db_session, made.source.id, made.source.secrets[0].id, actor="system")
    add_secret(db_session, made.source.id, actor="system")


def test_a_secret_of_another_source_is_not_ended(db_session: Session) -> None:
    made, other = (create_source(db_session, name, actor="system").source for name in ("stripe", "dhl"))
    with pytest.raises(NotFound):
        end_secret(db_session, made.id, other.secrets[0].id, actor="system")
    with pytest.raises(NotFound):
        end_source(db_session, 999, actor="system")

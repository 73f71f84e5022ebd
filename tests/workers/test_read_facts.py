"""A worker keeps what agreed facts mean to its model, where the model can tell, and catches up with earlier cases."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.meaning import CATCH_UP, READ_FACTS, direction_of
from contactcenter.core.config import Settings
from contactcenter.core.outbox import OutboxRow
from tests.complaints.staff import admitted
from tests.world import World
from workers.analysis import Reader


def test_worker_reads_the_facts_of_a_case(db_session: Session, world: World) -> None:
    case = admitted(db_session, world).case
    reader = Reader(Settings(nlp_engine="onnx"))
    reader.read_facts(db_session, {"case_id": case.id})
    direction = direction_of(case.fact_vector)
    assert direction is not None
    assert len(direction) == 384
    assert case.fact_method == f"meaning-1/{reader.load().model_id}"


@pytest.mark.parametrize("name", ["rules", "off"])
def test_without_vectors_nothing_is_kept(db_session: Session, world: World, name: str) -> None:
    case = admitted(db_session, world).case
    reader = Reader(Settings(nlp_engine=name))
    reader.read_facts(db_session, {"case_id": case.id})
    reader.catch_up(db_session, {"after": 0})
    assert (case.fact_vector, case.fact_method) == (None, "")
    assert len(db_session.scalars(select(OutboxRow).where(OutboxRow.task == READ_FACTS)).all()) == 1


def test_a_worker_that_starts_catches_up_with_earlier_cases(db_session: Session, world: World) -> None:
    case = admitted(db_session, world).case
    reader = Reader(Settings(nlp_engine="onnx"))
    reader.announce()
    planned = db_session.scalars(select(OutboxRow).where(OutboxRow.task == CATCH_UP)).one()
    reader.catch_up(db_session, planned.args)
    asked = db_session.scalars(select(OutboxRow).where(OutboxRow.task == READ_FACTS)).all()
    assert [row.args for row in asked] == [{"case_id": case.id}] * 2, "by the admission, and by catching up"

"""The reader of messages: by the engine the settings name, by rules where that cannot load, not at all when off."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.conversations.models import Analysis
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.config import Settings
from contactcenter.core.health import health_of
from tests.world import World
from workers.analysis import HEALTH, Reader


@pytest.fixture
def message_id(db_session: Session, world: World) -> int:
    sender = Sender("email", "wang.li@example.cn")
    inbound = Inbound("email", world.support.id, sender, "This is a complaint: my order never came!")
    return receive(db_session, inbound).message_id


def test_message_is_read_once_by_one_model(db_session: Session, message_id: int) -> None:
    reader = Reader(Settings(nlp_engine="rules"))
    reader.analyse(db_session, {"message_ids": [message_id, 10**12]})
    found = db_session.scalars(select(Analysis)).one()
    assert (found.message_id, found.model, found.language) == (message_id, reader.load().model_id, "en")
    found.topic = "kept"
    reader.analyse(db_session, {"message_ids": [message_id]})
    db_session.refresh(found)
    assert found.topic == "kept"


def test_model_is_loaded_once_and_serves_every_message(db_session: Session, message_id: int) -> None:
    reader = Reader(Settings(nlp_engine="onnx"))
    reader.announce()
    first = reader.load()
    for _job in range(2):
        reader.analyse(db_session, {"message_ids": [message_id]})
    assert reader.load() is first
    assert db_session.scalars(select(Analysis.model)).one() == first.model_id


def test_nothing_is_read_when_analysis_is_off(db_session: Session, message_id: int) -> None:
    reader = Reader(Settings(nlp_engine="off"))
    reader.announce()
    reader.analyse(db_session, {"message_ids": [message_id]})
    assert db_session.scalars(select(Analysis)).all() == []
    health = health_of(db_session, HEALTH)
    assert health is not None
    assert (health.ok, "switched off" in health.reason) == (False, True)


def test_engine_that_cannot_load_leaves_reading_to_rules_and_says_so(
    db_session: Session, message_id: int
) -> None:
    reader = Reader(Settings(nlp_engine="hf", nlp_model=""))
    reader.announce()
    reader.analyse(db_session, {"message_ids": [message_id]})
    assert db_session.scalars(select(Analysis.model)).one().startswith("rules")
    health = health_of(db_session, HEALTH)
    assert health is not None
    assert (health.ok, "NLP_MODEL" in health.reason) == (False, True)


def test_foreign_model_is_pinned_and_its_labels_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NLP_MODEL", "somebody/model")
    monkeypatch.setenv("NLP_REVISION", "abc123")
    monkeypatch.setenv("NLP_LABELS", '{"LABEL_0": "negative"}')
    options = Reader(Settings())._options()
    assert (options.model, options.revision) == ("somebody/model", "abc123")
    assert options.labels == {"LABEL_0": "negative"}

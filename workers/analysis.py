"""Let the model read customers' messages and the agreed facts of complaints: one model per process, loaded when needed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.meaning import CATCH_UP, READ_FACTS, catch_up, plan_catching_up, read_facts
from contactcenter.conversations.analysis import Reading, record_analyses
from contactcenter.conversations.append import ANALYSE
from contactcenter.conversations.models import Analysis, Message
from contactcenter.core import outbox
from contactcenter.core.config import Settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.health import report
from contactcenter.core.logs import get_logger
from nlp.analyzer import Analyzer, Options, get_analyzer
from nlp.errors import EngineUnavailable
from nlp.meaning import Meaning, open_meaning

log = get_logger(__name__)
HEALTH = "nlp"
FALLBACK = "rules"


class Reader:
    """Reads messages with the engine the settings name; if that cannot load, with rules, and says so."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._analyzer: Analyzer | None = None
        self._meaning: Meaning | None = None

    def analyse(self, session: Session, args: dict[str, Any]) -> None:
        """Outbox handler: read the messages `message_ids` that this model has not read yet."""
        if self._settings.nlp_engine == "off":
            return
        analyzer = self.load()
        unread = _unread(session, args["message_ids"], analyzer.model_id)
        if unread:
            record_analyses(session, [_read(analyzer, one) for one in unread])

    def read_facts(self, session: Session, args: dict[str, Any]) -> None:
        """Outbox handler: keep what the agreed facts of `case_id` mean, if this model can say so."""
        meaning = self.meaning()
        if meaning is not None:
            read_facts(session, args["case_id"], meaning.method, meaning.of)

    def catch_up(self, session: Session, args: dict[str, Any]) -> None:
        """Outbox handler: the cases beyond `after` that another model has read, or none."""
        meaning = self.meaning()
        if meaning is not None:
            catch_up(session, args["after"], meaning.method)

    def meaning(self) -> Meaning | None:
        """What compares facts, in memory from the first call on; None when off or with a model that has no vectors."""
        if self._meaning is None and self._settings.nlp_engine != "off":
            self._meaning = open_meaning(self.load())
        return self._meaning

    def load(self) -> Analyzer:
        """The model of this process, in memory from the first call on."""
        if self._analyzer is None:
            self._analyzer = self._open()
        return self._analyzer

    def announce(self) -> None:
        """Load the model before the first message comes, and say whether analysis is on."""
        if self._settings.nlp_engine == "off":
            _say(ok=False, reason="Analysis is switched off (NLP_ENGINE=off).")
        else:
            self.load()
            with unit_of_work() as session:
                plan_catching_up(session)

    def _open(self) -> Analyzer:
        wanted = self._settings.nlp_engine
        try:
            analyzer = get_analyzer(wanted, self._options())
        except EngineUnavailable as error:
            log.warning("engine_unavailable", engine=wanted, reason=str(error))
            analyzer = get_analyzer(FALLBACK)
            _say(ok=False, reason=str(error))
        else:
            _say(ok=True, reason=analyzer.model_id)
        return analyzer

    def _options(self) -> Options:
        named = self._settings
        return Options(model=named.nlp_model, revision=named.nlp_revision, labels=named.nlp_labels)


def register(settings: Settings) -> Reader:
    """Let this process do what the model is needed for."""
    reader = Reader(settings)
    outbox.register(ANALYSE, reader.analyse)
    outbox.register(READ_FACTS, reader.read_facts)
    outbox.register(CATCH_UP, reader.catch_up)
    return reader


def _read(analyzer: Analyzer, message: Message) -> Reading:
    found = analyzer.analyse(message.body)
    return Reading(
        message_id=message.id,
        model=found.model,
        language=found.language,
        sentiment=found.sentiment,
        score=found.score,
        confidence=found.confidence,
        complaint=found.complaint,
        topic=found.topic,
        urgency=found.urgency,
        threshold=analyzer.complaint_threshold(found.language),
        complaint_words=found.complaint_words,
        urgency_reasons=found.urgency_reasons,
    )


def _unread(session: Session, message_ids: list[int], model: str) -> list[Message]:
    query = select(Message).outerjoin(Analysis, Analysis.message_id == Message.id)
    fresh = query.where(Message.id.in_(message_ids), Analysis.model.is_distinct_from(model))
    return list(session.scalars(fresh.order_by(Message.id)))


def _say(*, ok: bool, reason: str) -> None:
    with unit_of_work() as session:
        report(session, HEALTH, ok=ok, reason=reason)

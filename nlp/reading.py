"""From a raw message to an Analysis: the steps that all engines share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp import complaint, language, pii, text, urgency
from nlp.analyzer import Analysis, Options, Reason, model_id
from nlp.heads import SENTIMENTS, Floats, Heads, Sentiment, per_language, sigmoid, softmax
from nlp.topics import TOPICS

# About four windows of tokens; what is longer says nothing new about mood.
LONGEST: Final = 6000
WORDS_SHOWN: Final = 3
DECLARED: Final = 0.99


@dataclass(frozen=True, slots=True)
class Scores:
    """What an engine's model says of a text: probabilities (3,), likelihood 0 to 1, probabilities (12,)."""

    sentiment: Floats
    complaint: float
    topic: Floats
    vector: NDArray[np.float16] | None = None


SILENT: Final = Scores(np.array([0, 1, 0], np.float32), 0.0, np.eye(len(TOPICS), dtype=np.float32)[-1])
"""For a message without words."""


class Reader(ABC):
    """An Analyzer whose model is the subclass's `score`."""

    engine: str
    complaint_by: str
    """Whose weighing of the signs of a complaint it uses."""

    def __init__(self, model_sha: str, heads: Heads, options: Options) -> None:
        self.model_sha = model_sha
        self.heads = heads
        self.options = options

    @property
    def model_id(self) -> str:
        return model_id(self.engine, self.model_sha)

    def complaint_threshold(self, language: str) -> float:
        return per_language(self.heads.settings.complaint_threshold[self.complaint_by], language)

    def analyse_many(self, texts: Iterable[str]) -> list[Analysis]:
        """One by one: on a CPU a batch with padding is no faster."""
        return [self.analyse(each) for each in texts]

    def analyse(self, message: str) -> Analysis:
        """Never fails on any text: control characters, lone surrogates and 100,000 letters are read as they come."""
        started = perf_counter()
        words = text.excerpt(text.own_words(text.normalise(message).text), LONGEST)
        spoken = language.detect(words, self.options.languages)
        scores = self.score(words, spoken) if words else SILENT
        level, facts = urgency.assess(words)
        label, confidence = self.decide(scores.sentiment)
        sounds_so = scores.complaint >= self.complaint_threshold(spoken)
        reasons = [Reason("urgency", fact.code, fact.words) for fact in facts]
        return Analysis(
            language=spoken,
            sentiment=label,
            score=round(float(scores.sentiment[2] - scores.sentiment[0]), 4),
            confidence=round(confidence, 4),
            complaint=round(scores.complaint, 4),
            topic=TOPICS[int(scores.topic.argmax())],
            urgency=level,
            reasons=(*(self.complaint_reasons(words) if sounds_so else ()), *reasons),
            pii=pii.find(message),
            engine=self.engine,
            model_sha=self.model_sha,
            ms=round((perf_counter() - started) * 1000, 2),
            sentiment_p=triple(scores.sentiment),
            topic_p=rounded(scores.topic),
            vector=scores.vector,
        )

    @abstractmethod
    def score(self, words: str, language: str) -> Scores:
        """Reads a text that is normalised, not empty and at most LONGEST characters."""

    def decide(self, probabilities: Floats) -> tuple[Sentiment, float]:
        """The likeliest sentiment; where two are nearly as likely, neutral."""
        second, first = np.sort(probabilities)[-2:]
        close = first - second < self.heads.settings.margin
        chosen = 1 if close else int(probabilities.argmax())
        return SENTIMENTS[chosen], float(probabilities[chosen])

    def complaint_reasons(self, words: str) -> list[Reason]:
        """The signs; where there is hardly one, the words with the most weight in the n-gram head."""
        found = [Reason("complaint", sign.code, sign.words) for sign in complaint.signs(words)]
        if len(found) > 1:
            return found
        heavy = self.heads.ngram["complaint"].words_for(words, 0, WORDS_SHOWN)
        new = [each for each in heavy if not any(each in reason.words for reason in found)]
        return [*found, *(Reason("complaint", "wording", each) for each in new)]

    def by_ngrams(self, task: str, words: str, language: str) -> Floats:
        """Probabilities of sentiment or topic by the n-gram head alone."""
        logits = self.heads.ngram[task].logits(words)
        return (
            softmax(logits / self.temperature("rules", language)) if task == "sentiment" else softmax(logits)
        )

    def temperature(self, engine: str, language: str) -> float:
        return per_language(self.heads.settings.temperature[engine], language)

    def weigh_complaint(self, logits: list[float], sentiment: Floats, words: str) -> float:
        """The heads' logits, the sentiment and the signs, weighed together; who says "I complain" is believed."""
        if complaint.is_declared(words):
            return DECLARED
        inputs = np.concatenate([np.array(logits, np.float32), complaint.features(words, sentiment)])
        return sigmoid(float(self.heads.stack[self.complaint_by].logits(inputs)[0]))


def triple(probabilities: Floats) -> tuple[float, float, float]:
    negative, neutral, positive = rounded(probabilities)
    return negative, neutral, positive


def rounded(probabilities: Floats) -> tuple[float, ...]:
    return tuple(round(float(each), 4) for each in probabilities)

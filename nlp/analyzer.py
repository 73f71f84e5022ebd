"""What a message says, and the three engines that can read it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.errors import EngineUnavailable
from nlp.heads import Sentiment
from nlp.language import DEFAULT_LANGUAGES
from nlp.pii import Span

WEIGHTS: Final = Path(__file__).parent / "weights"

# The one lazy import: transformers and onnxruntime cost seconds, and a web process never needs them.
ENGINES: Final = {"onnx": "nlp.engine_onnx", "hf": "nlp.engine_hf", "rules": "nlp.engine_rules"}

# Read by the libraries while they are imported: the tokenizer's own threads would not survive a fork, the weights that lie
# beside this file are complete, so nothing is ever asked of a hub, and the missing torch is no news.
QUIET: Final = {"TOKENIZERS_PARALLELISM": "false"}
ENVIRONMENT: Final = {
    "onnx": QUIET | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"},
    "hf": QUIET,
    "rules": {},
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What moved a judgement: `about` complaint or urgency, the rule's `code`, and the customer's own `words`."""

    about: Literal["complaint", "urgency"]
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """One message as a model reads it. Probabilities are calibrated on a development set; a person decides."""

    language: str
    """ISO 639-1; `und` without letters."""
    sentiment: Sentiment
    score: float
    """P(positive) - P(negative), -1 to 1."""
    confidence: float
    """Probability of the sentiment given."""
    complaint: float
    """Likelihood 0 to 1; compare with `Analyzer.complaint_threshold`."""
    topic: str
    urgency: int
    """0 none, 1 soon, 2 today, 3 now; by rules."""
    reasons: tuple[Reason, ...]
    pii: tuple[Span, ...]
    engine: str
    model_sha: str
    ms: float
    """Wall clock of this analysis."""
    sentiment_p: tuple[float, float, float]
    """P(negative), P(neutral), P(positive)."""
    topic_p: tuple[float, ...] = field(repr=False)
    """In the order of `nlp.topics.TOPICS`."""
    vector: NDArray[np.float16] | None = field(default=None, repr=False, compare=False)
    """For similar texts: shape (384,), length 1; only the onnx engine has one."""

    @property
    def model(self) -> str:
        """The same as the analyzer's `model_id`: stored with every result."""
        return model_id(self.engine, self.model_sha)

    @property
    def complaint_words(self) -> list[str]:
        return [reason.words for reason in self.reasons if reason.about == "complaint"]

    @property
    def urgency_reasons(self) -> list[str]:
        """`code: words`, the gravest first."""
        return [f"{reason.code}: {reason.words}" for reason in self.reasons if reason.about == "urgency"]


class Analyzer(Protocol):
    """An engine with its model in memory. Not safe for several threads, never carried over a fork."""

    engine: str
    model_sha: str

    @property
    def model_id(self) -> str: ...

    def complaint_threshold(self, language: str) -> float:
        """From which likelihood a message in this language sounds like a complaint."""

    def analyse(self, text: str) -> Analysis: ...

    def analyse_many(self, texts: Iterable[str]) -> list[Analysis]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What engines may be told. `labels` maps a foreign model's labels to ours; `revision` pins a model of the hub."""

    weights: Path = WEIGHTS
    languages: tuple[str, ...] = DEFAULT_LANGUAGES
    model: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    revision: str = ""
    threads: int = 1


def get_analyzer(engine: str = "onnx", options: Options | None = None) -> Analyzer:
    """Loads an engine, or raises EngineUnavailable with a sentence that says what to do. `off` is never available."""
    if engine == "off":
        raise EngineUnavailable("Analysis is switched off (NLP_ENGINE=off).")
    if engine not in ENGINES:
        raise EngineUnavailable(
            f"There is no engine {engine!r}; choose one of {', '.join([*ENGINES, 'off'])}."
        )
    for name, value in ENVIRONMENT[engine].items():
        os.environ.setdefault(name, value)
    try:
        module = import_module(ENGINES[engine])
    except ImportError as error:
        raise EngineUnavailable(f"The engine {engine!r} needs the package {error.name!r}.") from error
    opened: Analyzer = module.open_engine(options or Options())
    return opened


def model_id(engine: str, model_sha: str) -> str:
    return f"{engine}:{model_sha}"

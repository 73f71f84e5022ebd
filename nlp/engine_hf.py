"""Any text classifier of the Hugging Face kind for the sentiment; all else as in the rules engine. Needs torch."""

import re
from collections.abc import Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from transformers import pipeline

from nlp.analyzer import Options
from nlp.errors import EngineUnavailable, first_line
from nlp.heads import SENTIMENTS, Floats, load_heads
from nlp.reading import Reader, Scores

SHA_LENGTH: Final = 12
STARS = re.compile(r"([1-5]) ?stars?", re.IGNORECASE)
NUMBERED = re.compile(r"label_([0-9])", re.IGNORECASE)


class HfReader(Reader):
    engine = "hf"
    complaint_by = "rules"

    def __init__(self, classify: Any, labels: Mapping[str, int], model_sha: str, options: Options) -> None:
        super().__init__(model_sha, load_heads(options.weights / "heads.npz"), options)
        self.classify = classify  # Any: transformers has no types
        self.labels = labels

    def score(self, words: str, language: str) -> Scores:
        sentiment: Floats = np.zeros(len(SENTIMENTS), np.float32)
        for answer in self.classify(words, top_k=None, truncation=True):
            sentiment[self.labels[answer["label"]]] += answer["score"]
        logit = float(self.heads.ngram["complaint"].logits(words)[0])
        return Scores(
            sentiment,
            self.weigh_complaint([logit], sentiment, words),
            self.by_ngrams("topic", words, language),
        )


def open_engine(options: Options) -> HfReader:
    """Loads `options.model`: a folder, or a name on the hub with its revision. Code from the hub is never run."""
    name = options.model.removeprefix("hf:")
    if not name:
        raise EngineUnavailable("NLP_ENGINE=hf needs NLP_MODEL: a folder or the name of a model.")
    if find_spec("torch") is None:
        raise EngineUnavailable(
            "NLP_ENGINE=hf needs PyTorch, which is not installed: run `pip install torch`."
        )
    if not Path(name).is_dir() and not options.revision:
        raise EngineUnavailable(
            f"Pin the model {name} with NLP_REVISION: a name alone may change its weights."
        )
    try:
        classify = pipeline(
            "text-classification",
            model=name,
            revision=options.revision or None,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError) as error:
        raise EngineUnavailable(f"The model {name} cannot be loaded: {first_line(error)}.") from error
    names = list((classify.model.config.id2label or {}).values())
    labels = map_labels(names, options.labels)
    return HfReader(classify, labels, identity(name, options.revision), options)


def map_labels(names: list[str], given: Mapping[str, str]) -> dict[str, int]:
    """Each label of the model → 0 negative, 1 neutral, 2 positive; by `given`, else by its name, stars or number."""
    found = {
        name: SENTIMENTS.index(given[name]) if name in given else guess(name, len(names)) for name in names
    }
    unknown = [name for name, sentiment in found.items() if sentiment is None]
    if unknown:
        raise EngineUnavailable(
            f"Say with NLP_LABELS which sentiment these labels mean: {', '.join(unknown)}."
        )
    return {name: sentiment for name, sentiment in found.items() if sentiment is not None}


def guess(name: str, count: int) -> int | None:
    for index, sentiment in enumerate(SENTIMENTS):
        if name.lower().startswith(sentiment[:3]):
            return index
    if stars := STARS.fullmatch(name):
        return (0, 0, 1, 2, 2)[int(stars[1]) - 1]
    if (numbered := NUMBERED.fullmatch(name)) and count in {2, 3}:
        return int(numbered[1]) * (2 if count == 2 else 1)
    return None


def identity(name: str, revision: str) -> str:
    """A folder's weights, or the pinned name: the same text never means two models."""
    digest = sha256(f"{name}@{revision}".encode())
    if Path(name).is_dir():
        for path in sorted(Path(name).glob("*.safetensors")):
            digest = sha256(digest.digest() + path.read_bytes())
    return digest.hexdigest()[:SHA_LENGTH]

"""Linear heads: over the encoder's vector, over hashed n-grams, and the two mixed. Numpy only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nlp.errors import EngineUnavailable, first_line
from nlp.text import is_han, ngram_buckets, ngrams

Floats = NDArray[np.float32]

Sentiment = Literal["negative", "neutral", "positive"]
SENTIMENTS: Final[tuple[Sentiment, ...]] = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Linear:
    """logits = x · weights + bias; weights (inputs, classes)."""

    weights: Floats
    bias: Floats

    def logits(self, inputs: Floats) -> Floats:
        product: Floats = inputs @ self.weights + self.bias
        return product


@dataclass(frozen=True, slots=True)
class Ngrams:
    """A linear head over hashed character n-grams: log(1 + count), scaled to length 1. weights (buckets, classes)."""

    weights: NDArray[np.float16]
    bias: Floats

    def logits(self, text: str) -> Floats:
        buckets, values = ngram_values(text, len(self.weights))
        product: Floats = values @ self.weights[buckets].astype(np.float32) + self.bias
        return product

    def words_for(self, text: str, column: int, most: int) -> list[str]:
        """The parts of the text that push this class up the most, in the order of the text."""
        pushes: dict[tuple[int, int], float] = {}
        for bucket, (_, start, end) in zip(ngram_buckets(text, len(self.weights)), ngrams(text), strict=True):
            pushes[start, end] = pushes.get((start, end), 0.0) + float(self.weights[bucket, column])
        chosen: list[tuple[int, int]] = []
        for start, end in sorted(pushes, key=lambda span: -pushes[span]):
            if len(chosen) == most or pushes[start, end] <= 0:
                break
            if is_telling(text[start:end]) and all(end <= first or start >= last for first, last in chosen):
                chosen.append((start, end))
        return [text[start:end] for start, end in sorted(chosen)]


@dataclass(frozen=True, slots=True)
class Settings:
    """What training decided, by task or engine and then by language; `*` stands for the other languages.

    `mix` is the share of the encoder's head beside the n-grams'; `temperature` divides the logits of sentiment.
    """

    mix: Mapping[str, Mapping[str, float]]
    temperature: Mapping[str, Mapping[str, float]]
    complaint_threshold: Mapping[str, Mapping[str, float]]
    margin: float


@dataclass(frozen=True, slots=True)
class Heads:
    """All heads of one training: by task (sentiment, complaint, topic), and by engine what weighs signs of complaint."""

    vector: Mapping[str, Linear]
    ngram: Mapping[str, Ngrams]
    stack: Mapping[str, Linear]
    settings: Settings


TASKS: Final = ("sentiment", "complaint", "topic")
STACKED: Final = ("onnx", "rules")


def load_heads(path: Path) -> Heads:
    """Reads `heads.npz`; a missing or foreign file is an unavailable engine."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        settings: dict[str, Any] = json.loads(
            str(arrays["settings"])
        )  # Any: JSON, checked by the constructor
        return Heads(
            {task: Linear(arrays[f"{task}_w"], arrays[f"{task}_b"]) for task in TASKS},
            {task: Ngrams(arrays[f"{task}_ngram_w"], arrays[f"{task}_ngram_b"]) for task in TASKS},
            {engine: Linear(arrays[f"{engine}_stack_w"], arrays[f"{engine}_stack_b"]) for engine in STACKED},
            Settings(**settings),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(f"The weights {path} cannot be read: {first_line(error)}.") from error


def save_heads(path: Path, heads: Heads) -> None:
    arrays: dict[str, Any] = {
        "settings": json.dumps(settings_dict(heads.settings))
    }  # Any: arrays of several kinds
    for task in TASKS:
        arrays |= {f"{task}_w": heads.vector[task].weights, f"{task}_b": heads.vector[task].bias}
        arrays |= {f"{task}_ngram_w": heads.ngram[task].weights, f"{task}_ngram_b": heads.ngram[task].bias}
    for engine in STACKED:
        arrays |= {
            f"{engine}_stack_w": heads.stack[engine].weights,
            f"{engine}_stack_b": heads.stack[engine].bias,
        }
    np.savez_compressed(path, **arrays)


def settings_dict(settings: Settings) -> dict[str, Any]:  # Any: JSON
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


def ngram_values(text: str, buckets: int) -> tuple[NDArray[np.int64], Floats]:
    """The n-grams of a text: their buckets, each once, and their values, of length 1 together."""
    found, counts = np.unique(np.array(ngram_buckets(text, buckets), dtype=np.int64), return_counts=True)
    values = np.log1p(counts).astype(np.float32)
    length = float(np.linalg.norm(values))
    return found, values / length if length else values


def is_telling(word: str) -> bool:
    """Too short a piece explains nothing to a reader, however much it weighs."""
    return len(word) >= (2 if is_han(word[0]) else 3)


def softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    normalised: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return normalised


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def per_language(values: Mapping[str, float], language: str) -> float:
    return values.get(language, values["*"])

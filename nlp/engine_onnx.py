"""The default engine: a small multilingual encoder in int8 by onnxruntime, and linear heads mixed with n-grams."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from transformers import AutoTokenizer

from nlp.analyzer import Options
from nlp.errors import EngineUnavailable, first_line
from nlp.heads import Floats, load_heads, per_language, softmax
from nlp.reading import Reader, Scores

MODEL: Final = "model.int8.onnx"
HEADS: Final = "heads.npz"
TOKENIZER: Final = ("tokenizer.json", "tokenizer_config.json")
SHA_LENGTH: Final = 12

# The base was trained with this before every question.
PREFIX: Final = "query:"
WINDOW: Final = 128
MOST_WINDOWS: Final = 4
VECTOR_SIZE: Final = 384


class OnnxReader(Reader):
    engine = "onnx"
    complaint_by = "onnx"

    def __init__(self, encoder: "Encoder", model_sha: str, options: Options) -> None:
        super().__init__(model_sha, load_heads(options.weights / HEADS), options)
        self.encoder = encoder

    def score(self, words: str, language: str) -> Scores:
        pooled = self.encoder.encode(words)
        sentiment = self.mixed("sentiment", pooled, words, language)
        logits = [
            float(self.heads.vector["complaint"].logits(pooled)[0]),
            float(self.heads.ngram["complaint"].logits(words)[0]),
        ]
        vector = pooled[-VECTOR_SIZE:]
        return Scores(
            sentiment,
            self.weigh_complaint(logits, sentiment, words),
            self.mixed("topic", pooled, words, language),
            (vector / np.linalg.norm(vector)).astype(np.float16),
        )

    def mixed(self, task: str, pooled: Floats, words: str, language: str) -> Floats:
        """Probabilities of the encoder's head and the n-grams', weighed as training found best for the language."""
        logits = self.heads.vector[task].logits(pooled)
        by_vector = (
            softmax(logits / self.temperature("onnx", language)) if task == "sentiment" else softmax(logits)
        )
        share = per_language(self.heads.settings.mix[task], language)
        mixed: Floats = share * by_vector + (1 - share) * self.by_ngrams(task, words, language)
        return mixed


class Encoder:
    """Text → mean of the words' hidden states, several layers side by side, the last layer last."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(
            folder, local_files_only=True
        )  # Any: transformers has no types
        self.session = onnxruntime.InferenceSession(
            folder / MODEL, session_options(threads), ["CPUExecutionProvider"]
        )
        self.prefix: list[int] = self.tokenizer(PREFIX, add_special_tokens=False)["input_ids"]

    def encode(self, text: str) -> Floats:
        """Shape (384 x layers,). Long texts: windows, each weighing as much as it is long."""
        pieces: list[int] = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        windows = split(pieces, WINDOW - len(self.prefix) - 2)
        pooled = np.stack([self.run(window) for window in windows])
        mean: Floats = np.average(pooled, axis=0, weights=[len(window) for window in windows]).astype(
            np.float32
        )
        return mean

    def run(self, pieces: Sequence[int]) -> Floats:
        ids = [self.tokenizer.bos_token_id, *self.prefix, *pieces, self.tokenizer.eos_token_id]
        batch = np.array([ids], dtype=np.int64)
        pooled: Floats = self.session.run(None, {"input_ids": batch, "attention_mask": np.ones_like(batch)})[
            0
        ][0]
        return pooled


def open_engine(options: Options) -> OnnxReader:
    """Loads tokenizer, graph and heads from `options.weights`, or says which of them does not fit."""
    files = [options.weights / name for name in (MODEL, *TOKENIZER, HEADS)]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise EngineUnavailable(f"The folder {options.weights} lacks {', '.join(missing)}.")
    try:
        encoder = Encoder(options.weights, options.threads)
    except (
        OSError,
        ValueError,
        KeyError,
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    ) as error:
        raise EngineUnavailable(
            f"The model in {options.weights} cannot be loaded: {first_line(error)}."
        ) from error
    return OnnxReader(encoder, fingerprint(files), options)


def fingerprint(files: Sequence[Path]) -> str:
    """The first twelve hexadecimal digits of the SHA-256 of all files that decide an answer."""
    digest = sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:SHA_LENGTH]


def session_options(threads: int) -> Any:  # Any: onnxruntime has no types
    """No spinning: an idle worker must not burn the core that the web processes need."""
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = threads
    chosen.inter_op_num_threads = 1
    chosen.add_session_config_entry("session.intra_op.allow_spinning", "0")
    chosen.log_severity_level = 3
    return chosen


def split(pieces: list[int], size: int) -> list[list[int]]:
    """At most MOST_WINDOWS parts: the first ones, and the last, where the demand stands."""
    parts = [pieces[start : start + size] for start in range(0, len(pieces), size)] or [[]]
    return parts if len(parts) <= MOST_WINDOWS else [*parts[: MOST_WINDOWS - 1], parts[-1]]

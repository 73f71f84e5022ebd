"""Fits the linear heads on the public sets and our own rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression

from nlp.heads import Floats, Heads, Linear, Ngrams, ngram_values
from nlp.text import normalise
from nlp.topics import TOPICS
from tools.nlp_training.calibrate import OWN, UNKNOWN, Development, Held, decide
from tools.nlp_training.data import Row

FOLDS = 5
MOST_ROUNDS = 150

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Task:
    """A head to train. `vector_c` and `ngram_c` are inverse regularisation; `own_weight` what one row of ours counts."""

    name: str
    classes: int
    buckets: int
    vector_c: float
    ngram_c: float
    own_weight: float


TASKS = (
    Task("sentiment", classes=3, buckets=2**17, vector_c=0.001, ngram_c=2.0, own_weight=30),
    Task("complaint", classes=1, buckets=2**16, vector_c=0.001, ngram_c=2.0, own_weight=30),
    Task("topic", classes=len(TOPICS), buckets=2**14, vector_c=0.002, ngram_c=2.0, own_weight=20),
)


@dataclass(frozen=True, slots=True)
class Material:
    """All rows, ready for fitting: vectors (rows, inputs), which are our own, and each row's fold."""

    rows: Sequence[Row]
    texts: Sequence[str]
    vectors: Floats
    own: NDArray[np.bool_]
    folds: Labels

    def labels(self, task: Task) -> Labels:
        values = {
            "sentiment": [row.sentiment for row in self.rows],
            "complaint": [row.complaint for row in self.rows],
            "topic": [None if row.topic is None else TOPICS.index(row.topic) for row in self.rows],
        }[task.name]
        return np.array([UNKNOWN if value is None else value for value in values])


def fit_heads(rows: Sequence[Row], vectors: Floats, seed: int) -> tuple[Heads, dict[str, float]]:
    """All heads with their settings, and the development scores: each row judged by heads that never saw it."""
    material = Material(
        rows,
        texts=[normalise(row.text).text for row in rows],
        vectors=vectors,
        own=np.array([row.source == OWN for row in rows]),
        folds=np.random.default_rng(seed).integers(0, FOLDS, len(rows)),
    )
    vector_heads, ngram_heads, held, labels = {}, {}, {}, {}
    for task in TASKS:
        grams = bag(material.texts, task.buckets)
        labels[task.name] = material.labels(task)
        known = labels[task.name] != UNKNOWN
        held[task.name] = hold_out(task, material, grams)
        vector_heads[task.name] = fit_vector(task, material, known)
        ngram_heads[task.name] = fit_ngram(task, material, grams, known)
        print(f"fitted {task.name} on {known.sum()} rows", flush=True)
    development = Development(
        material.texts,
        np.array([row.source for row in rows]),
        np.array([row.language for row in rows]),
        material.folds,
        labels,
        held,
    )
    stacks, settings, scores = decide(development)
    return Heads(vector_heads, ngram_heads, stacks, settings), scores


def bag(texts: Sequence[str], buckets: int) -> csr_matrix:
    found = [ngram_values(text, buckets) for text in texts]
    ends = np.cumsum([0, *(len(indices) for indices, _ in found)])
    indices = np.concatenate([indices for indices, _ in found])
    values = np.concatenate([values for _, values in found])
    return csr_matrix((values, indices, ends), shape=(len(texts), buckets))


def hold_out(task: Task, material: Material, grams: csr_matrix) -> Held:
    """Logits of all rows, fold by fold."""
    labels = material.labels(task)
    vector = np.zeros((len(labels), task.classes), np.float32)
    ngram = np.zeros((len(labels), task.classes), np.float32)
    for fold in range(FOLDS):
        seen = (labels != UNKNOWN) & (material.folds != fold)
        unseen = material.folds == fold
        vector[unseen] = fit_vector(task, material, seen).logits(material.vectors[unseen])
        head = fit_ngram(task, material, grams, seen)
        ngram[unseen] = grams[unseen] @ head.weights.astype(np.float32) + head.bias
    return Held(vector, ngram)


def fit_vector(task: Task, material: Material, chosen: NDArray[np.bool_]) -> Linear:
    """The scaling of the inputs is folded into the weights, so that nothing is left to do at run time."""
    inputs = material.vectors[chosen]
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    weights, bias = regress((inputs - mean) / spread, task, task.vector_c, material, chosen)
    scaled = weights / spread[:, None]
    return Linear(scaled.astype(np.float32), (bias - mean @ scaled).astype(np.float32))


def fit_ngram(task: Task, material: Material, grams: csr_matrix, chosen: NDArray[np.bool_]) -> Ngrams:
    weights, bias = regress(grams[chosen], task, task.ngram_c, material, chosen)
    return Ngrams(weights.astype(np.float16), bias.astype(np.float32))


def regress(
    inputs: Floats | csr_matrix, task: Task, strength: float, material: Material, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logistic regression; weights (inputs, classes), one column where there are two classes."""
    labels = material.labels(task)[chosen]
    model = LogisticRegression(C=strength, max_iter=MOST_ROUNDS)
    model.fit(inputs, labels, sample_weight=importance(labels, material.own[chosen], task.own_weight))
    return model.coef_.T, model.intercept_


def importance(labels: Labels, own: NDArray[np.bool_], own_weight: float) -> NDArray[np.float64]:
    """Our own rows count more, and among them each class as much as the others: we wrote more blame than praise."""
    weights = np.ones(len(labels))
    classes = np.unique(labels[own])
    for label in classes:
        mine = own & (labels == label)
        weights[mine] = own_weight * own.sum() / (len(classes) * mine.sum())
    return weights

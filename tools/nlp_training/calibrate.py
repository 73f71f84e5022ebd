"""Decides on held-out rows how to mix the heads, how sure they may be, and when a message sounds like a complaint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp import complaint
from nlp.evaluate import macro_f1
from nlp.heads import Floats, Linear, Settings, per_language, softmax

Labels = NDArray[np.int64]
PerLanguage = dict[str, float]

LANGUAGES = ("en", "zh")
ALL = "*"
MARGIN = 0.15
WANTED_RECALL = 0.94
TEMPERATURES = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0)
# Where heads tie, the encoder's: the n-grams know only words they have seen.
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
STACK_C = 0.5


@dataclass(frozen=True, slots=True)
class Held:
    """Logits (rows, classes) of rows that the heads have not seen."""

    vector: Floats
    ngram: Floats


@dataclass(frozen=True, slots=True)
class Development:
    """Our own rows: texts, languages, folds, and by task their labels and held-out logits."""

    texts: Sequence[str]
    languages: NDArray[np.str_]
    folds: Labels
    labels: Mapping[str, Labels]
    held: Mapping[str, Held]

    def rows_of(self, language: str) -> NDArray[np.bool_]:
        return np.ones(len(self.texts), np.bool_) if language == ALL else self.languages == language


def decide(rows: Development) -> tuple[dict[str, Linear], Settings, dict[str, float]]:
    """The weighing of complaint signs by engine, the settings, and the scores on held-out rows."""
    mood = rows.held["sentiment"]
    temperatures = {
        "onnx": best_temperatures(rows, mood.vector),
        "rules": best_temperatures(rows, mood.ngram),
    }
    cooled = Held(
        cool(mood.vector, rows.languages, temperatures["onnx"]),
        cool(mood.ngram, rows.languages, temperatures["rules"]),
    )
    shares = {
        "sentiment": best_shares(rows, cooled, "sentiment"),
        "topic": best_shares(rows, rows.held["topic"], "topic"),
    }
    sentiment = {"onnx": blend(cooled, rows.languages, shares["sentiment"]), "rules": softmax(cooled.ngram)}
    topic = {
        "onnx": blend(rows.held["topic"], rows.languages, shares["topic"]),
        "rules": softmax(rows.held["topic"].ngram),
    }
    heard = rows.held["complaint"]
    logits = {"onnx": np.hstack([heard.vector, heard.ngram]), "rules": heard.ngram}
    stacks: dict[str, Linear] = {}
    thresholds: dict[str, PerLanguage] = {}
    scores: dict[str, float] = {}
    for engine in ("onnx", "rules"):
        stacks[engine], likelihood = weigh_signs(rows, logits[engine], sentiment[engine])
        thresholds[engine] = best_thresholds(rows, likelihood)
        judged = {"sentiment": sentiment[engine], "topic": topic[engine]}
        scores |= development_scores(engine, rows, judged, likelihood, thresholds[engine])
    settings = Settings(mix=shares, temperature=temperatures, complaint_threshold=thresholds, margin=MARGIN)
    return stacks, settings, scores


def cool(logits: Floats, languages: NDArray[np.str_], temperatures: PerLanguage) -> Floats:
    cooled: Floats = logits / np.array(
        [[per_language(temperatures, language)] for language in languages], np.float32
    )
    return cooled


def blend(logits: Held, languages: NDArray[np.str_], shares: PerLanguage) -> Floats:
    share = np.array([[per_language(shares, language)] for language in languages], np.float32)
    mixed: Floats = share * softmax(logits.vector) + (1 - share) * softmax(logits.ngram)
    return mixed


def best_temperatures(rows: Development, logits: Floats) -> PerLanguage:
    """By language the temperature under which the right answers are likeliest."""

    def likelihood(temperature: float, chosen: NDArray[np.bool_]) -> float:
        likely = softmax(logits[chosen] / temperature)[
            np.arange(chosen.sum()), rows.labels["sentiment"][chosen]
        ]
        return float(np.log(np.maximum(likely, 1e-9)).mean())

    return best(rows, TEMPERATURES, likelihood)


def best_shares(rows: Development, logits: Held, task: str) -> PerLanguage:
    """By language the share of the encoder's head that gives the best macro-F1."""

    def score(share: float, chosen: NDArray[np.bool_]) -> float:
        mixed = share * softmax(logits.vector[chosen]) + (1 - share) * softmax(logits.ngram[chosen])
        return round(macro_f1(rows.labels[task][chosen], mixed.argmax(axis=1)), 3)

    return best(rows, SHARES, score)


def best(
    rows: Development, choices: Sequence[float], score: Callable[[float, NDArray[np.bool_]], float]
) -> PerLanguage:
    """The first of the best choices for each language."""
    found = {}
    for language in (*LANGUAGES, ALL):
        scores = [score(choice, rows.rows_of(language)) for choice in choices]
        found[language] = choices[int(np.argmax(scores))]
    return found


def weigh_signs(rows: Development, logits: Floats, sentiment: Floats) -> tuple[Linear, Floats]:
    """Weights of the heads' logits, the sentiment and the signs; and each row's likelihood by weights fitted without it."""
    signs = [complaint.features(text, mood) for text, mood in zip(rows.texts, sentiment, strict=True)]
    inputs = np.hstack([logits, np.array(signs)])
    labels = rows.labels["complaint"]
    likelihood = np.zeros(len(labels), np.float32)
    for fold in np.unique(rows.folds):
        unseen = rows.folds == fold
        model = LogisticRegression(C=STACK_C, max_iter=500).fit(inputs[~unseen], labels[~unseen])
        likelihood[unseen] = model.predict_proba(inputs[unseen])[:, 1]
    model = LogisticRegression(C=STACK_C, max_iter=500).fit(inputs, labels)
    return Linear(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)), likelihood


def best_thresholds(rows: Development, likelihood: Floats) -> PerLanguage:
    """By language the highest threshold that still hears WANTED_RECALL of the complaints."""
    return {
        language: round(
            float(
                np.quantile(
                    likelihood[rows.rows_of(language) & (rows.labels["complaint"] == 1)], 1 - WANTED_RECALL
                )
            ),
            3,
        )
        for language in (*LANGUAGES, ALL)
    }


def development_scores(
    engine: str, rows: Development, judged: Mapping[str, Floats], likelihood: Floats, thresholds: PerLanguage
) -> dict[str, float]:
    scores: dict[str, float] = {}
    for language in LANGUAGES:
        chosen = rows.rows_of(language)
        for task, probabilities in judged.items():
            answers = probabilities[chosen].argmax(axis=1)
            scores[f"{engine} {task} macro-F1 {language}"] = macro_f1(rows.labels[task][chosen], answers)
        heard = likelihood[chosen] >= thresholds[language]
        meant = rows.labels["complaint"][chosen] == 1
        scores[f"{engine} complaint recall {language}"] = float((heard & meant).sum() / meant.sum())
        scores[f"{engine} complaint precision {language}"] = float(
            (heard & meant).sum() / max(1, heard.sum())
        )
    return {name: round(value, 3) for name, value in scores.items()}

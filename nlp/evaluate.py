"""Measures an engine on labelled rows: any file of the asked shape, or the rows that were written for this project."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nlp import language
from nlp.analyzer import Analysis, Analyzer
from nlp.errors import BadData
from nlp.heads import SENTIMENTS
from nlp.topics import TOPICS

Task = Literal["sentiment", "complaint", "topic", "language"]

TASKS: Final[tuple[Task, ...]] = ("sentiment", "complaint", "topic", "language")
BUNDLED: Final = Path(__file__).parent / "eval"
COMPLAINT_LABELS: Final = ("0", "1")


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Report:
    """Fractions 0 to 1; `confusion[label][answer]` counts rows; `cpu_ms` per row."""

    task: Task
    n: int
    labels: list[str]
    accuracy: float
    macro_f1: float
    macro_recall: float
    confusion: dict[str, dict[str, int]]
    cpu_ms: dict[str, float]
    engine: str
    model_sha: str

    def as_dict(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Floor:
    """What a bundled file must reach. `measure` is a field of Report, or the recall of the label 1."""

    file: str
    task: Task
    measure: Literal["macro_f1", "accuracy", "recall_of_1"]
    least: float

    def value(self, report: Report) -> float:
        if self.measure == "recall_of_1":
            row = report.confusion["1"]
            return row.get("1", 0) / sum(row.values())
        return float(getattr(report, self.measure))


FLOORS: Final = (
    Floor("sentiment.en.tsv", "sentiment", "macro_f1", 0.70),
    Floor("sentiment.zh.tsv", "sentiment", "macro_f1", 0.70),
    Floor("complaint.en.tsv", "complaint", "recall_of_1", 0.85),
    Floor("complaint.zh.tsv", "complaint", "recall_of_1", 0.85),
    Floor("topic.tsv", "topic", "accuracy", 0.60),
    Floor("language.tsv", "language", "accuracy", 0.95),
)


def evaluate(analyzer: Analyzer, examples: Sequence[Example], task: Task) -> Report:
    """Asks the analyzer about every example. On a file with two labels the answer is the better of those two."""
    labels = sorted({example.label for example in examples}, key=order(task))
    check_labels(labels, task)
    answer = answerer(analyzer, task, labels)
    answers, times = [], []
    for example in examples:
        started = process_time()
        answers.append(answer(example.text))
        times.append((process_time() - started) * 1000)
    return report(examples, answers, times, task=task, labels=labels, analyzer=analyzer)


def evaluate_bundled(analyzer: Analyzer) -> list[tuple[Floor, Report]]:
    return [(floor, evaluate(analyzer, read_examples(BUNDLED / floor.file), floor.task)) for floor in FLOORS]


def read_examples(path: Path, limit: int | None = None) -> list[Example]:
    """A tab-separated file with a header that names `text` and `label`; plain, without quoting."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadData(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror}.") from error
    columns = lines[0].rstrip("\r").lower().split("\t")
    if not {"text", "label"} <= set(columns):
        raise BadData(f"{path} needs a first line with the columns text and label, separated by a tab.")
    examples = []
    for number, line in enumerate(lines[1:], start=2):
        fields = line.rstrip("\r").split("\t")
        if line.strip() and len(fields) != len(columns):
            raise BadData(f"{path}, line {number}: {len(fields)} columns instead of {len(columns)}.")
        if line.strip():
            examples.append(Example(fields[columns.index("text")], fields[columns.index("label")].strip()))
    if not examples:
        raise BadData(f"{path} has no rows.")
    return examples[:limit]


def order(task: Task) -> Callable[[str], tuple[int, str]]:
    known = {"sentiment": SENTIMENTS, "complaint": COMPLAINT_LABELS, "topic": TOPICS, "language": ()}[task]
    return lambda label: (known.index(label) if label in known else len(known), label)


def check_labels(labels: Sequence[str], task: Task) -> None:
    known: Sequence[str] = {
        "sentiment": SENTIMENTS,
        "complaint": COMPLAINT_LABELS,
        "topic": TOPICS,
        "language": labels,
    }[task]
    foreign = [label for label in labels if label not in known]
    if foreign:
        raise BadData(f"The label {foreign[0]!r} is none of {', '.join(known)}; choose the task with --task.")


def answerer(analyzer: Analyzer, task: Task, labels: Sequence[str]) -> Callable[[str], str]:
    if task == "language":
        return lambda text: language.detect(text, labels)
    if task == "complaint":
        return lambda text: heard(analyzer, analyzer.analyse(text))
    known: Sequence[str] = SENTIMENTS if task == "sentiment" else TOPICS
    if len(labels) == 2:
        return lambda text: max(
            labels, key=lambda label: probabilities(analyzer.analyse(text), task)[known.index(label)]
        )
    return lambda text: str(getattr(analyzer.analyse(text), task))


def heard(analyzer: Analyzer, analysis: Analysis) -> str:
    return str(int(analysis.complaint >= analyzer.complaint_threshold(analysis.language)))


def probabilities(analysis: Analysis, task: Task) -> tuple[float, ...]:
    return analysis.sentiment_p if task == "sentiment" else analysis.topic_p


def report(
    examples: Sequence[Example],
    answers: Sequence[str],
    times: Sequence[float],
    *,
    task: Task,
    labels: list[str],
    analyzer: Analyzer,
) -> Report:
    pairs = Counter((example.label, answer) for example, answer in zip(examples, answers, strict=True))
    confusion = {
        label: {answer: count for (meant, answer), count in sorted(pairs.items()) if meant == label}
        for label in labels
    }
    recalls = [confusion[label].get(label, 0) / sum(confusion[label].values()) for label in labels]
    meant = np.array([labels.index(example.label) for example in examples])
    given = np.array([labels.index(answer) if answer in labels else len(labels) for answer in answers])
    return Report(
        task=task,
        n=len(examples),
        labels=labels,
        accuracy=round(float((meant == given).mean()), 4),
        macro_f1=round(macro_f1(meant, given), 4),
        macro_recall=round(float(np.mean(recalls)), 4),
        confusion=confusion,
        cpu_ms={
            "p50": round(float(np.percentile(times, 50)), 2),
            "p95": round(float(np.percentile(times, 95)), 2),
        },
        engine=analyzer.engine,
        model_sha=analyzer.model_sha,
    )


def macro_f1(meant: NDArray[np.int64], given: NDArray[np.int64]) -> float:
    """The mean over the labels that occur of F1 = 2 TP / (2 TP + FP + FN)."""
    scores = []
    for label in np.unique(meant):
        both = int(((meant == label) & (given == label)).sum())
        scores.append(2 * both / (int((meant == label).sum()) + int((given == label).sum())))
    return float(np.mean(scores))

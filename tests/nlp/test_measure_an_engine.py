"""An engine is measured on labelled rows, by figures worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from nlp.analyzer import Analyzer
from nlp.errors import BadData
from nlp.evaluate import Example, evaluate, macro_f1, read_examples, report


def test_macro_f1_is_the_mean_of_the_labels() -> None:
    meant = np.array([0, 0, 1, 1, 2])
    given = np.array([0, 1, 1, 1, 0])
    # F1: 2·1/(2+2) = 0.5, 2·2/(2+3) = 0.8, 0
    assert macro_f1(meant, given) == pytest.approx((0.5 + 0.8 + 0) / 3)


def test_report_counts_what_was_meant_and_answered(rules: Analyzer) -> None:
    examples = [Example("a", "0"), Example("b", "0"), Example("c", "1"), Example("d", "1")]
    measured = report(
        examples, ["0", "1", "1", "1"], [1, 2, 3, 4], task="complaint", labels=["0", "1"], analyzer=rules
    )
    assert measured.n == 4
    assert measured.accuracy == 0.75
    assert measured.macro_recall == 0.75
    assert measured.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert measured.confusion == {"0": {"0": 1, "1": 1}, "1": {"1": 2}}
    assert measured.cpu_ms["p50"] == 2.5


def test_with_two_labels_the_third_is_never_answered(rules: Analyzer) -> None:
    examples = [Example("What time do you open?", "negative"), Example("请问几点开门", "positive")]
    assert set().union(*evaluate(rules, examples, "sentiment").confusion.values()) <= {"negative", "positive"}


def test_an_answer_outside_the_labels_counts_as_wrong(rules: Analyzer) -> None:
    measured = report([Example("a", "en")], ["ko"], [1], task="language", labels=["en"], analyzer=rules)
    assert measured.accuracy == 0
    assert measured.macro_f1 == 0


def test_file_is_read_plainly(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(
        '\ufeffid\tText\tlabel\r\n1\t"He said "no"\tneutral\r\n\r\n2\tOk\tpositive', encoding="utf-8"
    )
    assert read_examples(path) == [Example('"He said "no"', "neutral"), Example("Ok", "positive")]
    assert read_examples(path, 1) == [Example('"He said "no"', "neutral")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "columns text and label"),
        (b"text\tmood\nHi\tneutral\n", "columns text and label"),
        (b"text\tlabel\n", "has no rows"),
        (b"text\tlabel\nHi there\n", "line 2: 1 columns instead of 2"),
        (b"text\tlabel\nHi\tneutral\textra\n", "line 2: 3 columns instead of 2"),
        (b"text\tlabel\n\xff\xfe\tneutral\n", "not UTF-8"),
    ],
)
def test_bad_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "rows.tsv"
    path.write_bytes(content)
    with pytest.raises(BadData, match=sentence):
        read_examples(path)


def test_foreign_label_is_named(rules: Analyzer) -> None:
    with pytest.raises(BadData, match=r"'angry' is none of negative, neutral, positive; choose the task"):
        evaluate(rules, [Example("Hi", "angry")], "sentiment")

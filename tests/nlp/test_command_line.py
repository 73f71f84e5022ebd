"""`python -m nlp` keeps its contract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nlp.__main__ import main

REPORT_KEYS = {
    "task", "n", "labels", "accuracy", "macro_f1", "macro_recall", "confusion", "cpu_ms", "engine", "model_sha",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fast_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ENGINE", "rules")


def test_classify_prints_one_line_of_json_per_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--json", "Thanks a lot!", "我要投诉，电话13800138000"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["sentiment"] == "positive"
    assert first["language"] == "en"
    assert first["model"] == f"rules:{first['model_sha']}"
    assert second["language"] == "zh"
    assert second["sounds_like_complaint"] is True
    assert {"about": "complaint", "code": "explicit", "words": "投诉"} in second["reasons"]
    assert second["pii"] == [{"kind": "phone", "start": 7, "end": 18}]


def test_classify_speaks_to_people_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "The charger is on fire! Write to a@example.org"]) == 0
    said = capsys.readouterr().out
    assert "urgency: danger “on fire”" in said
    assert "personal data: email" in said


def test_classify_reads_lines_even_broken_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nlp", "classify", "--json"],
        input=b"Thank you!\n\xff\xfe broken\n\n",
        capture_output=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 3
    assert answers[2]["sentiment"] == "neutral"


def test_evaluate_prints_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(
        "text\tlabel\nThank you, great!\tpositive\nTerrible, awful, rude\tnegative\nOk\tneutral\n"
    )
    assert main(["evaluate", "--data", str(path), "--limit", "2", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == REPORT_KEYS
    assert (answer["task"], answer["n"], answer["labels"]) == ("sentiment", 2, ["negative", "positive"])
    assert set(answer["cpu_ms"]) == {"p50", "p95"}


@pytest.mark.parametrize(
    ("task", "labels"), [("complaint", "01"), ("language", ("en", "zh")), ("topic", ("refund", "praise"))]
)
def test_evaluate_knows_its_tasks(
    task: str, labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(f"label\ttext\n{labels[0]}\tWhere is my refund\n{labels[1]}\t谢谢\n", encoding="utf-8")
    assert main(["evaluate", "--data", str(path), "--task", task]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["task"] == task
    assert set(answer["labels"]) == set(labels)


def test_evaluate_alone_fails_below_a_floor(capsys: pytest.CaptureFixture[str]) -> None:
    """The fallback does not reach what the model promises, and the command says so."""
    assert main(["evaluate", "--json"]) == 1
    said = capsys.readouterr()
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert len(answers) == 6
    assert all(set(answer) >= REPORT_KEYS for answer in answers)
    assert "Below the floor: " in said.err


def test_bench_tells_time_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["cpu_ms_en"]["p50"] > 0
    assert answer["cpu_ms_zh"]["p95"] >= answer["cpu_ms_zh"]["p50"]
    assert answer["peak_rss_mb"] > 0


def test_pii_prints_the_text_without_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pii", "王丽 a@example.org 4111111111111111 \udc80"]) == 0
    assert capsys.readouterr().out == "王丽 [email] [card] \\udc80\n"
    assert main(["pii", "--json", "a@example.org"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"text": "[email]", "spans": [{"kind": "email", "start": 0, "end": 13}]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["evaluate", "--data", "/nowhere/rows.tsv"],
            "/nowhere/rows.tsv cannot be read: No such file or directory.",
        ),
        (["classify", "--engine", "off", "Hi"], "Analysis is switched off (NLP_ENGINE=off)."),
        (
            ["classify", "--engine", "hf", "Hi"],
            "NLP_ENGINE=hf needs NLP_MODEL: a folder or the name of a model.",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err == sentence + "\n"
    assert said.out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["sing"], ["evaluate", "--limit", "0"], ["evaluate", "--task", "mood"], ["pii"]]
)
def test_wrong_use_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2

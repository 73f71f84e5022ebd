"""`complaints replay`: a timeline tried in memory, and what is wrong with a file said in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from contactcenter.cli.complaints import main

SCENARIOS = sorted(Path(__file__).with_name("scenarios").glob("*.json"))
SUBMIT = {
    "at": "2026-11-02T10:15:00Z",
    "event": "submit",
    "by": "customer",
    "data": {"channel": "email", "text": "…", "contact": "li@example.org"},
}


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_scenario_meets_what_it_expects(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["replay", "--check", str(file)])
    assert (status, capsys.readouterr().err) == (0, "")


def written(tmp_path: Path, *steps: dict[str, Any], **case: Any) -> str:  # Any: JSON
    file = tmp_path / "case.json"
    file.write_text(json.dumps({"steps": [SUBMIT, *steps], **case}), encoding="utf-8")
    return str(file)


def propose(**data: Any) -> dict[str, Any]:  # Any: JSON
    return {"at": "2026-11-05T10:00:00Z", "event": "propose", "by": "ivy", "data": {"findings": [], **data}}


PEOPLE = {"ivy": {"roles": ["investigator"], "team": "t9"}}


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (propose(loss=0, goodwil=5), "steps[1].data.goodwil: unknown key (did you mean goodwill?)"),
        (propose(loss=0), "steps[1].data.goodwill: is missing"),
        (propose(loss="0", goodwill=1), "steps[1].data.loss: must be a whole number, 0 or more"),
        (
            {"at": "2026-11-05T10:00:00Z", "event": "propse", "by": "ivy"},
            "steps[1].event: unknown event propse (did you mean propose?)",
        ),
        (
            {"at": "2026-11-05T10:00:00Z", "event": "accept", "by": "ivi"},
            "steps[1].by: unknown person ivi (did you mean ivy?)",
        ),
        ({"at": "2026-11-01T10:00:00Z", "tick": True}, "steps[1].at: earlier than the step before"),
        ({"at": "yesterday", "tick": True}, "steps[1].at: must be an instant like 2026-11-02T10:15:00Z"),
        (
            {"at": "2026-11-05T10:00:00Z", "ask": "clock"},
            "steps[1].ask: unknown question clock (did you mean clocks?)",
        ),
        ({"at": "2026-11-05T10:00:00Z"}, "steps[1]: a step has one of event, try, tick and ask"),
        (
            {"at": "2026-11-05T10:00:00Z", "tick": True, "bye": 1},
            "steps[1].bye: unknown key (did you mean by?)",
        ),
    ],
)
def test_fault_in_a_step_is_one_line_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], step: dict[str, Any], line: str
) -> None:
    assert main(["replay", written(tmp_path, step, people=PEOPLE)]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"error: {line}\n")


@pytest.mark.parametrize(
    ("case", "line"),
    [
        ({"pack": "uk-fca-dips"}, "pack: unknown pack uk-fca-dips (did you mean uk-fca-disp?)"),
        ({"calendar": "GB"}, "calendar: unknown calendar GB"),
        ({"zone": "Europe/Leeds"}, "zone: Europe/Leeds is not a time zone"),
        ({"agent_limit": "much"}, "agent_limit: must be a whole number"),
        ({"vulnerabl": True}, "vulnerabl: unknown key (did you mean vulnerable?)"),
        ({"neighbours": [{"upheld": 1}]}, "neighbours[0].upheld: must be true or false"),
        ({"people": {"x": {"roles": "agent"}}}, "people.x.roles: must be a list"),
        (
            {"pack": {"base": "iso10002-default", "without": [{"from": "follow_up", "event": "close"}]}},
            "pack: custom: no case can ever be closed",
        ),
    ],
)
def test_fault_in_a_case_is_one_line_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: dict[str, Any], line: str
) -> None:
    assert main(["replay", written(tmp_path, **case)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {line}")


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "\ufeff{}"])
def test_file_that_is_no_case_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "case.json"
    file.write_text(text, encoding="utf-8")
    assert main(["replay", str(file)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_missing_file_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_refusal_is_an_answer_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        {"at": "2026-11-02T11:00:00Z", "ask": "chain"},
        {"at": "2026-11-02T11:00:00Z", "event": "close", "by": "system"},
        {"at": "2026-11-02T11:00:00Z", "ask": "chain"},
    ]
    assert main(["replay", written(tmp_path, *steps)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[2]["ok"] is False
    assert lines[2]["violations"][0]["rule"] == "STATE"
    assert {**lines[1], "step": 3} == lines[3]


def test_difference_from_what_is_expected_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = {"at": "2026-11-02T11:00:00Z", "ask": "state", "expect": {"state": "closed", "handlers": {}}}
    assert main(["replay", "--check", written(tmp_path, step, name="mine")]) == 1
    assert capsys.readouterr().err == "mine: step 1: state: expected 'closed', got 'received'\n"


def test_list_of_cases_names_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    file.write_text(
        json.dumps([{"name": "one", "steps": [SUBMIT]}, {"name": "two", "steps": []}]), encoding="utf-8"
    )
    assert main(["replay", str(file)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("name") for line in lines] == ["one", None, "two"]


def test_pack_can_be_tried_before_it_is_switched_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = {"n": 3, "unit": "BD", "start": "received", "stop": "decided", "kind": "promise"}
    pack = {"name": "quick", "base": "iso10002-default", "clocks": {"decision": quick}}
    ask = {"at": "2026-11-02T11:00:00Z", "ask": "clocks"}
    assert main(["replay", written(tmp_path, ask, pack=pack)]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[1])
    assert answer["clocks"]["decision"]["due"] == "2026-11-05"

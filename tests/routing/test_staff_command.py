"""A planner asks `python -m routing staff` how many agents a target takes."""

import json

import pytest

from routing.__main__ import main

CALL_CENTRE = [
    "staff",
    "--calls",
    "100",
    "--per",
    "3600",
    "--aht",
    "360",
    "--target",
    "0.8",
    "--within",
    "20",
]


def test_answer_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CALL_CENTRE, "--shrinkage", "0.3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"agents", "agents_with_shrinkage", "service_level", "asa_s", "occupancy", "p_wait"}
    assert (found["agents"], found["agents_with_shrinkage"]) == (14, 20)
    assert found["service_level"] >= 0.8


def test_patience_adds_abandonment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CALL_CENTRE, "--patience", "120", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agents"] < 14
    assert 0 < found["p_abandon"] < 0.2


def test_table_shows_the_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CALL_CENTRE, "--patience", "60"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[4].split()[0].endswith("*")
    assert "abandon" in lines[1]


def test_table_says_where_waiting_has_no_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "--calls", "100", "--aht", "360", "--target", "0"]) == 0
    assert "no end" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ["--target", "1"],
        ["--calls", "-1"],
        ["--calls", "many"],
        ["--aht", "0"],
        ["--shrinkage", "nan"],
        ["--aht", "inf"],
    ],
)
def test_impossible_figures_are_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*CALL_CENTRE, *wrong])
    assert f"{wrong[1]!r} is not a number" in capsys.readouterr().err


def test_demand_beyond_reason_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "--calls", "1e12", "--aht", "3600"]) == 2
    assert capsys.readouterr().err == "more than 100,000 agents would be needed: too many to work out\n"

"""Logs say what happened to which id; what people wrote, their names and addresses never get there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = ("body", "text", "html", "email", "phone", "address", "password", "token", "subject", "name")
PROCESS = """
import structlog
from contactcenter.core.logs import configure_logs, get_logger

configure_logs("info")
log = get_logger("here")
structlog.contextvars.bind_contextvars(request_id="abcdefgh")
log.info("ticket_opened", ticket_id=12)
log.debug("too_fine")
for key in %r:
    log.warning("something", ticket_id=12, **{key: "Wang Li wang.li@example.cn"})
try:
    words = chr(87) + "ang Li"
    [][len(words)]
except IndexError:
    log.exception("it_failed")
try:
    raise LookupError("duplicate key\\nDETAIL:  Key (value)=(wang.li@example.cn) already exists.")
except LookupError:
    log.exception("statement_failed")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, object]]:
    """What a process logs that nobody watches: one JSON object a line on standard error."""
    command = [sys.executable, "-c", PROCESS % (PERSONAL,)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_names_its_event_its_ids_and_its_request(lines: list[dict[str, object]]) -> None:
    first = lines[0]
    assert (first["event"], first["ticket_id"], first["request_id"]) == ("ticket_opened", 12, "abcdefgh")
    assert {"level", "timestamp", "module"} <= set(first)


def test_what_could_be_personal_is_hidden_and_ids_are_not(lines: list[dict[str, object]]) -> None:
    told = [line for line in lines if line["event"] == "something"]
    assert [line[key] for line, key in zip(told, PERSONAL, strict=True)] == ["[hidden]"] * len(PERSONAL)
    assert {line["ticket_id"] for line in told} == {12}


def test_a_crash_is_logged_without_the_values_of_its_variables(lines: list[dict[str, object]]) -> None:
    assert "IndexError" in str(lines[-2]["exception"])
    assert "Wang Li" not in json.dumps(lines)


def test_a_statement_that_failed_is_logged_without_the_values_in_it(
    lines: list[dict[str, object]], engine: Engine
) -> None:
    told = str(lines[-1]["exception"])
    assert "duplicate key" in told
    assert "wang.li" not in told
    with engine.connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text("SELECT 1 / (:n - :n), :words"), {"n": 1, "words": "Wang Li"})
    assert "Wang Li" not in str(failed.value)


def test_what_is_below_the_level_is_not_said(lines: list[dict[str, object]]) -> None:
    assert "too_fine" not in {line["event"] for line in lines}

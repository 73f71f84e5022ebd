"""`mail ingest`: the same as the mailbox reader, from files, with one JSON line each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.channels.email.models import RawMessage
from contactcenter.cli.mail import main
from contactcenter.core import db
from contactcenter.tickets.models import Ticket
from tests.channels.email import mails


@pytest.fixture
def database(clean_database: Engine) -> Iterator[Engine]:
    """The command connects for itself, as in its own process; afterwards the tests' engine is in its place again."""
    yield clean_database
    db.bind(clean_database)


def test_files_become_tickets_once_and_say_so(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = []
    for name, raw in {
        "new": mails.plain(),
        "reply": mails.plain("more", message_id="<2@x>", in_reply_to="<one@example.cn>"),
        "again": mails.plain(),
        "robot": mails.plain("away", message_id="<3@x>", Auto_Submitted="auto-replied"),
        "broken": b"no headers",
    }.items():
        (tmp_path / name).write_bytes(raw)
        names.append(str(tmp_path / name))
    assert main(["ingest", "--json", *names]) == 0
    new, reply, again, robot, broken = map(json.loads, capsys.readouterr().out.splitlines())
    assert (new["created"], new["duplicate"], new["error"]) == (True, False, None)
    assert (reply["ticket"], reply["created"]) == (new["ticket"], False)
    assert (again["ticket"], again["duplicate"], again["created"]) == (new["ticket"], True, False)
    assert (robot["ticket"], robot["auto"]) == (None, True)
    assert broken["ticket"] != new["ticket"]
    assert broken["error"] == "The message has no headers."
    with Session(database) as session:
        assert session.scalar(select(func.count()).select_from(RawMessage)) == 5
        assert session.scalar(select(func.count()).select_from(Ticket)) == 2


def test_an_input_that_cannot_be_read_fails_the_command_and_not_the_others(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new").write_bytes(mails.plain())
    assert main(["ingest", "--json", str(tmp_path / "none"), str(tmp_path / "new")]) == 1
    missing, new = map(json.loads, capsys.readouterr().out.splitlines())
    assert missing["ticket"] is None
    assert "none" in missing["error"]
    assert new["created"]
    with Session(database) as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1

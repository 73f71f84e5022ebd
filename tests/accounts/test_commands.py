"""`token create` and `user add`, as a shell calls them."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from contactcenter.accounts.models import Role, Team, User
from contactcenter.accounts.sessions import sign_in
from contactcenter.accounts.tokens import find_token
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import EventRow
from tests.world import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
DORA = ("user", "add", "--email", "Dora@example.com", "--name", "Dora Diaz", "--role", "agent", "supervisor")


def command(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *words],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_token_is_all_that_is_printed_and_it_works(clean_database: Engine) -> None:
    done = command("token", "create", "--role", "supervisor", "--name", "wall")
    assert (done.returncode, done.stderr) == (0, "")
    (token,) = done.stdout.split()
    with unit_of_work() as session:
        found = find_token(session, token)
        assert found is not None
        assert found.user.has(Role.SUPERVISOR)
        assert session.scalar(select(EventRow.id).where(EventRow.name == "token.created"))


def test_a_token_of_one_team_that_may_only_read(clean_database: Engine) -> None:
    with unit_of_work() as session:
        session.add(Team(name="Night shift"))
    wish = ("token", "create", "--role", "agent", "--team", "Night shift", "--read-only")
    (token,) = command(*wish).stdout.split()
    with unit_of_work() as session:
        found = find_token(session, token)
        assert found is not None
        assert found.read_only
        assert found.user.team is not None
        assert found.user.team.name == "Night shift"


@pytest.mark.parametrize("words", [("create",), ("create", "--role", "emperor"), ()])
def test_a_token_command_that_is_not_understood_says_how(words: tuple[str, ...]) -> None:
    done = command("token", *words)
    assert done.returncode == 2
    assert "usage: app.py token" in done.stderr


def test_somebody_added_in_the_shell_can_sign_in(clean_database: Engine) -> None:
    done = command(*DORA, typed=f"{PASSWORD}\n")
    assert (done.returncode, done.stdout) == (0, "dora@example.com: agent, supervisor\n")
    with unit_of_work() as session:
        assert sign_in(session, "dora@example.com", PASSWORD, "browser")


def test_what_will_not_do_is_one_line_and_no_trace(clean_database: Engine) -> None:
    weak = command(*DORA, typed="short\n")
    assert (weak.returncode, weak.stderr) == (1, "candor: A password needs at least 10 characters.\n")
    teamless = command(*DORA, "--team", "Nowhere", typed=f"{PASSWORD}\n")
    assert (teamless.returncode, teamless.stderr) == (1, "candor: There is no such team.\n")
    with unit_of_work() as session:
        assert session.scalar(select(User.id)) is None

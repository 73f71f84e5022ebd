"""What people and scripts rely on at the terminal, line by line.

A line that costs a start of the whole system is shown once, where its feature is tested: SHOWN_ELSEWHERE says where.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import app
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.own import own_addresses
from contactcenter.cli import backup, demo, doctor, mail, token
from contactcenter.cli import complaints as complaints_command
from contactcenter.core import db
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.db import unit_of_work
from nlp.__main__ import main as nlp_command
from routing.__main__ import main as routing_command
from tests.channels.email import mails
from tests.world import World, build_world

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]
LINE = {
    *("ticket", "created", "duplicate", "from", "to", "cc", "reply_to", "subject", "text", "reply_text"),
    *("attachments", "auto", "error"),
}

SHOWN_ELSEWHERE = {
    "make run seeds only into an empty database": "demo/test_seed.py::test_where_somebody_is_nothing_is_seeded",
    "make run prints the URL": (
        "setup/test_serve.py::test_serve_says_where_it_is_refuses_a_second_start_and_leaves_nothing_running"
    ),
    "make run prints the sign-ins": (
        "demo/test_announce.py::test_one_sign_in_for_each_role_two_agents_and_the_customers_page_are_printed"
    ),
    "demo.json has url and widget key": (
        "demo/test_announce.py::test_the_file_for_programs_follows_the_address_and_keeps_the_rest"
    ),
    "demo.json has the sign-ins": "demo/test_seed.py::test_sign_ins_are_private_and_work",
    "make start: the first page creates the first administrator": (
        "web/auth/test_first_administrator.py::test_a_fresh_installation_leads_to_the_set_up"
    ),
    "make start: with a one-time code": (
        "web/auth/test_first_administrator.py::test_the_code_makes_the_first_administrator_and_signs_her_in"
    ),
    "SECRET_KEY is made and kept 0600 when embedded": (
        "embedded/test_attach_to_the_system.py::test_the_secret_key_is_made_once_and_for_the_owner_alone"
    ),
    "SECRET_KEY is required with DATABASE_URL": (
        "embedded/test_attach_to_the_system.py::test_a_given_database_wants_a_given_secret_key"
    ),
    "DATABASE_URL and REDIS_URL replace the engines": (
        "embedded/test_attach_to_the_system.py::test_given_addresses_are_used_as_they_are"
    ),
    "a command attaches to the running system": (
        "embedded/test_attach_to_the_system.py::test_a_command_uses_the_engines_of_the_system_that_runs"
    ),
    "a command starts the engines for its own duration": (
        "embedded/test_attach_to_the_system.py::"
        "test_a_command_starts_engines_on_the_newest_schema_for_its_own_duration"
    ),
    "sockets lie in a short directory": (
        "embedded/test_start_the_engines.py::"
        "test_sockets_move_to_a_short_folder_when_the_state_directory_is_deep"
    ),
    "mail ingest stores and processes like the poller": (
        "channels/email/test_ingest_command.py::test_files_become_tickets_once_and_say_so"
    ),
    "mail ingest exits 0 only when every input was stored": (
        "channels/email/test_ingest_command.py::"
        "test_an_input_that_cannot_be_read_fails_the_command_and_not_the_others"
    ),
    "complaints replay": "complaints/test_replay.py::test_scenario_meets_what_it_expects",
    "routing replay --check": (
        "routing/test_replay_command.py::test_check_passes_whatever_the_order_within_an_instant"
    ),
    "routing simulate": "routing/test_simulate_command.py::test_figures_of_every_policy_as_json",
    "routing staff": "routing/test_staff_command.py::test_answer_as_json",
    "routing bench": "routing/test_bench_command.py::test_quick_bench_tells_the_machine_and_the_cells",
    "nlp classify": "nlp/test_command_line.py::test_classify_prints_one_line_of_json_per_text",
    "nlp evaluate": "nlp/test_command_line.py::test_evaluate_prints_the_report",
    "nlp bench": "nlp/test_command_line.py::test_bench_tells_time_and_memory",
    "nlp pii": "nlp/test_command_line.py::test_pii_prints_the_text_without_personal_data",
    "token create prints only the token": (
        "accounts/test_commands.py::test_a_token_is_all_that_is_printed_and_it_works"
    ),
    "user add": "accounts/test_commands.py::test_somebody_added_in_the_shell_can_sign_in",
    "backup FILE, restore FILE": (
        "setup/test_back_up_and_restore.py::"
        "test_everything_comes_back_in_an_empty_installation_and_only_there"
    ),
    "doctor": "setup/test_ask_the_doctor.py::test_a_sound_installation_has_no_warning_from_settings",
    "demo --live": "demo/test_live.py::test_chat_mail_and_proposal_come_within_30_s",
    "away by the system for a missed offer": (
        "assignment/test_offer.py::test_missed_offer_returns_to_its_place_and_sets_the_agent_away"
    ),
    "away by the system for a lost connection": (
        "assignment/test_vanish.py::"
        "test_vanished_agent_is_away_and_his_chat_is_offered_to_the_next_at_its_old_place"
    ),
    "a conversation is the T of a routing scenario": (
        "routing/test_replay_scenarios.py::test_scenario_plays_as_expected"
    ),
}


@pytest.mark.parametrize("line", SHOWN_ELSEWHERE)
def test_what_is_shown_elsewhere_is_there(line: str) -> None:
    file, test = SHOWN_ELSEWHERE[line].split("::")
    assert f"\ndef {test}(" in (ROOT / "tests" / file).read_text()


@pytest.fixture
def database(clean_database: Engine) -> Iterator[Engine]:
    """People and queues for a command, which connects for itself; then the tests' engine is in its place again."""
    with unit_of_work() as session:
        build_world(session)
    yield clean_database
    db.bind(clean_database)


@pytest.mark.parametrize(
    ("target", "does"),
    [("run", "app.py serve --demo"), ("start", "app.py serve --no-demo"), ("test", ' -m "not soak"')],
)
def test_make_run_start_and_test_do_what_they_are_called(target: str, does: str) -> None:
    plan = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert does in plan.stdout


def test_settings_have_these_names_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HOST", "PORT", "STATE_DIR", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert [str(getattr(Settings(), name.lower())) for name in names] == [
        *("127.0.0.1", "8000", "var", "", "", "", ""),
    ]
    for name in names:
        monkeypatch.setenv(name, "7")
    assert [str(getattr(Settings(), name.lower())) for name in names] == ["7"] * 7


def test_app_py_has_these_commands() -> None:
    promised = {"mail", "complaints", "token", "user", "backup", "restore", "doctor", "demo", "serve"}
    assert promised <= set(app.COMMANDS)


@pytest.mark.parametrize(
    ("main", "words", "options"),
    [
        (mail.main, ["ingest"], ["--json", "FILE"]),
        (mail.main, ["parse"], ["--json", "FILE"]),
        (complaints_command.main, ["replay"], ["--check", "FILE"]),
        (complaints_command.main, ["verify"], []),
        (token.main, ["create"], ["--role", "--name"]),
        (backup.backup, [], ["FILE"]),
        (backup.restore, [], ["FILE"]),
        (doctor.main, [], []),
        (demo.main, [], ["--size N", "--live"]),
        *((routing_command, [word], []) for word in ("replay", "simulate", "staff", "bench")),
        *((nlp_command, [word], []) for word in ("classify", "evaluate", "bench", "pii")),
    ],
)
def test_every_command_explains_its_options(
    main: object, words: list[str], options: list[str], capsys: Capture
) -> None:
    assert callable(main)
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out.lower()
    assert all(option.lower() in said for option in options), said


def test_mail_ingest_prints_one_json_line_for_each_input_in_order(
    database: Engine, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.eml").write_bytes(mails.with_files(("发票.pdf", b"%PDF", "application/pdf")))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=SimpleNamespace(read=mails.plain)))
    assert mail.main(["ingest", "--json", str(tmp_path / "letter.eml"), "-"]) == 0
    letter, typed = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(letter) == set(typed) == LINE
    assert (letter["created"], letter["duplicate"], letter["auto"], letter["error"]) == (
        True,
        False,
        False,
        None,
    )
    assert isinstance(letter["ticket"], int)
    assert set(letter["from"]) == {"address", "name"}
    assert letter["attachments"] == [
        {"filename": "发票.pdf", "content_type": "application/pdf", "size": 4, "inline": False}
    ]


def test_a_missing_sender_has_no_address_and_a_robot_no_ticket(
    database: Engine, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "nobody").write_bytes(b"Subject: Hello\r\n\r\nWho am I?\r\n")
    (tmp_path / "robot").write_bytes(mails.plain(message_id="<r@x>", Auto_Submitted="auto-replied"))
    assert mail.main(["ingest", "--json", str(tmp_path / "nobody"), str(tmp_path / "robot")]) == 0
    nobody, robot = map(json.loads, capsys.readouterr().out.splitlines())
    assert nobody["from"]["address"] is None
    assert (robot["ticket"], robot["auto"]) == (None, True)


def test_an_unreadable_mail_is_stored_as_a_ticket_with_an_error(
    database: Engine, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "broken").write_bytes(b"no headers")
    assert mail.main(["ingest", "--json", str(tmp_path / "broken")]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["ticket"] is not None
    assert line["error"]


def test_mail_parse_needs_no_database(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "connect", None)
    (tmp_path / "1.eml").write_bytes(mails.plain())
    assert mail.main(["parse", "--json", str(tmp_path / "1.eml")]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(line) == LINE
    assert (line["ticket"], line["created"]) == (None, None)


def test_our_addresses_are_those_of_the_mailboxes_and_mail_addresses(
    world: World, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add(Mailbox(address="help@harbour.example", brand=world.brand, queue=world.support))
    monkeypatch.setenv("MAIL_ADDRESSES", "old@harbour.example, info@harbour.example")
    get_settings.cache_clear()
    ours = own_addresses(db_session)
    assert ours.known == {"help@harbour.example", "old@harbour.example", "info@harbour.example"}


def test_complaints_verify_proves_every_chain(database: Engine, capsys: Capture) -> None:
    assert complaints_command.main(["verify"]) == 0
    assert capsys.readouterr().out

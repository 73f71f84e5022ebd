import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from contactcenter.cli.doctor import examine
from contactcenter.cli.doctor_machine import MACHINE_CHECKS, analysis_loads
from contactcenter.cli.doctor_services import SERVICE_CHECKS
from contactcenter.cli.finding import Finding
from contactcenter.core.config import Settings
from contactcenter.embedded import places
from contactcenter.embedded.engines import Engines

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "postgresql+psycopg://candor@127.0.0.1:1/candor"


def on_the_machine(settings: Settings) -> dict[str, Finding]:
    """What is found without engines; the model is left out, for loading it takes seconds."""
    checks = [check for check in MACHINE_CHECKS if check is not analysis_loads]
    return {finding.code: finding for check in checks for finding in check(settings)}


def in_services(settings: Settings) -> dict[str, Finding]:
    return {finding.code: finding for check in SERVICE_CHECKS for finding in check(settings)}


def test_a_sound_installation_has_no_warning_from_settings(own_dir: Path) -> None:
    found = on_the_machine(Settings(state_dir=own_dir, port=0))
    assert not {"W002", "W004", "W005", "W006", "W007", "W008", "W009", "W010", "W011"} & set(found)


def test_a_taken_port_is_named(own_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = on_the_machine(Settings(state_dir=own_dir, port=port))
    assert f"127.0.0.1 port {port}" in found["W007"].message
    assert "W007" not in on_the_machine(Settings(state_dir=own_dir, port=port))


def test_a_secret_that_others_can_read_is_named(own_dir: Path) -> None:
    key = own_dir / "secret_key"
    key.write_text("s" * 40)
    key.chmod(0o644)
    assert on_the_machine(Settings(state_dir=own_dir))["W005"].hint == f"chmod 600 {key}"
    key.chmod(0o600)
    assert "W005" not in on_the_machine(Settings(state_dir=own_dir))


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "W008"), ("short", "W009"), ("a" * 64, "W009"), ("f4t-9qLw2-ZkUe7-xVb31-mPo08-Hs", "W009")],
)
def test_a_missing_or_weak_key_is_named(own_dir: Path, key: str, code: str) -> None:
    settings = Settings(state_dir=own_dir, database_url=NOWHERE, secret_key=key)
    assert code in on_the_machine(settings)


def test_an_address_without_encryption_is_named_where_it_matters(own_dir: Path) -> None:
    open_to_all = Settings(state_dir=own_dir, host="0.0.0.0", port=0)  # noqa: S104  nothing listens
    assert {"W010", "W011"} <= set(on_the_machine(open_to_all))
    behind_proxy = open_to_all.model_copy(update={"public_url": "https://care.example"})
    assert not {"W010", "W011"} & set(on_the_machine(behind_proxy))


def test_a_file_in_the_place_of_the_state_directory_is_named(own_dir: Path) -> None:
    (own_dir / "var").write_text("")
    assert "W004" in on_the_machine(Settings(state_dir=own_dir / "var"))


def test_unreachable_services_are_named_with_their_reason(own_dir: Path) -> None:
    settings = Settings(state_dir=own_dir, database_url=NOWHERE, redis_url="redis://127.0.0.1:1")
    found = in_services(settings)
    assert "refused" in found["W021"].message
    assert "refused" in found["W026"].message


def test_a_database_behind_the_schema_and_an_owner_as_user_are_named(engines: Engines) -> None:
    empty = engines.migration_url.replace("/candor?", "/template1?")
    settings = Settings(database_url=empty, redis_url=engines.redis_url)
    assert set(in_services(settings)) == {"W024", "W025"}


def test_engines_that_do_not_start_are_a_finding_and_no_trace(own_dir: Path) -> None:
    (own_dir / "engines").write_text("a file where a folder should be")
    done = subprocess.run(
        [sys.executable, "app.py", "doctor"],
        cwd=ROOT,
        env={"STATE_DIR": str(own_dir), "NLP_ENGINE": "off", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "W020  The engines do not start" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_data_to_which_nothing_points_is_named(own_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("root alone keeps data outside the state directory")
    monkeypatch.setattr(places, "SYSTEM_HOME", own_dir / "lib")
    kept, left = (own_dir / "lib" / name for name in ("kept", "left"))
    for home, state_dir in ((kept, own_dir / "var"), (left, own_dir / "removed")):
        home.mkdir(parents=True)
        (home / places.OWNER_NOTE).write_text(f"{state_dir}\n")
    (own_dir / "var").mkdir()
    (own_dir / "var" / places.POINTER).write_text(f"{kept}\n")
    assert on_the_machine(Settings(state_dir=own_dir / "var"))["I018"].hint == f"rm -r {left}"


def test_every_number_is_used_once(own_dir: Path) -> None:
    settings = Settings(
        state_dir=own_dir,
        database_url=NOWHERE,
        redis_url="redis://127.0.0.1:1",
        secret_key="k",
        nlp_engine="off",
    )
    codes = [finding.code[1:] for finding in examine(settings) if finding.code != "I018"]
    assert len(codes) == len(set(codes))

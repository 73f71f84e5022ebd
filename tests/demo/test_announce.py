"""What `make run` prints for a newcomer, and what it writes down for programs."""

import json

import pytest

from contactcenter.cli.demo import seed_if_empty
from contactcenter.cli.seed import announce_sign_ins
from contactcenter.core.config import Settings


def test_one_sign_in_for_each_role_two_agents_and_the_customers_page_are_printed(
    demo: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    announce_sign_ins(demo.state_dir / "demo.json", "http://127.0.0.1:8123")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert sorted(words[0] for words in lines) == [
        "administrator",
        "agent",
        "agent",
        "approver",
        "customer",
        "investigator",
        "reviewer",
        "supervisor",
    ]
    known = json.loads((demo.state_dir / "demo.json").read_text())
    wanted = [[one["role"], one["email"], one["password"]] for one in known["sign_ins"]]
    assert lines == [*wanted, ["customer", "http://127.0.0.1:8123/widget/demo"]]


def test_the_file_for_programs_follows_the_address_and_keeps_the_rest(demo: Settings) -> None:
    path = demo.state_dir / "demo.json"
    before = json.loads(path.read_text())
    announce_sign_ins(path, "http://127.0.0.1:8123")
    assert json.loads(path.read_text()) == before | {"url": "http://127.0.0.1:8123"}
    assert before["widget_key"].startswith("wk_")


@pytest.mark.usefixtures("world")
def test_without_demo_data_nothing_is_announced(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not seed_if_empty(settings)
    announce_sign_ins(settings.state_dir / "demo.json", settings.base_url)
    assert capsys.readouterr().out == ""

import json
from pathlib import Path

import pytest

from tools import assets, check_sizes, translations

PAGE = '{{ _("Good morning") }} {{ _("%(name)s calls", name=name) }} {{ ngettext("one call", "%(n)s calls", n) }}'


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small source tree whose catalogue is empty."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "PO", tmp_path / "translations" / "zh" / "LC_MESSAGES" / "messages.po")
    return tmp_path


def fill(house: Path, words: dict[str, str]) -> None:
    (house / "zh.json").write_text(json.dumps(words))
    assert translations.main(["fill", str(house / "zh.json")]) == 0


def test_a_message_without_chinese_fails_the_check_until_it_is_filled_in(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert translations.main(["check"]) == 1
    assert "not in the catalogue: 'Good morning'" in capsys.readouterr().out
    fill(house, {"Good morning": "早上好", "%(name)s calls": "%(name)s 来电"})
    assert translations.main(["check"]) == 1
    assert "no Chinese: 'one call'" in capsys.readouterr().out
    fill(house, {"one call": "%(n)s 个来电"})
    assert translations.main(["check"]) == 0
    assert translations.PO.with_suffix(".mo").exists()


def test_chinese_that_lost_a_placeholder_fails_the_check(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(house, {"Good morning": "早上好", "%(name)s calls": "来电", "one call": "%(n)s 个来电"})
    assert translations.main(["check"]) == 1
    assert "placeholders differ: '%(name)s calls'" in capsys.readouterr().out


def test_what_nobody_says_any_more_leaves_the_catalogue(house: Path) -> None:
    fill(house, {"Good morning": "早上好"})
    (house / "templates" / "page.html").write_text('{{ _("Good evening") }}')
    assert translations.main(["update"]) == 0
    assert "Good morning" not in translations.PO.read_text()


def test_a_long_function_and_a_long_file_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    long = Path("long.py")
    long.write_text("def much() -> None:\n" + "    pass\n" * 500)
    assert list(check_sizes.long_files([long])) == ["long.py: 501 lines, at most 400"]
    assert list(check_sizes.long_functions([long])) == ["long.py:1: much has 501 lines, at most 50"]


def test_a_vendor_file_that_changed_is_refused() -> None:
    sources = dict(assets.hashed_sources())
    assets.check_hashes(sources)
    changed = sources | {"htmx.org/dist/htmx.esm.min.js": "0" * 64}
    with pytest.raises(assets.AssetError, match=r"htmx.esm.min.js is not the file pinned"):
        assets.check_hashes(changed)


def test_an_icon_that_does_not_exist_is_named() -> None:
    with pytest.raises(assets.AssetError, match="names no-such-icon"):
        assets.symbol("no-such-icon")

"""English and Chinese: which one a browser wishes, and how instants and durations read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.core.clock import frozen
from contactcenter.core.i18n import (
    LANGUAGES,
    choose_language,
    current_language,
    format_ago,
    format_city,
    format_datetime,
    format_duration,
    format_list,
    gettext,
    ngettext,
    speaking,
)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh-TW", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,de;q=0.9,zh;q=0.1", "zh"),
        ("en; q=0.3, zh; q=0.7", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        ("fr", "en"),
    ],
)
def test_browser_gets_the_language_it_wishes(accepted: str | None, language: str) -> None:
    assert choose_language(accepted) == language


@given(st.text())
def test_any_header_yields_a_language_we_speak(accepted: str) -> None:
    assert choose_language(accepted) in LANGUAGES


def test_language_holds_inside_its_block_only() -> None:
    with speaking("zh"):
        assert current_language() == "zh"
        with speaking("xx"):
            assert current_language() == "en"
        assert current_language() == "zh"
    assert current_language() == "en"


def test_message_is_filled_in_and_may_be_empty() -> None:
    assert gettext("%(n)s %% of %(what)s", n=5, what="all") == "5 % of all"
    assert gettext("100 %") == "100 %"
    assert gettext("") == ""
    assert [ngettext("%(n)s ticket", "%(n)s tickets", n) for n in (1, 2)] == ["1 ticket", "2 tickets"]


def test_instants_are_told_in_the_readers_zone_and_language() -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    with speaking("en", "Europe/London"):
        assert format_datetime(at) == "2 Jul 2026, 00:30"
    with speaking("zh", "Asia/Shanghai"):
        assert format_datetime(at) == "2026年7月2日 07:30"
    with frozen(datetime(2026, 7, 1, 23, 33, tzinfo=UTC)), speaking("zh"):
        assert format_ago(at) == "3分钟前"


@pytest.mark.parametrize(
    ("zone", "english", "chinese"),
    [("Europe/London", "London", "伦敦"), ("Asia/Shanghai", "Shanghai", "上海")],
)
def test_zones_are_called_by_their_cities(zone: str, english: str, chinese: str) -> None:
    with speaking("en"):
        assert format_city(zone) == english
    with speaking("zh"):
        assert format_city(zone) == chinese


def test_lists_are_joined_as_the_language_joins_them() -> None:
    three = ["a", "b", "c"]
    with speaking("en"):
        assert [format_list(three[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
        assert format_list(three, "or") == "a, b or c"
    with speaking("zh"):
        assert [format_list(three[:n]) for n in range(4)] == ["", "a", "a和b", "a、b和c"]
        assert format_list(three, "or") == "a、b或c"


@pytest.mark.parametrize(
    ("seconds", "read"),
    [(0, "0:00"), (42.9, "0:42"), (725, "12:05"), (11_229, "3:07:09"), (90_000, "25:00:00")],
)
def test_durations_read_like_a_clock(seconds: float, read: str) -> None:
    assert format_duration(seconds) == read

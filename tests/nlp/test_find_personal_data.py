"""Personal data is found by pattern and checksum, and taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.pii import Span, find, redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Write to wang.li+shop@example.co.uk, please.", "Write to [email], please."),
        ("邮箱：li@example.cn，谢谢", "邮箱：[email]，谢谢"),
        ("身份证11010519491231002X。", "身份证[cn_id]。"),
        ("手机13800138000", "手机[phone]"),
        ("电话 138-0013-8000 或 010-65550011", "电话 [phone] 或 [phone]"),
        ("+86 138 0013 8000", "[phone]"),
        ("Call +44 20 7946 0958 or (415) 555-2671.", "Call [phone] or [phone]."),
        ("Ring 020 7946 0011 after six", "Ring [phone] after six"),
        ("55 13800138000 13900139000", "55 [phone] [phone]"),
        ("My card is 4111 1111 1111 1111 ok?", "My card is [card] ok?"),
        ("Amex 378282246310005", "Amex [card]"),
        ("IBAN GB29 NWBK 6016 1331 9268 19 PLEASE", "IBAN [iban] PLEASE"),
        ("DE89370400440532013000", "[iban]"),
        ("SSN 219-09-9999", "SSN [ssn]"),
    ],
)
def test_it_takes_out(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "身份证110105194912310021",  # wrong check character
        "110105194913310029",  # there is no month 13
        "Card 4111 1111 1111 1112",  # fails Luhn
        "Order 4829301847 of 2025-11-22 10:30",
        "GB28 NWBK 6016 1331 9268 19",  # fails mod 97
        "ZZ29 NWBK 6016 1331 9268 19",  # no such country
        "Part 000-12-3456",  # never issued
        "Total 1,299.00 for 3 items, room 404",
        "22.11.2025 at 14:00",
        "version 1.2.3.4",
        "not@an@address",
        "tracking 20250112345",
    ],
)
def test_it_leaves_alone(text: str) -> None:
    assert redact(text) == text


def test_full_width_digits_do_not_hide_a_number() -> None:
    text = "打１３８００１３８０００给我"
    assert redact(text) == "打[phone]给我"
    assert find(text) == (Span("phone", 1, 12),)


def test_invisible_characters_do_not_hide_a_number() -> None:
    assert redact("138\u200b0013\u200b8000!") == "[phone]!"


def test_places_are_those_of_the_original_text() -> None:
    text = "ﬁrst ㎏ then a@example.org"  # the ligature and the unit grow when normalised
    (span,) = find(text)
    assert text[span.start : span.end] == "a@example.org"


def test_ip_addresses_are_found_only_on_request() -> None:
    text = "from 192.168.0.12 and 2001:db8::1, not 999.1.1.1"
    assert find(text) == ()
    assert [span.kind for span in find(text, ip=True)] == ["ip", "ip"]


def test_regions_say_which_national_numbers_are_understood() -> None:
    assert redact("030 901820") == "030 901820"
    assert [span.kind for span in find("030 901820", regions=("DE",))] == ["phone"]


def test_clock_times_are_no_addresses() -> None:
    assert find("from 10:30:15 to 11:00", ip=True) == ()


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("0123456789０９ -.()+@aZ中\u200b\u0301\ud800:"), st.characters()),
        max_size=60,
    )
)
def test_any_text_is_searched_and_spans_never_overlap(text: str) -> None:
    spans = find(text, ip=True)
    ends = [0, *(span.end for span in spans)]
    assert all(0 <= end <= span.start < span.end <= len(text) for end, span in zip(ends, spans, strict=False))
    assert redact(text, spans).count("[") >= len(spans)

"""Texts of customers become links on screens, and nothing else."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from contactcenter.core.templating import linked, paragraphs


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&c=2"),
        ("请看https://example.org/路径。谢谢", "https://example.org/路径"),
        ("(http://example.org)", "http://example.org"),
    ],
)
def test_an_address_in_a_sentence_is_a_link_without_the_full_stop(text: str, address: str) -> None:
    found = linked(text)
    assert f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">' in found
    assert found.striptags() == text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "www.example.org",
        "http://",
        "http://example.org/complaint/…",  # the key of a customer's link, left out: it leads nowhere
    ],
)
def test_nothing_but_whole_web_addresses_is_a_link(text: str) -> None:
    assert linked(text) == text


@given(st.text(alphabet="<>&\"' ahtps:/.…\n"))
def test_whatever_is_written_stays_text(text: str) -> None:
    without_links = re.sub(r"</?a[^<>]*>", "", linked(text))
    assert "<" not in without_links
    assert unescape(without_links) == text


def test_lines_are_kept() -> None:
    assert paragraphs("one\ntwo <b>") == "one<br>two &lt;b&gt;"

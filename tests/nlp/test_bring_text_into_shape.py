"""Text is normalised, freed of what others wrote, and never loses its way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import excerpt, ngram_buckets, ngrams, normalise, own_words

ANY = st.text(
    alphabet=st.one_of(st.sampled_from("aé①ﬃ㎏Ａ\u0301\u200b\r\n\x00\ud800中👍"), st.characters()),
    max_size=80,
)


@pytest.mark.parametrize(
    ("raw", "shaped"),
    [
        ("Ｈｅｌｌｏ　ｗｏｒｌｄ", "Hello world"),
        ("e\u0301te\u0301", "été"),
        ("a\u200bb\u00adc", "abc"),
        ("a\x00b\x1bc", "a b c"),
        ("a\r\nb\tc", "a \nb\tc"),
        ("x\ud83dy", "x\ufffdy"),
        ("①㎏", "1kg"),
    ],
)
def test_it_is_normalised(raw: str, shaped: str) -> None:
    assert normalise(raw).text == shaped


@given(ANY)
def test_every_character_knows_where_it_came_from(raw: str) -> None:
    mapped = normalise(raw)
    assert len(mapped.offsets) == len(mapped.text) + 1
    assert list(mapped.offsets) == sorted(mapped.offsets)
    for index in range(len(mapped.text)):
        start, end = mapped.original_span(index, index + 1)
        assert 0 <= start < end <= len(raw)
    mapped.text.encode()


@pytest.mark.parametrize(
    ("mail", "own"),
    [
        ("Yes please.\n\nOn 3 May 2026, Bob wrote:\n> No?\n> Sure?", "Yes please."),
        ("好的。\n\n在 2026年5月3日，客服写道：\n> 可以吗", "好的。"),
        ("Top\n> quoted\nbottom", "Top\n\nbottom"),
        ("Thanks\n-- \nAlice Smith\nHead of Fun", "Thanks"),
        ("Fine.\nSent from my phone", "Fine."),
        ("ok\n----- Original Message -----\nFrom: x", "ok"),
        ("好\n------------------ 原始邮件 ------------------\n发件人", "好"),
        ("> only a quote", "> only a quote"),
        ("On Monday I wrote:\nnothing yet", "On Monday I wrote:\nnothing yet"),
        (
            "Dear team,\non the 3rd my order broke.\nRegards",
            "Dear team,\non the 3rd my order broke.\nRegards",
        ),
    ],
)
def test_only_the_writers_own_words_remain(mail: str, own: str) -> None:
    assert own_words(mail) == own


def test_of_a_long_text_beginning_and_end_are_kept() -> None:
    cut = excerpt("start " + "x" * 10_000 + " end", 3000)
    assert len(cut) == 3000
    assert cut.startswith("start")
    assert cut.endswith("end")
    assert excerpt("short", 3000) == "short"


def test_ngrams_know_words_pairs_and_han_runs() -> None:
    grams = [gram for gram, _, _ in ngrams("Not happy, 退款12")]
    assert {" not ", " happy ", "not_happy", "退", "退款", "款"} <= set(grams)
    assert "00" in "".join(grams)


@given(ANY)
def test_each_ngram_speaks_of_a_place_in_the_text(raw: str) -> None:
    text = normalise(raw).text
    assert all(0 <= start < end <= len(text) for _, start, end in ngrams(text))
    assert all(0 <= bucket < 64 for bucket in ngram_buckets(text, 64))

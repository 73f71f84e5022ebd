"""Search words: Chinese is found by any two characters, Latin by the beginning of a word; nothing typed is an operator."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from contactcenter.core.search import MAX_WORDS, index_text, query_text, words

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
CHINESE = st.text(HAN, min_size=2, max_size=12)
BESIDE = st.sampled_from(["", " ", "iPhone", "，", "2026", "-", "é", "𠮷"])
FOUND = text("SELECT to_tsvector('simple', :text) @@ to_tsquery('simple', :query)")
patient = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(session: Session, said: str, typed: str) -> bool:
    return bool(session.scalar(FOUND, {"text": index_text(said), "query": query_text(typed)}))


@patient
@given(CHINESE, BESIDE, BESIDE, st.data())
def test_any_two_or_more_neighbouring_characters_find_the_text(
    db_session: Session, chinese: str, before: str, behind: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(chinese) - 2))
    end = data.draw(st.integers(start + 2, len(chinese)))
    assert found(db_session, before + chinese + behind, chinese[start:end])


@patient
@given(st.text(max_size=40))
@example("'); DROP TABLE ticket; --")
@example("a & | ! ( ) <-> :* '' \\")
@example("''':*")
def test_whatever_is_typed_is_a_question_the_database_understands(db_session: Session, typed: str) -> None:
    query = query_text(typed)
    assert isinstance(found(db_session, "anything", typed), bool)
    assert query.count("'") == 2 * len([term for term in query.split(" & ") if term])


@patient
@given(
    st.text(
        st.one_of(st.characters(max_codepoint=0x24F), st.sampled_from("жёΩß ٣ไ한ー々𠮷"), HAN), max_size=60
    )
)
def test_text_is_found_by_itself(db_session: Session, said: str) -> None:
    if words(said):
        assert found(db_session, said, said)


@pytest.mark.parametrize(
    ("said", "typed", "expected"),
    [
        ("The invoice 4711 is wrong", "invo", True),
        ("The invoice 4711 is wrong", "voice", False),
        ("The invoice 4711 is wrong", "WRONG invoice", True),
        ("The invoice 4711 is wrong", "invoice right", False),
        ("订单没有到货", "订单", True),
        ("订单没有到货", "单没", True),
        ("订单没有到货", "货", True),
        ("订单没有到货", "订货", False),
        ("我的iPhone手机坏了", "手机", True),
        ("我的iPhone手机坏了", "iphone", True),
        ("ＦＵＬＬ width", "full", True),
        ("Straße 7", "straße", True),
    ],
)
def test_people_find_what_they_mean(db_session: Session, said: str, typed: str, *, expected: bool) -> None:
    assert found(db_session, said, typed) is expected


def test_nothing_typed_asks_nothing() -> None:
    assert query_text("") == query_text(" -&|!'_ ") == ""


def test_long_text_is_indexed_up_to_a_limit() -> None:
    assert len(words("好" * 100_000)) == MAX_WORDS
    assert max(map(len, words("a" * 1000))) == 64

"""The model that comes with us says which facts are alike, also in other words and across languages."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bench_likeness import NEEDED, calibrate, measure, read_rows
from contactcenter.complaints.likeness import ALIKE, UNLIKE, likeness_of_meaning
from nlp.analyzer import get_analyzer
from nlp.meaning import Meaning, open_meaning


def test_cosines_between_unlike_and_alike_are_read_as_0_to_1() -> None:
    one = (100, 0, 0)
    found = likeness_of_meaning(one, [one, (87, 50, 0), (37, 93, 0), (0, 0, 100), (-100, 0, 0), None])
    assert found == [1, 1, pytest.approx((0.37 - UNLIKE) / (ALIKE - UNLIKE)), 0, 0, None]
    assert likeness_of_meaning(None, [one, None]) == [None, None]


@given(st.lists(st.integers(-127, 127), min_size=4, max_size=4).filter(any))
def test_the_same_meaning_is_wholly_alike(direction: list[int]) -> None:
    assert likeness_of_meaning(direction, [list(direction)]) == [1]


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    opened = open_meaning(get_analyzer("onnx"))
    assert opened is not None
    return opened


def test_the_same_matter_is_found_in_other_words_and_in_another_language(meaning: Meaning) -> None:
    mine, *others = (
        array("b", meaning.of([facts]))
        for facts in (
            "The deposit was not paid back after the contract ended",
            "合同结束后押金没有退",
            "Contract finished in March. Security money still withheld",
            "The meter was read wrongly",
            "电表读数抄错",
        )
    )
    found = [one or 0.0 for one in likeness_of_meaning(mine, others)]
    assert min(found[:2]) > NEEDED > max(found[2:])


def test_meaning_tells_matters_apart_better_than_words_do(meaning: Meaning) -> None:
    """On rows that nothing was chosen by; a new model has to come up to it, and to have its own constants."""
    found = measure(read_rows("test"), meaning)
    for languages, least in {"en-en": 0.78, "zh-zh": 0.80, "en-zh": 0.85, "all": 0.83}.items():
        assert found["meaning"][languages]["auc"] >= least
        assert found["meaning"][languages]["auc"] > found["words"][languages]["auc"] + 0.1
    assert found["meaning"]["all"]["found"] > 0.6
    assert found["meaning"]["all"]["found_wrongly"] < 0.12
    assert calibrate(read_rows("fit"), meaning) == pytest.approx([UNLIKE, ALIKE], abs=0.02)


def test_a_model_without_vectors_cannot_say_what_facts_mean() -> None:
    assert open_meaning(get_analyzer("rules")) is None

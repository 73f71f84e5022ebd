"""The words that people use to complain are recognised, and not where they are denied."""

import numpy as np
import pytest

from nlp.analyzer import Analyzer
from nlp.complaint import CUE_NAMES, features, is_declared, signs

CALM = np.array([0.1, 0.8, 0.1], np.float32)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("I wish to complain about the driver", "explicit", "complain"),
        ("我要投诉", "explicit", "投诉"),
        ("I shall write to the ombudsman", "authority", "ombudsman"),
        ("我打12315", "authority", "12315"),
        ("my lawyer says so", "law", "lawyer"),
        ("give me my money back", "redress", "money back"),
        ("必须赔偿", "redress", "赔偿"),
        ("the press will hear of it", "public", "press"),
        ("for the third time", "repeated", "third time"),
        ("太过分了", "strong", "过分"),
        ("who is responsible for this", "answer", "who is responsible"),
        ("说好周一的", "promise", "说好"),
    ],
)
def test_sign_is_seen(text: str, code: str, words: str) -> None:
    assert words in {sign.words for sign in signs(text) if sign.code == code}


@pytest.mark.parametrize(
    "text",
    [
        "No complaints at all, lovely stay",
        "How do I make a complaint?",
        "我不是投诉，只是问问",
        "没有任何不满",
        "以后要投诉走什么流程？",
    ],
)
def test_denied_or_asked_about_is_no_sign(text: str) -> None:
    assert "explicit" not in {sign.code for sign in signs(text)}
    assert features(text, CALM)[-1] == 1


def test_features_are_mood_then_signs_then_denial() -> None:
    values = features("I want a refund", CALM)
    assert values.shape == (3 + len(CUE_NAMES) + 1,)
    assert values[:3] == pytest.approx(CALM)
    assert values[3 + CUE_NAMES.index("redress")] == 1
    assert values[3:].sum() == 1


@pytest.mark.parametrize(
    "text",
    [
        "I want to complain",
        "I'd like to make a complaint.",
        "We wish to lodge a formal complaint about the driver",
        "This is a complaint.",
        "Please treat this as a complaint",
        "我要投诉",
        "我想正式投诉那个快递员",
        "投诉你们！",
        "Pay me by Friday or I go to the ombudsman.",
        "今天之内必须退款，否则我打12315",
    ],
)
def test_whoever_says_it_is_a_complaint_is_believed(text: str, analyzer: Analyzer) -> None:
    assert is_declared(text)
    analysis = analyzer.analyse(text)
    assert analysis.complaint >= analyzer.complaint_threshold(analysis.language)
    assert analysis.complaint_words


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to complain, just asking",
        "I have no complaints",
        "I can't complain",
        "I had a complaint last week and you handled it well",
        "How do I make a complaint?",
        "我不想投诉",
        "如果我要投诉怎么办",
        "我上周投诉过",
        "I am a lawyer and need your address",
        "12315是什么电话？",
        "I am going to court today, can you call later?",
        "我要找律师咨询合同",
        "我能打12315问价格吗？",
    ],
)
def test_whoever_denies_or_asks_has_not_declared_one(text: str) -> None:
    assert not is_declared(text)

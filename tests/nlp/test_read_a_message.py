"""Every message gets a reading: mood, complaint, topic, urgency, and why."""

import math

import numpy as np
import pytest

from nlp import evaluate
from nlp.analyzer import Analyzer
from nlp.evaluate import FLOORS, Floor
from nlp.heads import SENTIMENTS
from nlp.topics import TOPICS

BAD_INPUT = {
    "empty": "",
    "blanks": " \n\t \u3000",
    "control characters": "\x00\x07 help \x1b[31m",
    "lone surrogate": "broken \ud83d text \udc00",
    "a hundred thousand letters": "a" * 100_000,
    "a hundred thousand Han characters": "退" * 100_000,
    "digits only": "1234567890 " * 500,
    "combining marks": "e" + "\u0301" * 5_000,
    "one emoji": "👍",
    "only invisible": "\u200b\ufeff\u2060",
    "a script the model does not know": "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ",
    "markup": "<script>alert(1)</script> & </s><s><pad>",
}


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.file)
def test_own_rows_are_read_as_well_as_promised(onnx: Analyzer, floor: Floor) -> None:
    examples = evaluate.read_examples(evaluate.BUNDLED / floor.file)
    report = evaluate.evaluate(onnx, examples, floor.task)
    assert floor.value(report) >= floor.least, report


def test_a_hundred_own_rows_per_language_judge_the_mood() -> None:
    for language in ("en", "zh"):
        examples = evaluate.read_examples(evaluate.BUNDLED / f"sentiment.{language}.tsv")
        assert len(examples) == 100
        assert {example.label for example in examples} == set(SENTIMENTS)


def test_fallback_is_better_than_guessing_the_commonest_mood(rules: Analyzer) -> None:
    for language in ("en", "zh"):
        examples = evaluate.read_examples(evaluate.BUNDLED / f"sentiment.{language}.tsv")
        assert evaluate.evaluate(rules, examples, "sentiment").macro_f1 >= 0.45


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_no_text_breaks_the_reading(analyzer: Analyzer, text: str) -> None:
    analysis = analyzer.analyse(text)
    assert analysis.sentiment in SENTIMENTS
    assert analysis.topic in TOPICS
    assert math.isclose(sum(analysis.sentiment_p), 1, abs_tol=0.001)
    assert -1 <= analysis.score <= 1
    assert 0 <= analysis.complaint <= 1
    assert 0 <= analysis.urgency <= 3


def test_a_message_without_words_is_neutral_and_no_complaint(analyzer: Analyzer) -> None:
    analysis = analyzer.analyse("   ")
    assert (analysis.sentiment, analysis.complaint, analysis.topic, analysis.language) == (
        "neutral",
        0,
        "other",
        "und",
    )


def test_the_same_text_is_always_read_the_same(analyzer: Analyzer) -> None:
    text = "Waited three weeks for a sofa and now one leg is missing."
    first, second = analyzer.analyse_many([text, text])
    assert first.sentiment_p == second.sentiment_p
    assert first.complaint == second.complaint


def test_full_width_letters_are_read_like_ordinary_ones(analyzer: Analyzer) -> None:
    assert analyzer.analyse("Ｔｈａｎｋ ｙｏｕ").sentiment_p == analyzer.analyse("Thank you").sentiment_p


def test_quoted_mail_and_signature_do_not_count(analyzer: Analyzer) -> None:
    reply = "Perfect, thank you so much!"
    mail = f"{reply}\n\nOn 3 May 2026 at 10:14, Candor wrote:\n> This is a disgrace, I want my money back.\n"
    assert analyzer.analyse(mail).sentiment_p == analyzer.analyse(reply).sentiment_p


def test_a_complaint_shows_the_words_that_moved_it(analyzer: Analyzer) -> None:
    analysis = analyzer.analyse(
        "I want to complain: this is unacceptable, I demand a refund or I call my lawyer."
    )
    assert analysis.complaint >= analyzer.complaint_threshold("en")
    assert {"complain", "unacceptable", "refund", "lawyer"} <= set(analysis.complaint_words)


def test_a_chinese_complaint_shows_the_words_that_moved_it(analyzer: Analyzer) -> None:
    analysis = analyzer.analyse("我要投诉！你们太过分了，不赔偿我就找消协。")
    assert analysis.complaint >= analyzer.complaint_threshold("zh")
    assert {"投诉", "过分", "赔偿", "消协"} <= set(analysis.complaint_words)


def test_every_complaint_says_why(onnx: Analyzer) -> None:
    analysis = onnx.analyse("Five weeks of silence after you wrecked my grandmother's piano.")
    assert analysis.complaint >= onnx.complaint_threshold("en")
    assert analysis.complaint_words


def test_a_plain_question_is_no_complaint(onnx: Analyzer) -> None:
    for text in ("What time do you open on Saturday?", "请问周六几点开门？"):
        analysis = onnx.analyse(text)
        assert analysis.sentiment == "neutral"
        assert analysis.complaint < onnx.complaint_threshold(analysis.language)
        assert not analysis.complaint_words


def test_result_names_its_model(analyzer: Analyzer) -> None:
    engine, _, sha = analyzer.model_id.partition(":")
    assert engine == analyzer.engine
    assert len(sha) == 12
    assert set(sha) <= set("0123456789abcdef")
    assert analyzer.analyse("Hello").model == analyzer.model_id


def test_vector_finds_the_same_question_in_the_other_language(onnx: Analyzer) -> None:
    question, same, other = (
        onnx.analyse(text).vector
        for text in ("How do I reset my password?", "怎么重置密码？", "我的猫会弹钢琴")
    )
    assert question is not None
    assert same is not None
    assert other is not None
    assert question.shape == (384,)
    assert np.isclose(np.linalg.norm(question.astype(np.float32)), 1, atol=0.01)
    assert float(question @ same) > float(question @ other)


def test_a_long_mail_is_read_to_its_end(onnx: Analyzer) -> None:
    padding = "The meeting took place in room four and lasted an hour. " * 60
    calm = onnx.analyse(padding)
    angry = onnx.analyse(padding + "You ruined everything, I am furious and disgusted, shame on you! " * 5)
    assert angry.score < calm.score

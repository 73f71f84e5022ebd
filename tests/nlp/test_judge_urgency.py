"""Facts make a message urgent, tone does not."""

import pytest

from nlp.urgency import RULES, assess


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("The charger caught fire in my hand.", 3, "danger"),
        ("The charger smokes when I plug it in.", 3, "danger"),
        ("插座漏电了，很危险", 3, "danger"),
        ("My son had an allergic reaction to your soup.", 3, "medical"),
        ("我爸的胰岛素没了", 3, "medical"),
        ("There is an unauthorised payment on my card.", 3, "fraud"),
        ("我的卡被盗刷了", 3, "fraud"),
        ("I want to die.", 3, "life"),
        ("不想活了", 3, "life"),
        ("We are stranded with a baby.", 2, "vulnerable"),
        ("You charged me twice.", 2, "money_stuck"),
        ("My flight is tomorrow.", 2, "deadline_today"),
        ("This is the third time I write.", 2, "repeated"),
        ("我已经打了五次电话", 2, "repeated"),
        ("Please answer as soon as possible.", 1, "asked_soon"),
        ("麻烦尽快处理", 1, "asked_soon"),
        ("I need it by Friday.", 1, "deadline_week"),
        ("我还没收到", 1, "waiting"),
    ],
)
def test_fact_makes_it_urgent(text: str, level: int, code: str) -> None:
    assessed, facts = assess(text)
    assert assessed == level
    assert facts[0].code == code
    assert facts[0].words.lower() in text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "What time do you open?",
        "YOUR SERVICE IS AN ABSOLUTE DISGRACE AND I AM FURIOUS!!!",
        "你们服务太差了，我非常生气！！！",
        "This is not urgent at all.",
        "不急，有空再说",
        "Nobody was injured.",
        "Do you have rooms where one may smoke?",
        "没有人受伤",
        "It is not a scam, is it?",
        "",
    ],
)
def test_tone_and_denied_facts_do_not(text: str) -> None:
    assert assess(text) == (0, ())


def test_the_gravest_fact_comes_first_and_each_rule_speaks_once() -> None:
    level, facts = assess("Urgent, urgent! For the third time: the heater is on fire, on fire!")
    assert level == 3
    assert [fact.code for fact in facts] == ["danger", "repeated", "asked_soon"]


def test_every_rule_has_its_own_name_and_a_level() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert {rule.level for rule in RULES} == {1, 2, 3}

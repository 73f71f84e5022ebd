"""How urgent a message's facts make it, by rules that can be read and shown. Tone plays no part."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LOOK_BACK = 14
DENIAL = re.compile(
    r"\b(?:no|not|never|nobody|nothing|without|isn't|wasn't|aren't|don't|doesn't)\W+(?:\w+\W+)?$"
    r"|(?:没有?(?:任何)?人?(?:被)?|不是?(?:很|太|特别|算|怎么)?|无|未|并非)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`level` is 1 soon, 2 today, 3 now. Where `deniable`, "nobody was hurt" does not count."""

    code: str
    level: int
    pattern: re.Pattern[str]
    deniable: bool = False


@dataclass(frozen=True, slots=True)
class Urgent:
    """One fact found: which rule, how urgent it is, and the customer's words."""

    code: str
    level: int
    words: str


def rule(code: str, level: int, english: str, chinese: str, *, deniable: bool = False) -> Rule:
    return Rule(code, level, re.compile(rf"\b(?:{english})\b|{chinese}", re.IGNORECASE), deniable)


NUMBER = r"(?:three|four|five|six|seven|eight|nine|ten|[3-9]|[1-9][0-9])"
NUMBER_ZH = "(?:三|四|五|六|七|八|九|十|[3-9]|[1-9][0-9])"

RULES = (
    rule(
        "danger", 3,
        r"on fire|caught fire|full of smoke|smoke (?:came|coming|comes|out|from)|(?:started|starts|began) (?:to smoke|smoking)"
        r"|(?:it|charger|battery|phone|laptop|oven|kettle|heater|plug|socket|machine) (?:is smoking|was smoking|smokes|smoked)"
        r"|sparks?|gas leak|(?:smell|smells|smelled|smelt) (?:of )?(?:gas|smoke|burning)"
        r"|electric shock|exploded|explodes|explosion|carbon monoxide|injur(?:ed|y)|bleeding|burn(?:t|ed) (?:my|his|her|our)",
        "着火|起火|冒烟|火花|漏电|触电|爆炸|煤气味|燃气泄漏|煤气泄漏|一氧化碳|受伤|流血|烫伤|划破",
        deniable=True,
    ),
    rule(
        "medical", 3,
        r"ambulance|(?:in|to|from) (?:the )?hospital|emergency room|insulin|allerg(?:y|ic reaction)|oxygen|seizure|unconscious"
        r"|chest pain|heart attack|poison(?:ed|ing)|out of (?:my )?(?:medicine|medication)",
        "救护车|送医院|住院|急诊|胰岛素|过敏|氧气|昏迷|晕倒|胸口疼|心脏病|中毒|断药|没药了",
        deniable=True,
    ),
    rule(
        "life", 3,
        r"suicid(?:e|al)|kill (?:myself|himself|herself)|end my life|self-harm|want to die",
        "自杀|轻生|不想活|自残|结束生命|想死",
    ),
    rule(
        "fraud", 3,
        r"fraud|fraudulent|scam|scammed|scammers?|hacked|phishing|identity theft|unauthori[sz]ed (?:payment|transaction|charge|access)"
        r"|(?:card|wallet|phone|identity|passport) (?:was|has been|got|is) stolen|stolen (?:card|wallet|phone|passport)"
        r"|gave (?:my|the|a) (?:code|password|pin)",
        "盗刷|诈骗|(?<!感觉)(?<!像)被骗|骗子|被盗|盗号|钓鱼|冒用|不是我(?:本人)?操作",
        deniable=True,
    ),
    rule(
        "vulnerable", 2,
        r"newborn|my baby|pregnant|wheelchair user|disabled|dementia|(?:no|without) (?:heating|heat|electricity|water)"
        r"|homeless|stranded|stuck at the (?:airport|station)|locked out",
        "新生儿|孕妇|怀孕|残疾|老年痴呆|没有暖气|停暖|停水|停电|无家可归|滞留|困在|进不了家门|进不去",
    ),
    rule(
        "money_stuck", 2,
        r"charged (?:me |my card |us )?twice|double charged|money (?:is|has) (?:gone|missing|disappeared|stuck)|salary|wages"
        r"|(?:pay|for) (?:my|the|our) rent|account (?:is |was |has been )?(?:frozen|blocked)",
        "扣了?(?:我)?(?:两|二|2)次|重复扣款|钱没了|钱不见了|工资|交房租|付房租|账户被?冻结|冻结了",
    ),
    rule(
        "deadline_today", 2,
        r"(?:by|until|before|answer|need(?:ed)?|due|leaves?|ends?|closes?) (?:it |this |them )?(?:today|tonight|tomorrow|noon)|tonight"
        r"|within (?:the|one|two|[1-9]|1[0-9]|24) hours?|in the next (?:few )?(?:minutes|hours?)|tomorrow (?:morning|at)|(?:is|are) tomorrow"
        r"|(?:flight|train|appointment|interview|surgery|operation|exam|wedding|funeral) (?:is )?(?:today|tomorrow|in \w+ hours?)",
        "今天之?内|今晚|马上就要|[一两几1-9]个?小时内|明天(?:就|一早|上午|之前|早上|要)|明早",
    ),
    rule(
        "repeated", 2,
        rf"(?:third|fourth|fifth|sixth|seventh|[3-9]th|3rd) (?:time|mail|message|call|request)|{NUMBER} times"
        rf"|(?:called|asked|written|phoned|rang|reported it|contacted you) (?:\w+ )?{NUMBER}\b|again and again|time and again",
        rf"第{NUMBER_ZH}[次遍回封]|{NUMBER_ZH}[次遍回]了|(?:问|打|找|催|说|反映|反馈|写)了?(?:[^，。！？]{{0,6}}){NUMBER_ZH}[次遍回]|三番五次|一而再再?而三",
    ),
    rule(
        "asked_soon", 1,
        r"urgent(?:ly)?|asap|as soon as possible|emergency|hurry|at once|immediately|right now|without delay|soon as you can",
        "紧急|立刻|立即|加急|急用|尽快|赶紧|赶快|火速|急死|十万火急",
        deniable=True,
    ),
    rule(
        "deadline_week", 1,
        r"(?:by|before|until) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|the weekend|next week|the end of (?:the|this) week)"
        r"|this week|deadline|within (?:two|three|four|five|[2-7]) days|expir(?:es|ing)",
        "(?:周|星期|礼拜)[一二三四五六日天末]之?前|本周|这周|截止|[两三四五2-7]天(?:之)?内|过期",
    ),
    rule(
        "waiting", 1,
        r"still (?:waiting|no|not|nothing|haven't)|second time|twice already|(?:two|three|four|five|six|[2-9]) (?:weeks|months)(?: ago| now| later)?",
        "(?:还|仍|一直)(?:是)?没|第二次|又一次|[两三四五六2-9]个?(?:星期|礼拜|周|月)了",
    ),
)  # fmt: skip


def assess(text: str) -> tuple[int, tuple[Urgent, ...]]:
    """The level 0 to 3 and the facts it rests on, the gravest first; one fact per rule."""
    facts = sorted(found(text), key=lambda fact: -fact.level)
    return max((fact.level for fact in facts), default=0), tuple(facts)


def found(text: str) -> Iterator[Urgent]:
    for rule in RULES:
        for match in rule.pattern.finditer(text):
            if rule.deniable and DENIAL.search(text[max(0, match.start() - LOOK_BACK) : match.start()]):
                continue
            yield Urgent(rule.code, rule.level, match.group())
            break

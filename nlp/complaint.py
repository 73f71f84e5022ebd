"""Signs that a message is a complaint: words that people use for one. A head weighs them; a person decides."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def cue(english: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{english})\b|{chinese}", re.IGNORECASE)


# "No complaint at all", "how would I complain": the word is there and the thing is not. They come first and hide the words
# from the signs below.
DENIED = re.compile(
    r"\b(?:no|nothing to|not a|not here to|never had (?:a|any)) (?:complain(?:t|ts|ed)?|refund)\b"
    r"|\b(?:how|where|if|whether|when) (?:do|can|could|would|should|may)? ?(?:i|we|one)(?: ever)? "
    r"(?:need to |want to )?(?:make a |file a |lodge a )?complain(?:t)?\b"
    r"|\bcomplaints? (?:procedure|policy|form|department|process|handling)\b"
    r"|(?:不是|并非|没有?(?:什么|任何)?|不想|无)(?:要|可)?(?:投诉|不满|抱怨|意见)"
    r"|投诉(?:流程|渠道|方式|电话是|怎么走|是打)|(?:怎么|如何|万一|以后|如果|假如|要是)[^，。！？]{0,6}投诉",
    re.IGNORECASE,
)

# "I want to complain", "this is a complaint", 我要投诉: no model may think otherwise.
DECLARED = re.compile(
    r"\b(?:i|we)(?:'d| would| want| wish| need| am| are|'m|'re| have| shall| will|'ll| must)?(?: like| going)?(?: to)? "
    r"(?:(?:make|making|file|filing|lodge|lodging|raise|raising|submit|submitting|register) (?:\w+ ){0,3})?complain(?:t|ing)?\b"
    r"|\b(?:this|it|that) (?:is|was) (?:a|my|an) (?:\w+ )?complaint\b|\b(?:my|a) (?:formal|official) complaint\b"
    r"|\bas (?:a|my|an) (?:\w+ )?complaint\b"
    r"|(?:我们?|本人)(?:现在|正式|今天)*(?:要|想|得|必须|需要|来)(?:正式)?(?:提出)?(?:投诉|举报)|投诉你们?|要求投诉",
    re.IGNORECASE,
)

# "… or I call the ombudsman", 否则我打12315: nobody threatens without a grievance.
THREATENED = re.compile(
    r"\b(?:or (?:i|we)\b|unless\b|if\b[^.!?]{0,60}\b(?:not|no)\b)[^.!?]{0,60}"
    r"\b(?:ombudsman|regulator|trading standards|consumer protection|watchdog|lawyer|solicitor|court|sue|press|dispute)\b"
    r"|\b(?:i|we)(?: will| shall| am going to| are going to|'ll|'m going to) (?:go to|call|write to|turn to|inform|tell) (?:the )?"
    r"(?:ombudsman|regulator|trading standards|consumer protection|watchdog|press)\b"
    r"|\bsee you in court\b|\breporting you\b|\b(?:will|shall|'ll|going to) (?:sue|report) you\b"
    r"|(?:否则|不然|再不|要是不|如果不|不赔|不退)[^。！？]{0,14}"
    r"(?:12315|12345|12300|消协|消费者协会|工信部|工商|主管部门|监管|起诉|法院|律师|曝光|媒体|拒付)"
    r"|我[^，。！？]{0,3}[打找向去](?:12315|12345|12300|消协|消费者协会|工信部|工商|主管部门|监管)(?![^。！]*[吗？?])|法庭见",
    re.IGNORECASE,
)

CUES: Final = {
    "explicit": cue(r"complain(?:t|ts|ed|ing)?|grievance|not satisfied|dissatisfied|escalate", "投诉|申诉|不满意?|升级处理|讨个?说法|给个?说法"),
    "authority": cue(r"ombudsman|regulator|trading standards|consumer protection|watchdog|report you", "消协|消费者协会|12315|12300|12345|工信部|工商|主管部门|举报|监管"),
    "law": cue(r"lawyers?|solicitor|sue|court|legal action|the law|data protection", "律师|起诉|法院|法庭|法律|违法|维权"),
    "redress": cue(r"money back|refund|compensate|compensation|reimburse|reimbursement|put (?:it|this) right|replacement|waive", "退款|退钱|退还|赔偿|赔|补偿|免掉|换新"),
    "public": cue(r"press|newspaper|social media|one star|review|tell everyone", "曝光|媒体|差评|网上|朋友圈"),
    "repeated": cue(
        r"(?:second|third|fourth|fifth|[2-9](?:nd|rd|th)) time|again|three times|four times|(?:keeps?|still) \w+|for (?:weeks|months)",
        "第[二三四五六2-9][次回遍封]|又|还是没|一直|三番五次|[三四五六七八3-9][次遍回]了",
    ),
    "strong": cue(
        r"unacceptable|disgrace(?:ful)?|disgusting|ridiculous|outrageous|shocking|appalling|dreadful|terrible|awful|worst|ashamed|insult(?:ing)?|furious|rude",
        "过分|离谱|太差|恶劣|不能接受|无法接受|气死|可恶|太不负责|不像话|欺骗|骗人|坑人|无语|恶心|忽悠",
    ),
    "answer": cue(r"explain|explanation|apolog(?:y|ise|ize|ised|ized)|who is responsible|your manager|a manager|supervisor", "解释|交代|道歉|负责|经理|主管|凭什么|你们到底"),
    "promise": cue(r"promised|was told|supposed to|you said|agreed|should have", "答应|承诺|说好|明明"),
}  # fmt: skip

CUE_NAMES: Final = tuple(CUES)


def is_declared(text: str) -> bool:
    """Whether the writer calls it a complaint in so many words or threatens with one, and does not merely ask or deny."""
    shown = undenied(text)
    return DECLARED.search(shown) is not None or THREATENED.search(shown) is not None


@dataclass(frozen=True, slots=True)
class Sign:
    code: str
    words: str


def signs(text: str) -> tuple[Sign, ...]:
    """One sign per kind, with the customer's words."""
    shown = undenied(text)
    matches = ((code, pattern.search(shown)) for code, pattern in CUES.items())
    return tuple(Sign(code, match.group()) for code, match in matches if match)


def undenied(text: str) -> str:
    return DENIED.sub(lambda match: " " * len(match.group()), text)


def features(text: str, sentiment: Floats) -> Floats:
    """Inputs of the head beside the text's vector: P(negative, neutral, positive), each sign, and whether denied."""
    seen = {sign.code for sign in signs(text)}
    flags = [float(name in seen) for name in CUE_NAMES]
    return np.array([*sentiment, *flags, float(DENIED.search(text) is not None)], dtype=np.float32)

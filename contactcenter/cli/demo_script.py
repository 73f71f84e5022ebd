"""What the demo's live customers say. All wording is our own."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who comes by chat or mail. Each line of a chat after the first follows an agent's answer.

    `presses` is the line after which a chat's customer presses "this is a complaint"; `rating` (1–5) ends the chat.
    """

    channel: Literal["chat", "email"]
    name: str
    language: str
    subject: str
    lines: tuple[str, ...]
    presses: int | None = None
    rating: int = 5

    @property
    def address(self) -> str:
        """The mail address of its customer."""
        latin = self.name.lower().replace(" ", ".") if self.name.isascii() else f"kehu{VISITS.index(self)}"
        return f"{latin}@post.example"


VISITS = (
    Visit(
        "chat",
        "Ingrid Dahl",
        "en",
        "",
        (
            "Hi! Can I move my direct debit to the 28th? I get paid on the 27th.",
            "Perfect, that was quick. Thanks!",
        ),
    ),
    Visit(
        "chat",
        "孙悦",
        "zh",
        "",
        (
            "你们怎么回事？我已经打了三次电话，账单还是错的，太让人生气了！",
            "户号是 20418，九月和十月都多收了。我要投诉！",
            "好的，希望这次真的能解决。",
        ),
        presses=2,
        rating=3,
    ),
    Visit(
        "email",
        "Callum Reid",
        "en",
        "I want to make a complaint",
        (
            (
                "I am writing to complain. Your engineer left my front garden open for nine days and my daughter fell. "
                "Nobody has answered my two letters. This is unacceptable, and I expect a full reply."
            ),
        ),
    ),
    Visit(
        "email",
        "吴桐",
        "zh",
        "咨询峰谷电价",
        ("您好，请问峰谷电价怎么申请，需要带什么材料？谢谢。",),
    ),
    Visit(
        "chat",
        "Noor Haddad",
        "en",
        "",
        (
            "Hello, my power went off twenty minutes ago, and only mine. The neighbours have light.",
            "It is flat 3, 22 Quay Street. Could somebody come today?",
            "You are very kind, thank you!",
        ),
    ),
    Visit(
        "email",
        "Femi Adewale",
        "en",
        "Thank you for last night",
        (
            "Your crew worked in the storm until two in the morning. Please tell them that our street is grateful.",
        ),
    ),
    Visit(
        "chat",
        "Derek Moss",
        "en",
        "",
        (
            "I was charged 240 for a month when I was not even at home. I want my money back, this is a joke.",
            "Every time I ask I hear the same. I will go to the ombudsman.",
            "Fine. I will wait until Friday, not longer.",
        ),
        presses=2,
        rating=2,
    ),
    Visit(
        "email",
        "郑好",
        "zh",
        "第三次投诉：停电没有通知",
        (
            "这是我第三次投诉了。上周停电没有任何通知，冰箱里的东西全坏了，客服态度还很差，我要求赔偿并且书面道歉。",
        ),
    ),
    Visit(
        "chat",
        "林小雨",
        "zh",
        "",
        ("你好，请问网上怎么下载去年的电费发票？", "找到了，太方便了，谢谢你！"),
    ),
)
IMPATIENT = {"en": "Hello? Is anybody there?", "zh": "您好，请问有人在吗？"}
THANKS = {
    "en": "Thank you for your answer. That helps me a lot.",
    "zh": "收到您的回复了，非常感谢，这样我就放心了。",
}

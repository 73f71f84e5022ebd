"""The demo's people and stories: an electricity company of an imaginary harbour town. All wording is our own."""

from dataclasses import dataclass

from contactcenter.accounts.models import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `skills` maps skill names to levels 1–5."""

    role: str
    login: str
    name: str
    team: str
    roles: tuple[Role, ...]
    language: str
    skills: tuple[tuple[str, int], ...] = ()
    absent: tuple[str, str] | None = None
    """Presence state and reason, for people who look after customers but are not there."""


@dataclass(frozen=True, slots=True)
class Story:
    """A matter in the order it was said: customer and agent lines in turn; `end` is the ticket's status.

    A matter still open has the `answer` it gets once it is older than a few hours; `no_complaint` is then why what
    sounds like a complaint was settled without one. `rating` 1–5 is of chats only.
    """

    subject: str
    kind: str
    queue: str
    language: str
    lines: tuple[str, ...]
    end: str = "open"
    answer: str = ""
    no_complaint: str = ""
    channel: str = "email"
    rating: int | None = None


MAIL_ADDRESS = "help@harbour.example"
MAIL_PORT = 2525
TEAMS = ("Customer care", "Field service", "Complaints office")
PEOPLE = (
    Person("agent", "amy", "Amy Adeyemi", TEAMS[0], (Role.AGENT,), "en", (("english", 5), ("billing", 4))),
    Person(
        "agent",
        "chen",
        "Chen Jie 陈洁",
        TEAMS[0],
        (Role.AGENT,),
        "zh",
        (("mandarin", 5), ("english", 3), ("billing", 3)),
        ("break", "Lunch"),
    ),
    Person(
        "supervisor",
        "sam",
        "Sam Novak",
        TEAMS[0],
        (Role.SUPERVISOR, Role.AGENT),
        "en",
        (("english", 5),),
        ("break", "Meeting"),
    ),
    Person("investigator", "ines", "Ines Ferreira", TEAMS[2], (Role.INVESTIGATOR,), "en"),
    Person("approver", "paul", "Paul Okafor", TEAMS[2], (Role.APPROVER,), "en"),
    Person("reviewer", "ruth", "Ruth Lindqvist", TEAMS[2], (Role.REVIEWER,), "en"),
    Person("administrator", "ada", "Ada Brandt", "", (Role.ADMINISTRATOR,), "en"),
)
QUEUES: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("General", TEAMS[0], {}),
    ("Billing", TEAMS[0], {"billing": 2}),
    ("Outages", TEAMS[1], {}),
)
CODES = ("Bill explained", "Refund", "Meter reading", "Moving house", "Fault reported", "Something else")
CUSTOMERS = (
    ("Maria Santos", "en"),
    ("王丽", "zh"),
    ("Tom Okonkwo", "en"),
    ("李建国", "zh"),
    ("Hannah Weiss", "en"),
    ("Yusuf Demir", "en"),
    ("周敏", "zh"),
    ("Grace Mbeki", "en"),
    ("刘洋", "zh"),
    ("Oliver Byrne", "en"),
    ("Priya Raman", "en"),
    ("赵雪", "zh"),
)
STORIES = (
    Story(
        "Two bills for October",
        "fault",
        "Billing",
        "en",
        (
            "Good morning, I was billed twice for October, once on the 3rd and once on the 5th. Could you look into it?",
            "Good morning! I can see both bills. The second one was made by mistake; I have cancelled it.",
            "That was quick, thank you so much.",
        ),
        "solved",
    ),
    Story(
        "Third time I write about my meter",
        "question",
        "General",
        "en",
        (
            "This is the third time I write. Nobody came to read the meter, again, and I took a day off for it. This is not acceptable.",
        ),
        answer="I am sorry. I have fixed a reading for Thursday between nine and eleven, and I will ring you that evening.",
        no_complaint="A reading was fixed on the telephone, and she was content.",
    ),
    Story(
        "搬家需要过户",
        "request",
        "General",
        "zh",
        (
            "您好，我下个月一号搬家，请问电表过户需要带哪些材料？",
            "您好！请带身份证和房屋合同，其余的我们来办。",
        ),
        "pending",
    ),
    Story(
        "账单金额不对，要求退款",
        "question",
        "Billing",
        "zh",
        ("上个月的电费比平时多了一倍，打了两次电话都没有人处理，太让人失望了。我要投诉，并且要求退款！",),
        answer="非常抱歉让您久等。多收的部分已经退回您的账户，两个工作日内到账。",
        no_complaint="当天已退款，客户表示满意，不再投诉。",
    ),
    Story(
        "Night tariff",
        "question",
        "Billing",
        "en",
        (
            "When does the night tariff begin, and do I need a new meter for it?",
            "It begins at ten in the evening, and your meter can do it already.",
        ),
        "solved",
        channel="chat",
        rating=5,
    ),
    Story(
        "Street lamp out at Pier Road",
        "fault",
        "Outages",
        "en",
        ("The lamp in front of 14 Pier Road has been dark since Sunday, and the steps there are dangerous.",),
        answer="Thank you for telling us. A van is on its way; the lamp will burn again tonight.",
    ),
    Story(
        "感谢陈女士",
        "praise",
        "General",
        "zh",
        ("昨天停电，陈女士一直在电话里告诉我进展，非常专业，谢谢你们。", "谢谢您的表扬，我会转告她！"),
        "solved",
        channel="chat",
        rating=5,
    ),
    Story(
        "Can I pay by card?",
        "question",
        "Billing",
        "en",
        (
            "Do you take cards, or only direct debit?",
            "Both. You can pay by card on our page, or give us the numbers on the telephone, never in a mail.",
        ),
        "solved",
        channel="chat",
        rating=4,
    ),
    Story(
        "充电桩申请",
        "request",
        "General",
        "zh",
        ("我想在车位上装一个充电桩，请问流程是怎样的，大概要多久？",),
        answer="请先取得物业同意，我们三个工作日内上门看现场，一般两周装好。",
    ),
    Story(
        "Engineer was late but kind",
        "suggestion",
        "Outages",
        "en",
        (
            "Your engineer came two hours late without a call. He was very kind and fixed everything, but please tell people when you are delayed.",
        ),
        answer="Thank you, that is a fair point. From this week on our vans send a text when they are late.",
        no_complaint="It is a suggestion, and he praises the engineer.",
    ),
)
CANNED = (
    ("hello", "Greeting", "en", "Hello {customer}, this is {agent}. How can I help?"),
    ("bye", "Goodbye", "en", "Thank you for writing to us, {customer}. Have a good day!"),
    ("check", "I am checking", "en", "Let me check that for you; it takes a minute or two."),
    ("hello", "问候", "zh", "{customer}您好，我是{agent}，请问有什么可以帮您？"),
    ("check", "正在查询", "zh", "我马上为您查询，请稍等一两分钟。"),
    ("bye", "结束语", "zh", "感谢您的联系，祝您生活愉快！"),
)

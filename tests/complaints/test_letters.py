"""Every letter is sent by some event, has its blocks, and can be read in both languages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from contactcenter.complaints.letter_kinds import KINDS
from contactcenter.complaints.letters import LETTERS, Letter, letters_of
from contactcenter.complaints.lint import is_readable, misleading_words, unfair_condition
from contactcenter.complaints.render import LINK_HERE, Reader, money_text, render_letter, subject_of
from contactcenter.core.i18n import speaking
from tests.complaints.timeline import (
    CALL,
    PEOPLE,
    UPHELD,
    Timeline,
    acknowledged,
    appeal,
    closed,
    decided,
    heard,
    investigating,
    received,
    remedy_done,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at_once() -> Timeline:
    given = {"finding": "upheld", "reason": "We were late.", "evidence": ["call"]}
    return acknowledged().do(
        "resolve_now", "fay", **given, accepted_by="Li", accepted_at="2026-11-02T11:00:00Z"
    )


def waiting() -> Timeline:
    return investigating().do("hold", "ivy", reason="awaiting_expert", waiting_for=["a report", "a photo"])


def late(pack: str) -> Timeline:
    case = investigating(pack=pack)
    case.tick(at("2026-11-12T00:00"))
    case.tick(at("2027-01-05T00:00"))
    return case


def taken_in() -> Timeline:
    case = received()
    case.tick()
    return case


def reviewed() -> Timeline:
    case = appeal().do("reviewer", "pia", reviewer="rex")
    return case.do("review_decide", "rex", findings=[UPHELD], loss=0, goodwill=5000, reviewer="rex")


def mediated() -> Timeline:
    case = investigating(pack="cn-12315", calendar="CN", zone="Asia/Shanghai")
    return case.do("mediation", "ivy", result="terminated")


PATHS: dict[str, Callable[[], Timeline]] = {
    "taken in": taken_in,
    "closed": closed,
    "settled at once": at_once,
    "waiting": waiting,
    "late by law": lambda: late("uk-fca-disp"),
    "late, communications": lambda: late("uk-ofcom-c4"),
    "refused": lambda: acknowledged().do(
        "refuse_admission", "pia", ground="not ours", facts="It is another firm's."
    ),
    "forwarded": lambda: acknowledged().do("forward", "fay", to_body="the council", grounds="their road"),
    "evidence shown": lambda: heard().do("show_adverse", "ivy", id="call-1"),
    "reviewed": reviewed,
    "withdrawn": lambda: acknowledged().do("withdraw", "customer"),
    "reopened": lambda: closed().do("reopen", "customer", reason="none"),
    "mediated": mediated,
    "remedy failed": lambda: remedy_done().do("verify_fail", "customer", cause="nothing came"),
}


def letters_on(path: str) -> list[Letter]:
    case = PATHS[path]()
    return letters_of(case.events, case.context)


def everything() -> Iterator[Letter]:
    for path in PATHS:
        yield from letters_on(path)


def test_every_kind_is_sent_by_some_path() -> None:
    assert {letter.kind for letter in everything()} == set(KINDS) == set(LETTERS)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_letter_has_its_blocks_and_words(path: str, language: str) -> None:
    reader = Reader(language, "Europe/London", "GB-ENG", "Harbour", {key: key.title() for key in PEOPLE})
    for letter in letters_on(path):
        assert [block["block"] for block in letter.blocks] == LETTERS[letter.kind].split(), letter.kind
        text = render_letter(letter, reader)
        head = letter.block("head")
        assert head is not None
        assert head["head"] in text
        assert "%(" not in text
        assert LINK_HERE in text
        assert subject_of(letter.kind)


def test_letter_speaks_the_customers_language_and_currency() -> None:
    with speaking("en"):
        assert money_text(123456, "GB-ENG") == "£1,234.56"
        assert money_text(5000, "CN") == "CN¥50.00"
    with speaking("zh"):
        assert money_text(5000, "CN") == "¥50.00"


def test_waiver_is_told_to_the_customer() -> None:
    case = acknowledged().do("waive", "ada", rule="F-02", person="max", reason="we are three people")
    case.do("refuse_admission", "max", ground="not ours", facts="It is another firm's.")
    rights = letters_of(case.events, case.context)[-1].block("rights")
    assert rights is not None
    assert rights["waived"] == ["F-02"]


@pytest.mark.parametrize(
    "text",
    [
        "if you withdraw your complaint",
        "You keep this confidential.",
        "delete the review on the site",
        "以撤诉为条件",
        "删除您的评价",
    ],
)
def test_condition_that_takes_a_right_away_is_found(text: str) -> None:
    assert unfair_condition([text]) == text


@pytest.mark.parametrize(
    "text", ["We need your bank details.", "Send the phone back in its box.", "请提供银行账号"]
)
def test_fair_condition_is_left_alone(text: str) -> None:
    assert unfair_condition([text]) is None


def test_reasons_are_plain_in_both_languages() -> None:
    assert is_readable("We looked at the call. You were right to be angry. We are sorry. " * 5)
    assert not is_readable("Notwithstanding organisational considerations regarding responsibilities, " * 12)
    assert is_readable("我们听了录音。您说得对。")
    assert not is_readable("鉴于" + "相关部门在综合考虑各项因素的基础上经研究认为" * 6)
    assert misleading_words("This decision cannot be challenged.") == "cannot be challenged"
    assert misleading_words("You may appeal.") is None


def test_follow_up_contact_is_noted_in_the_chain_not_in_a_letter() -> None:
    case = remedy_done().do(
        "verify", "vic", proof={"system": "stripe", "id": "1", "status": "settled"}, customer="yes"
    )
    before = len(letters_of(case.events, case.context))
    case.do("callback", "gus", **CALL)
    assert len(letters_of(case.events, case.context)) == before
    assert decided().facts.offer is not None

"""Several packs on one case: each one's clocks stand apart, by its own calendar, and the earliest drives the queue (SPEC §1.4)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contactcenter.complaints.clocks import nearest
from contactcenter.complaints.further import beside
from contactcenter.complaints.letters import letters_of
from contactcenter.complaints.reckoning import reckon
from contactcenter.complaints.render import Reader, render_letter
from contactcenter.core.i18n import speaking
from tests.complaints.timeline import SUBMIT, Timeline, context, investigating, received

OFCOM = "uk-ofcom-c4/adr_letter"


def case_under(
    *further: str, when: str = "2026-11-02T10:15", **more: Any
) -> Timeline:  # Any: fields of Context
    own = context(**more)
    case = Timeline(beside(own, further), at=datetime.fromisoformat(when).replace(tzinfo=UTC))
    return case.do("submit", "customer", **SUBMIT)


def test_a_further_pack_adds_its_own_clocks_and_no_inherited_one_twice() -> None:
    alone, both = case_under(), case_under("uk-ofcom-c4")
    assert set(both.clocks) - set(alone.clocks) == {OFCOM}
    assert {name: clock.due for name, clock in both.clocks.items() if name in alone.clocks} == {
        name: clock.due for name, clock in alone.clocks.items()
    }
    assert str(both.clocks[OFCOM].due) == "2026-12-14"


def test_a_law_stands_beside_our_own_shorter_promise() -> None:
    case = case_under("cn-telecom", calendar="CN", zone="Asia/Shanghai")
    assert str(case.clocks["decision"].due) == "2026-11-16"
    assert str(case.clocks["cn-telecom/decision"].due) == "2026-11-17"
    assert case.clocks["decision"].rule.kind == "promise"
    assert case.clocks["cn-telecom/decision"].rule.kind == "legal"


def test_of_two_laws_the_earlier_drives_the_queue() -> None:
    case = case_under("uk-fca-psd", pack="uk-ofcom-c4", when="2026-11-02T10:15").do("acknowledge", "system")
    waiting = [one for one in case.clocks.values() if one.rule.kind == "legal"]
    first = nearest(waiting)
    assert first is not None
    assert first.name == "uk-fca-psd/final_response"  # settling at once is no duty


def test_each_pack_counts_by_its_own_calendar_and_zone() -> None:
    case = case_under("us-cfpb", "cn-12315", when="2026-09-30T20:00")
    china, america = case.clocks["cn-12315/admission"], case.clocks["us-cfpb/initial_response"]
    assert str(china.start) == "2026-10-01"  # it is the next morning there
    assert str(china.due) == "2026-10-15"  # behind the national holidays, over a worked Saturday
    assert china.late_from.utcoffset() is not None
    assert china.late_from.astimezone(UTC).isoformat() == "2026-10-15T16:00:00+00:00"
    assert america.late_from.astimezone(UTC).isoformat() == "2026-10-16T04:00:00+00:00"
    said = reckon(china, case.facts, case.context, case.at)
    assert "Counted, for weekends that were worked: 10 Oct 2026." in said


def test_a_roll_is_that_of_the_clocks_own_pack() -> None:
    case = case_under("cn-bank-2020-3", when="2026-09-18T02:00", calendar="CN", zone="Asia/Shanghai")
    assert str(case.clocks["cn-bank-2020-3/decision"].due) == "2026-10-08"
    said = reckon(case.clocks["cn-bank-2020-3/decision"], case.facts, case.context, case.at)
    assert "3 Oct 2026 is no working day: it moved to the next." in said


def test_each_late_law_has_its_letter_and_names_its_own_body() -> None:
    case = investigating()
    case = case.given(further=beside(case.context, ("uk-ofcom-c4", "uk-fca-disp")).further)
    done = case.tick(datetime(2027, 1, 5, tzinfo=UTC))
    assert ("adr_letter", OFCOM) in done
    assert ("holding_letter", "uk-fca-disp/final_response") in done
    letter = next(one for one in letters_of(case.events, case.context) if one.kind == "holding")
    block = letter.block("referral")
    assert block is not None
    assert [one["body"] for one in (block, *block["further"])] == [
        "iso10002-default",
        "uk-ofcom-c4",
        "uk-fca-disp",
    ]
    with speaking("en", "Europe/London"):
        text = render_letter(letter, Reader("en", "Europe/London", "GB-ENG", "Harbour", {}))
    assert "Communications Ombudsman https://www.commsombudsman.org" in text
    assert "Financial Ombudsman Service https://www.financial-ombudsman.org.uk" in text


def test_one_pack_alone_writes_what_it_always_wrote() -> None:
    """Letters are made anew from the events: one pack's block has nothing that it had not before."""
    case = investigating(pack="uk-fca-disp")
    case.tick(datetime(2027, 1, 5, tzinfo=UTC))
    letter = next(one for one in letters_of(case.events, case.context) if one.kind == "holding")
    assert "further" not in (letter.block("referral") or {})


def test_a_further_promise_is_extended_by_its_own_lengths() -> None:
    case = investigating(calendar="CN", zone="Asia/Shanghai")
    case = case.given(further=beside(case.context, ("cn-bank-2020-3",)).further)
    name, by = "cn-bank-2020-3/decision", "pia"
    assert "T-13" in case.rules("extend", by, clock=name, reason="complex", to="2026-12-30")
    case.do("extend", by, clock=name, reason="complex", to="2026-12-01")
    assert str(case.clocks[name].due) == "2026-12-01"
    assert str(case.clocks["decision"].due) != "2026-12-01"


def test_records_are_kept_as_long_as_the_longest_pack_wants() -> None:
    case = case_under("uk-fca-disp")
    assert str(case.clocks["uk-fca-disp/record_retention"].due) == "2029-11-02"


@pytest.mark.parametrize("name", ["uk-fca-disp", "au-rg271"])
def test_a_pack_beside_itself_adds_nothing(name: str) -> None:
    own = context(pack=name)
    assert beside(own, (name,)).further == ()


def test_that_it_was_not_settled_at_once_makes_nobody_late() -> None:
    """Only with the customer's yes can it be: its date leads no desk, and is told to no customer as something owed."""
    case = received(pack="uk-fca-disp")
    case.tick()
    case.wait(days=4)
    assert case.clocks["summary_resolution"].state == "breached"
    first = nearest(list(case.clocks.values()))
    assert first is not None
    assert first.name == "assess"

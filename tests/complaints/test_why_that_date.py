"""A clock says how its date came about: from when, how long, what was left out and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.reckoning import reckon
from contactcenter.core.i18n import speaking
from tests.complaints.timeline import SUBMIT, Timeline, closed, context, investigating, received, remedy_done

CN = {"calendar": "CN", "zone": "Asia/Shanghai"}
AFTER = "10 working days; that day itself does not count."
MIDNIGHT = "It is in time until the end of that day, where the case is."


def remedy_failed(**more: Any) -> Timeline:  # Any: fields of Context
    return remedy_done(**more).do("verify_fail", "customer", cause="nothing came")


def told(case: Timeline, clock: str) -> list[str]:
    return reckon(case.clocks[clock], case.facts, case.context, case.at)


def submitted(when: str, **more: Any) -> Timeline:  # Any: fields of Context
    case = Timeline(context(**more), at=datetime.fromisoformat(when).replace(tzinfo=UTC))
    return case.do("submit", "customer", **SUBMIT)


def test_weekends_and_each_holiday_are_named() -> None:
    case = submitted("2026-12-18T10:00")
    assert str(case.clocks["decision"].due) == "2027-01-06"  # 19 days on = 10 + 6 + 3
    assert told(case, "decision") == [
        "Counted from 18 Dec 2026: it was received.",
        AFTER,
        "Not counted: 6 days of weekends.",
        "Not counted: public holidays 25 Dec 2026, 28 Dec 2026 and 1 Jan 2027.",
        MIDNIGHT,
    ]


def test_a_weekend_that_is_worked_counts_and_neighbouring_holidays_are_one_range() -> None:
    case = submitted("2026-09-30T02:00", pack="cn-12315", **CN)
    assert str(case.clocks["admission"].due) == "2026-10-15"
    said = told(case, "admission")
    assert "Counted, for weekends that were worked: 10 Oct 2026." in said
    assert any("public holidays 1 Oct 2026 to 2 Oct 2026 and 5 Oct 2026 to 7 Oct 2026" in one for one in said)


def test_a_last_day_that_is_moved_says_so() -> None:
    case = submitted("2026-09-18T02:00", pack="cn-bank-2020-3", **CN)
    assert str(case.clocks["decision"].due) == "2026-10-08"
    assert told(case, "decision")[1:3] == [
        "15 days; that day itself does not count.",
        "3 Oct 2026 is no working day: it moved to the next.",
    ]


def test_minutes_are_no_days() -> None:
    assert told(received(), "receipt_auto")[1] == "It takes at most 15 minutes."


def test_a_pause_and_its_reason_are_told() -> None:
    case = investigating().do("hold", "ivy", reason="awaiting_customer", waiting_for="the bill")
    case.wait(days=3).do("resume", "customer", cause="message")
    assert str(case.clocks["decision"].due) == "2026-11-19"
    assert told(case, "decision")[2:4] == [
        "Not counted: 4 days of weekends.",
        "Not counted: what lies between 2 Nov 2026 and 5 Nov 2026, while we waited for the customer.",
    ]


def test_a_later_date_that_was_told_in_time_is_named() -> None:
    case = investigating().do("extend", "pia", clock="decision", reason="an expert is ill")
    assert "The customer was told of a later date on 2 Nov 2026." in told(case, "decision")


def test_half_the_time_for_the_vulnerable_is_said() -> None:
    case = received(vulnerable=True, pack="uk-fca-disp")
    assert told(case, "update")[1] == "3 working days: half of what others get, for a vulnerable customer."
    assert told(case, "final_response")[1] == "8 weeks; that day itself does not count."


def test_a_cut_off_and_an_unpublished_calendar_are_told() -> None:
    summary = submitted("2026-12-23T18:00", pack="uk-fca-disp")
    assert "It is late from 17:00 on that day, where the case is." in told(summary, "summary_resolution")
    late = submitted("2026-12-20T02:00", pack="cn-12315", **CN)
    assert told(late, "decision")[-1] == (
        "Holidays are published up to 31 Dec 2026: what lies beyond may change."
    )


@pytest.mark.parametrize("pack", load_packs())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_clock_of_every_pack_can_be_explained(pack: str, language: str) -> None:
    every = tuple(load_packs()[pack].clocks)
    with speaking(language):
        for reach in (received, investigating, remedy_done, remedy_failed, closed):
            case = reach(pack=pack, options=every)
            for name in case.clocks:
                said = told(case, name)
                assert len(said) >= 2
                assert all(line.strip() for line in said)

"""Due dates on awkward days: weekends, holidays, make-up Saturdays, month ends, daylight saving, pauses, extensions."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contactcenter.complaints.business_days import (
    Pause,
    add_business_days,
    add_months,
    add_period,
    business_days_before,
    late_from,
)
from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.clocks import Clock
from tests.complaints.timeline import (
    ADMIT,
    START,
    SUBMIT,
    Timeline,
    acknowledged,
    appeal,
    closed,
    context,
    decided,
    follow_up,
    investigating,
    received,
    remedy_done,
)

CN = {"calendar": "CN", "zone": "Asia/Shanghai"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def submitted(when: str, **more: Any) -> dict[str, Clock]:  # Any: fields of Context
    """The clocks of a case received at that instant."""
    case = Timeline(context(**more), at=at(when))
    return case.do("submit", "customer", **SUBMIT).clocks


@pytest.mark.parametrize(
    ("pack", "clock", "when", "due"),
    [
        ("iso10002-default", "ack", "2026-11-06T10:00", "2026-11-09"),  # Friday → Monday
        ("iso10002-default", "decision", "2026-12-18T10:00", "2027-01-06"),  # over Christmas and New Year
        ("iso10002-default", "decision", "2026-11-07T10:00", "2026-11-20"),  # received on a Saturday
        (
            "uk-fca-disp",
            "final_response",
            "2026-11-02T10:00",
            "2026-12-28",
        ),  # a holiday: law does not roll here
        ("uk-fca-disp", "summary_resolution", "2026-12-23T18:00", "2026-12-30"),
        ("uk-fca-disp", "record_retention", "2026-11-30T10:00", "2029-11-30"),
        ("uk-fca-psd", "final_response", "2026-04-02T10:00", "2026-04-27"),  # over Easter
        ("uk-fca-psd", "exceptional", "2026-04-02T10:00", "2026-05-27"),
        ("uk-ofcom-c4", "adr_letter", "2026-11-02T10:00", "2026-12-14"),
        ("uk-housing-2024", "ack", "2026-08-28T10:00", "2026-09-07"),  # summer bank holiday
    ],
)
def test_uk_dates(pack: str, clock: str, when: str, due: str) -> None:
    assert str(submitted(when, pack=pack)[clock].due) == due


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2026-02-09T02:00", "2026-02-25"),  # the make-up Saturday 14 Feb counts, Spring Festival does not
        ("2026-09-30T02:00", "2026-10-15"),  # National Day, then the make-up Saturday 10 Oct
        ("2026-02-13T17:00", "2026-03-03"),  # 01:00 on the 14th in Shanghai: that local date is day 0
    ],
)
def test_chinese_admission_counts_make_up_working_days(when: str, due: str) -> None:
    assert str(submitted(when, pack="cn-12315", **CN)["admission"].due) == due


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2026-09-18T02:00", "2026-10-08"),  # 15 days on: 3 October, a holiday → 8 October
        ("2026-01-30T02:00", "2026-02-14"),  # a make-up Saturday is a working day: no roll
        ("2026-11-06T02:00", "2026-11-23"),  # 21 November is a Saturday → Monday
    ],
)
def test_chinese_last_day_rolls_to_a_working_day(when: str, due: str) -> None:
    assert str(submitted(when, pack="cn-bank-2020-3", **CN)["decision"].due) == due


def test_telecom_and_bank_packs_replace_the_promise_by_the_law() -> None:
    clock = submitted("2026-11-02T02:00", pack="cn-telecom", **CN)["decision"]
    assert (clock.rule.kind, str(clock.due)) == ("legal", "2026-11-17")


def test_american_and_australian_clocks() -> None:
    us = submitted("2026-11-02T15:00", pack="us-cfpb", calendar="US-FED", zone="America/New_York")
    assert str(us["initial_response"].due) == "2026-11-17"
    assert "final_response" not in us
    au = submitted(
        "2026-11-02T00:00",
        pack="au-rg271",
        calendar="AU-NSW",
        zone="Australia/Sydney",
        options=("super_idr_response",),
    )
    assert str(au["idr_response"].due) == "2026-12-02"
    assert str(au["super_idr_response"].due) == "2026-12-17"
    assert "no_letter_if_closed_within" not in au


def test_clock_that_needs_a_marker_appears_with_it() -> None:
    case = acknowledged(pack="us-cfpb", calendar="US-FED", zone="America/New_York")
    assert "final_response" not in case.clocks
    case.do("in_progress", "ivy")
    assert str(case.clocks["final_response"].due) == "2027-01-01"
    assert case.clocks["initial_response"].state == "met"


@pytest.mark.parametrize(
    ("when", "late"),
    [
        ("2026-03-26T10:00", "2026-03-27T17:00"),  # still winter time
        ("2026-03-27T10:00", "2026-03-30T16:00"),  # clocks went forward on the 29th: 17:00 is 16:00 UTC
        ("2026-10-23T10:00", "2026-10-26T17:00"),  # and back on the 25th
    ],
)
def test_cut_off_is_a_wall_time_across_daylight_saving(when: str, late: str) -> None:
    calendar, zone = load_calendars()["GB-ENG"], ZoneInfo("Europe/London")
    day = add_business_days(calendar, at(when).date(), 1)
    assert late_from(day, zone, time(17)) == at(late)


def test_midnight_after_the_due_date_follows_the_local_offset() -> None:
    assert submitted("2026-03-20T10:00")["decision"].late_from == at("2026-04-07T23:00")
    assert submitted("2026-10-12T10:00")["decision"].late_from == at("2026-10-27T00:00")


@pytest.mark.parametrize(
    ("when", "state"), [("2026-11-05T16:59:59", "running"), ("2026-11-05T17:00", "breached")]
)
def test_summary_is_late_at_five_in_the_afternoon(when: str, state: str) -> None:
    case = acknowledged(pack="uk-fca-disp")
    case.at = at(when)
    assert case.clocks["summary_resolution"].state == state


def test_paper_counts_from_its_stamp() -> None:
    case = Timeline(context()).do("submit", "customer", **{**SUBMIT, "received_at": "2026-10-30T09:00:00Z"})
    assert str(case.clocks["decision"].start) == "2026-10-30"


def test_corrected_receipt_never_moves_a_promise_later() -> None:
    case = acknowledged().do("correct", "ann", what="received_at", value="2026-11-05T09:00:00Z")
    assert str(case.clocks["decision"].due) == "2026-11-16"
    case.do("correct", "ann", what="received_at", value="2026-10-30T09:00:00Z")
    assert str(case.clocks["decision"].due) == "2026-11-13"


def test_comments_never_move_a_date() -> None:
    case = investigating()
    before = {name: one.due for name, one in case.clocks.items()}
    case.do("comment", "customer", text="any news?").do("comment", "ivy", text="soon")
    assert {name: one.due for name, one in case.clocks.items()} == before


def held(days: int, *, resume: bool = True) -> Timeline:
    """On hold from Tuesday 3 November for some days."""
    case = investigating()
    case.at = at("2026-11-03T12:00")
    case.do("hold", "ivy", reason="awaiting_expert", waiting_for="a report")
    case.at = at("2026-11-03T15:00")
    case.wait(days=days)
    return case.do("resume", "ivy", cause="report came") if resume else case


def test_pause_skips_the_business_days_it_covers() -> None:
    assert str(held(3).clocks["decision"].due) == "2026-11-19"  # 4, 5 and 6 November do not count
    assert str(held(5).clocks["decision"].due) == "2026-11-19"  # the weekend would not have counted anyway


def test_pause_ends_at_its_cap_even_if_nobody_ticks() -> None:
    assert held(40, resume=False).clocks["decision"].due == date(2026, 11, 30)
    case = held(5, resume=False)
    assert case.clocks["decision"].state == "paused"
    assert case.tick(at("2026-11-17T01:00"))[-1] == ("auto_resume", "")
    assert str(case.clocks["decision"].due) == "2026-11-30"


def test_only_what_rests_goes_on() -> None:
    assert investigating().rules("resume", "ivy", cause="report came") == ["STATE"]
    case = held(3, resume=False)
    assert case.rules("resume", "ivy", cause="report came") == []
    case.do("resume", "customer", cause="message")
    assert case.attempt("resume", "ivy", cause="again")[0].message == "Nothing is on hold."


def test_law_never_pauses() -> None:
    case = investigating(pack="uk-fca-disp")
    before = case.clocks["final_response"].due
    case.do("hold", "ivy", reason="awaiting_customer", waiting_for="a photo").wait(days=5)
    assert (case.clocks["final_response"].due, case.clocks["final_response"].state) == (before, "running")
    assert case.clocks["decision"].state == "paused"


def test_calendar_periods_shift_by_the_length_of_a_pause() -> None:
    calendar = load_calendars()["GB-ENG"]
    pause = Pause(date(2026, 11, 3), date(2026, 11, 7))
    assert add_period(calendar, date(2026, 11, 2), 14, "D", [pause]) == date(2026, 11, 20)


def test_extension_before_it_is_late_moves_the_promise() -> None:
    case = investigating().do("extend", "pia", clock="decision", reason="an expert is ill")
    assert str(case.clocks["decision"].due) == "2026-11-30"
    case.do("extend", "pia", clock="decision", reason="still ill", to="2026-12-28")
    assert str(case.clocks["decision"].due) == "2026-12-28"
    assert case.rules("extend", "pia", clock="decision", reason="again") == ["T-04"]


def test_law_is_extended_by_its_own_lengths() -> None:
    housing = investigating(pack="uk-housing-2024")
    housing.do("extend", "pia", clock="decision", reason="complex")
    assert str(housing.clocks["decision"].due) == "2026-11-30"
    fca = investigating(pack="uk-fca-disp")
    assert fca.rules("extend", "pia", clock="final_response", reason="complex") == ["T-04"]


def test_vulnerable_customers_are_promised_half_the_time() -> None:
    case = received(vulnerable=True, pack="uk-fca-disp")
    assert str(case.clocks["decision"].due) == "2026-11-09"
    assert str(case.clocks["update"].due) == "2026-11-05"  # ceil(5 / 2)
    assert str(case.clocks["final_response"].due) == "2026-12-28"


def test_dates_beyond_the_official_calendar_are_provisional() -> None:
    near = submitted("2026-12-07T02:00", pack="cn-12315", **CN)["decision"]
    far = submitted("2026-12-21T02:00", pack="cn-12315", **CN)["decision"]
    assert (near.provisional, far.provisional) == (False, True)


def test_update_runs_again_from_each_letter() -> None:
    case = received()
    assert str(case.clocks["update"].start) == "2026-11-02"
    case.at = at("2026-11-04T09:00")
    case.do("acknowledge", "system")
    update = case.clocks["update"]
    assert (str(update.start), str(update.due), update.state) == ("2026-11-04", "2026-11-11", "running")


def test_update_rests_when_the_case_is_closed() -> None:
    update = closed().wait(days=60).clocks["update"]
    assert update.state == "met"


def test_windows_after_the_decision() -> None:
    clocks = decided(pack="uk-fca-disp").clocks
    assert str(clocks["response_window"].due) == "2026-11-16"
    assert str(clocks["appeal_window"].due) == "2027-01-31"
    assert str(clocks["external_window"].due) == "2027-05-02"
    assert str(remedy_done().clocks["verify_silence"].due) == "2026-11-12"
    assert str(follow_up().clocks["callback"].due) == "2026-11-09"


def test_appeal_is_acknowledged_as_it_is_opened() -> None:
    clocks = appeal().clocks
    assert clocks["appeal_ack"].state == "met"
    assert str(clocks["appeal_decision"].due) == "2026-11-30"


def test_reopened_case_gets_a_new_date_and_keeps_its_age() -> None:
    case = closed()
    case.at = at("2026-11-20T10:00")
    case.do("reopen", "customer", reason="none", investigator="ian")
    assert str(case.clocks["decision"].start) == "2026-11-20"
    assert case.facts.received_at == START


def test_late_stop_is_a_breach_for_ever() -> None:
    case = received()
    case.at = at("2026-11-04T00:00")
    case.do("acknowledge", "system").do("admit", "ann", **ADMIT)
    assert case.clocks["ack"].state == "breached"


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-15", 12, "2027-12-15"),
    ],
)
def test_months_end_on_the_corresponding_date_or_month_end(start: str, n: int, end: str) -> None:
    assert str(add_months(date.fromisoformat(start), n)) == end


def test_days_before_a_date_are_business_days() -> None:
    assert str(business_days_before(load_calendars()["GB-ENG"], date(2026, 12, 29), 2)) == "2026-12-23"


def test_optional_and_external_clocks_of_the_directive() -> None:
    options = ("adr_refusal", "adr_outcome", "trader_reply")
    case = decided(pack="eu-adr", options=options).do("refer_out", "customer", body="ADR")
    clocks = case.clocks
    assert (str(clocks["adr_refusal"].due), str(clocks["adr_outcome"].due)) == ("2026-11-23", "2027-01-31")
    assert clocks["trader_reply"].rule.kind == "future"


def test_deadlock_is_due_the_day_it_arises() -> None:
    case = appeal(pack="uk-ofcom-c4", options=("deadlock",)).do("reviewer", "pia", reviewer="rex")
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    case.do("review_decide", "rex", findings=[finding], loss=0, goodwill=5000, reviewer="rex")
    deadlock = case.clocks["deadlock"]
    assert deadlock.due == deadlock.start

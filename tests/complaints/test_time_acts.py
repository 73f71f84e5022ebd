"""Time acts for the customer when people are late, and only when its time has come."""

from datetime import UTC, datetime

from contactcenter.complaints.letters import letters_of
from tests.complaints.timeline import (
    PROOF,
    acknowledged,
    appeal,
    closed,
    decided,
    investigating,
    received,
    rejected,
    remedy_done,
    remedy_due,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_receipt_and_acknowledgement_leave_at_once() -> None:
    assert received().tick() == [("receipt", ""), ("acknowledge", "")]


def test_notice_and_escalations_come_in_order_of_their_instants() -> None:
    case = investigating()
    acted = case.tick(at("2026-11-16T12:00"))
    decision = [act for act, clock in acted if clock == "decision"]
    assert decision == ["escalate_50", "delay_notice", "escalate_75", "escalate_90"]
    assert case.tick(at("2026-11-16T13:00")) == []


def test_what_fell_due_in_a_pause_is_done_once_the_pause_is_over() -> None:
    """Half of the decision's time has gone on 16 November, inside a pause that ends at its cap on the 17th."""
    case = investigating()
    case.at = at("2026-11-03T12:00")
    case.do("hold", "ivy", reason="awaiting_expert", waiting_for="a report")
    assert ("escalate_50", "decision") in case.tick(at("2026-11-17T00:00"))
    assert case.tick(at("2026-11-17T00:00")) == []


def test_after_a_long_jump_warnings_are_dropped_and_the_breach_is_not() -> None:
    acted = investigating().tick(at("2026-12-24T00:00"))
    assert [act for act, clock in acted if clock == "decision"] == ["breach"]


def test_missed_law_sends_the_holding_letter_and_unlocks_the_outside_body() -> None:
    case = investigating(pack="uk-fca-disp")
    case.tick(at("2026-12-28T23:00"))
    assert case.rules("refer_out", "customer", body="FOS") == ["T-07"]
    acted = case.tick(at("2026-12-29T00:00"))
    assert [act for act, clock in acted if clock == "final_response"] == ["breach", "holding_letter"]
    case.do("refer_out", "customer", body="FOS")
    assert case.facts.state == "external"


def test_ofcom_case_gets_the_adr_letter() -> None:
    acted = investigating(pack="uk-ofcom-c4").tick(at("2026-12-15T00:00"))
    assert ("adr_letter", "adr_letter") in acted


def test_silence_pays_what_is_owed_and_ends_what_is_not() -> None:
    paid, ended = decided(), rejected()
    assert ("silence_with_remedy", "") in paid.tick(at("2026-11-17T00:00"))
    assert ("no_remedy_ok", "") in ended.tick(at("2026-11-17T00:00"))
    assert (paid.facts.state, ended.facts.state) == ("remedy_due", "follow_up")


def test_system_may_not_act_before_its_time() -> None:
    case = decided()
    assert case.rules("silence_with_remedy", "system") == ["STATE"]
    case.at = at("2026-11-17T00:00")
    assert case.rules("silence_with_remedy", "system") == []
    assert case.rules("no_remedy_ok", "system") == ["STATE"]


def test_owed_remedy_cannot_be_talked_away() -> None:
    assert decided().rules("no_remedy_ok", "customer") == ["STATE"]
    assert rejected().rules("no_remedy_ok", "customer") == []


def test_remedy_is_checked_by_silence_after_ten_days_and_again_after_thirty() -> None:
    case = remedy_done()
    case.tick(at("2026-11-12T23:59"))
    assert case.facts.state == "remedy_done"
    case.tick(at("2026-11-13T00:00"))
    assert case.facts.state == "follow_up"
    assert ("remedy_recheck", "") in case.tick(at("2026-12-13T00:00"))


def test_failed_remedy_is_due_again() -> None:
    case = remedy_done().do("verify_fail", "customer", cause="nothing came")
    assert case.facts.state == "remedy_due"
    case.do("deliver", "fay", proof={**PROOF, "id": "re_2"}, deliverer="fay")
    assert case.facts.delivery["id"] == "re_2"


def test_withdrawal_settles_at_once_and_still_asks_how_it_went() -> None:
    case = acknowledged().do("withdraw", "customer")
    assert ("settle", "") in case.tick()
    assert case.facts.has("letter:survey")
    assert case.clocks["decision"].state == "met"


def test_refused_admission_lapses_to_the_follow_up() -> None:
    case = acknowledged().do(
        "refuse_admission", "pia", ground="not our company", facts="It is about another firm."
    )
    assert ("lapse", "") in case.tick(at("2026-11-17T00:00"))
    assert case.facts.state == "follow_up"


def test_upheld_appeal_waits_for_the_customer() -> None:
    case = appeal().do("reviewer", "pia", reviewer="rex")
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    case.do("review_decide", "rex", findings=[finding], loss=0, goodwill=5000, reviewer="rex")
    case.tick(at("2027-02-01T00:00"))
    assert case.facts.state == "appeal_decided"
    assert case.rules("accept", "customer") == []


def test_records_are_erased_when_their_time_is_over() -> None:
    case = closed()
    assert ("erase", "") not in case.tick(at("2029-11-02T00:00"))
    assert ("erase", "") in case.tick(at("2029-11-03T00:00"))


def test_what_a_rule_refuses_waits_for_people() -> None:
    case = received(people={})
    assert case.tick() == [("receipt", "")]
    assert case.facts.state == "received"


def test_remedy_that_is_late_is_a_breach() -> None:
    assert ("breach", "remedy") in remedy_due().tick(at("2026-12-01T00:00"))


def test_failed_remedy_has_a_date_of_its_own_and_a_second_failure_a_new_one() -> None:
    case = remedy_done().do("verify_fail", "customer", cause="nothing came")
    first = case.clocks["remedy"]
    assert (first.state, str(case.clocks["remedy_again"].due)) == ("met", "2026-11-12")
    assert ("breach", "remedy_again") in case.tick(at("2026-11-13T00:00"))
    case.do("deliver", "fay", proof={**PROOF, "id": "re_2"}, deliverer="fay")
    assert case.clocks["remedy_again"].state == "breached"
    case.do("verify_fail", "customer", cause="only half came")
    again = case.clocks["remedy_again"]
    assert (again.state, str(again.due)) == ("running", "2026-11-23")
    assert ("breach", "remedy_again") in case.tick(at("2026-11-24T00:00"))
    assert case.clocks["remedy"].due == first.due


def test_no_failure_no_second_date() -> None:
    assert "remedy_again" not in remedy_done().clocks


def test_letter_after_a_failure_says_the_new_date() -> None:
    case = remedy_done().do("verify_fail", "customer", cause="nothing came")
    letter = letters_of(case.events, case.context)[-1]
    dates = letter.block("dates")
    assert letter.kind == "remedy"
    assert dates is not None
    assert ("remedy_again", "2026-11-12") in [(one["clock"], one["due"]) for one in dates["dates"]]

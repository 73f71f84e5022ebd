"""Every rule that stands on a transition is refused once and allowed once."""

from dataclasses import replace

import pytest

from contactcenter.complaints.decide import list_choices
from contactcenter.complaints.guards.all import Attempt, built
from contactcenter.complaints.machine import build_machine, machine_of
from tests.complaints.rule_table import TABLE, Row
from tests.complaints.timeline import (
    ADMIT,
    PEOPLE,
    PROPOSE,
    acknowledged,
    admitted,
    closed,
    decided,
    investigating,
    proposed,
    received,
)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_rule_refuses_what_it_forbids_and_lets_the_rest_pass(row: Row) -> None:
    event, by, data = row.wrong
    refused = row.case().attempt(event, by, **data)
    assert row.rule in [one.rule for one in refused]
    assert all(one.message and "{" not in one.message for one in refused)
    event, by, data = row.right
    assert row.rule not in (row.better or row.case)().rules(event, by, **data)


def test_every_rule_on_a_transition_is_built_and_has_its_rows() -> None:
    machine = machine_of("iso10002-default")
    standing = {rule for move in (*machine.transitions, *machine.steps) for rule in move.guards}
    assert standing <= set(built())
    assert standing - {row.rule for row in TABLE} == {"T-02", "T-11", "WAIVER"}


def test_letter_without_comparison_is_refused() -> None:
    case = proposed()
    move = case.context.machine.find("proposed", "communicate")
    assert move is not None
    bare = Attempt(
        move, "pia", {}, case.at, case.events, case.facts, case.facts, (), case.clocks, case.context
    )
    spoken = built()["T-11"].guard(bare)
    assert spoken is not None
    assert spoken.message == "Comparison block missing."
    assert "T-11" not in case.rules("communicate", "pia")


def test_transition_without_a_public_line_is_refused() -> None:
    case = acknowledged()
    silent = {
        "from": "acknowledged",
        "event": "need",
        "to": "forwarded",
        "actors": ["agent"],
        "guards": ["T-02"],
    }
    machine = build_machine(replace(case.context.pack, added=(silent,)))
    assert case.given(machine=machine).rules("need", "ann", adjustments=[]) == ["T-02"]
    assert "T-02" not in case.rules("forward", "fay", to_body="x", grounds="y")


def test_some_rules_can_never_be_waived() -> None:
    case = acknowledged()
    assert case.rules("waive", "ada", rule="F-01", person="bob", reason="nobody else") == ["F-01"]
    case.do("waive", "ada", rule="F-02", person="max", reason="we are three people")
    assert "F-02" not in case.rules("admit", "ann", **{**ADMIT, "investigator": "max"})
    case.do("admit", "ann", **ADMIT)
    decided_case = case.do("start", "ivy", declaration="none")
    assert ("F-02", "max") in decided_case.facts.waivers


def test_nobody_eligible_is_said_with_an_empty_list() -> None:
    few = {"ann": PEOPLE["ann"], "max": PEOPLE["max"]}
    (spoken,) = acknowledged(people=few).attempt("admit", "ann", **{**ADMIT, "investigator": "max"})
    assert spoken.rule == "F-02"
    assert spoken.eligible == ()
    assert "waiver" in spoken.how_to_fix


def test_all_violations_are_told_at_once() -> None:
    case = investigating()
    hopeless = {"findings": [{"point": 1, "finding": "upheld"}], "loss": 100, "goodwill": 0, "paid": 0}
    assert case.rules("propose", "ivy", **hopeless) == ["F-04", "F-05", "F-10"]


def test_state_and_actor_come_before_all_rules() -> None:
    case = received()
    assert case.rules("close", "system") == ["STATE"]
    assert case.rules("acknowledge", "customer") == ["ACTOR"]
    assert case.rules("acknowledge", "nobody") == ["ACTOR"]


def test_rule_that_is_not_built_takes_its_transition_off_the_list() -> None:
    case = acknowledged()
    extra = {
        "from": "acknowledged",
        "event": "forward",
        "to": "forwarded",
        "actors": ["agent"],
        "guards": ["X-99"],
    }
    pack = replace(case.context.pack, removed=(("acknowledged", "forward"),), added=(extra,))
    changed = case.given(machine=build_machine(pack))
    choice = next(
        one
        for one in list_choices(changed.events, "fay", changed.context, changed.at)
        if one.event == "forward"
    )
    assert (choice.offered, choice.allowed) == (False, False)
    assert changed.rules("forward", "fay", to_body="x", grounds="y") == ["STATE"]


def test_representative_has_the_customers_rights() -> None:
    assert decided().rules("accept", "representative") == []


def test_who_was_taken_off_the_case_does_not_come_back() -> None:
    case = admitted().do("recusal", "customer", person="ivy", reason="she knows Bob")
    assert case.rules("start", "ivy", declaration="none") == ["F-03"]
    assert case.rules("recusal_decided", "pia", person="ivy", by_whom="ivy", granted=False) == ["F-03"]
    case.do("recusal_decided", "pia", person="ivy", by_whom="pia", granted=True)
    (spoken,) = case.attempt("start", "ivy", declaration="none")
    assert (spoken.rule, spoken.eligible) == ("F-02", ("ian",))
    assert case.rules("start", "ian", declaration="none") == []


def test_who_has_left_is_not_named_by_the_key_of_an_account() -> None:
    """Sales staff is not known here either, and has not left."""
    case = investigating()
    case.context = replace(case.context, subjects=("user:7",))
    (spoken,) = [one for one in case.attempt("propose", "ivy", **PROPOSE) if one.rule == "F-04"]
    assert "user:7" not in spoken.message
    assert "somebody who has left or does not handle complaints" in spoken.message


def test_reopened_case_is_investigated_by_somebody_new() -> None:
    case = closed().do("reopen", "customer", reason="none")
    assert case.rules("start", "ivy", declaration="none") == ["F-02"]
    assert case.rules("start", "ian", declaration="none") == []

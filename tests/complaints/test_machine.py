"""What the graph of every pack proves, and which packs therefore do not load."""

from dataclasses import replace
from typing import Any

import pytest

from contactcenter.complaints.machine import Machine, build_machine, machine_of, path, problems_of
from contactcenter.complaints.packs import PackError, build_packs, load_packs
from contactcenter.complaints.public import LINES
from contactcenter.complaints.rules import load_rules
from contactcenter.complaints.schema import known_events
from tests.complaints.timeline import PEOPLE, START, Timeline, context

BASE = load_packs()["iso10002-default"]


@pytest.mark.parametrize("name", load_packs())
def test_every_pack_passes_every_proof(name: str) -> None:
    machine = machine_of(name)
    assert problems_of(machine) == []
    assert (len(machine.states), len(machine.transitions)) == (17, 45)


def added(source: str, event: str, target: str, *actors: str) -> dict[str, Any]:  # Any: JSON
    return {"from": source, "event": event, "to": target, "actors": list(actors), "guards": []}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"added": (added("decided", "no_remedy_ok", "closed", "system"),)},
            "no_remedy_ok reaches closed without follow_up",
        ),
        (
            {"added": (added("received", "communicate", "decided", "agent"),)},
            "reaches decided without acknowledged",
        ),
        (
            {"added": (added("remedy_due", "deliver", "follow_up", "agent"),)},
            "reaches closed without remedy_done",
        ),
        (
            {"added": (added("closed", "settle", "follow_up", "agent"),)},
            "settle lets agent take a case out of closed",
        ),
        ({"added": (added("decided", "lapse", "limbo", "agent"),)}, "there is no such state"),
        (
            {"removed": (("withdrawn", "settle"),)},
            "withdrawn can never be closed while the customer is silent",
        ),
        ({"removed": (("follow_up", "close"),)}, "no case can ever be closed"),
        ({"removed": (("acknowledged", "forward"),)}, "no case can ever be forwarded"),
    ],
)
def test_broken_pack_is_refused_with_its_counter_example(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PackError, match=words):
        build_machine(replace(BASE, **changes))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"base": "nowhere"}, "there is no pack nowhere"),
        ({"base": "mine"}, "inherit in a circle"),
        ({"roll": "back"}, "back is none of none, next_bd"),
        ({"calendars": ["MARS"]}, "there is no calendar MARS"),
        ({"delay_notice_lead": "soon"}, "say it as"),
        ({"vulnerable_factor": 2}, "at most 1"),
        (
            {
                "clocks": {
                    "x": {"n": -1, "unit": "D", "start": "received", "stop": "decided", "kind": "legal"}
                }
            },
            "a whole number",
        ),
        (
            {"clocks": {"x": {"n": 1, "unit": "Y", "start": "received", "stop": "decided", "kind": "legal"}}},
            "Y is none of",
        ),
        (
            {"clocks": {"x": {"n": 1, "unit": "D", "start": "received", "stop": "done", "kind": "legal"}}},
            "there is no marker 'done'",
        ),
        (
            {"clocks": {"x": {"n": 1, "unit": "D", "start": "received", "stop": "decided", "kind": "firm"}}},
            "firm is none of",
        ),
    ],
)
def test_pack_with_a_fault_does_not_load(row: dict[str, Any], words: str) -> None:
    with pytest.raises(PackError, match=words):
        build_packs({"mine": row})


def test_pack_inherits_every_clock_that_it_does_not_list() -> None:
    own = load_packs()["uk-fca-psd"]
    assert own.clocks["final_response"].n == 15
    assert own.clocks["external_window"].unit == "M"
    assert own.clocks["decision"] == BASE.clocks["decision"]


def test_every_event_of_the_machine_has_a_form_and_a_public_line() -> None:
    machine = machine_of("iso10002-default")
    events = {move.event for move in machine.transitions}
    assert events <= set(known_events())
    assert events <= set(LINES)
    assert {move.event for move in machine.steps} <= set(known_events())


def test_shortest_way_from_complaint_to_closing() -> None:
    machine = machine_of("iso10002-default")
    found = path(machine, "-", "closed", lambda _: True)
    assert found is not None
    assert [move.event for move in found][-1] == "close"
    assert "follow_up" in [move.source for move in found]


def test_every_transition_is_guarded_by_rules_of_the_table() -> None:
    machine: Machine = machine_of("iso10002-default")
    known = set(load_rules()) | {"F-05s", "T-06s"}
    assert {rule for move in machine.transitions for rule in move.guards} <= known


@pytest.mark.parametrize(
    "more",
    [
        {"channel": "mailbox", "text": "x", "anonymous": True},
        {"channel": "phone", "text": "x", "contact": "+44 20 7946 0000"},
        {"channel": "letter", "text": "x", "contact": "1 High Street, Leeds"},
    ],
    ids=["anonymous", "by phone with no calls wished", "without a phone"],
)
def test_silent_customer_is_heard_to_the_end_with_the_fewest_staff(more: dict[str, Any]) -> None:
    """One agent, one investigator, one approver; nobody answers; calls are unwanted; still the case closes, followed up."""
    people = {key: PEOPLE[key] for key in ("fay", "gus", "ivy", "pia")}
    case = Timeline(context(people=people, subjects=(), prior_handlers=(), sampled=True))
    case.do("submit", "customer", **more).do("acknowledge", "fay").do("need", "fay", adjustments=["no_calls"])
    case.do("correct", "fay", what="contact", value="status page")
    case.do(
        "admit", "fay", key_points=["late"], category="c", severity=1, investigator="ivy", declaration="none"
    )
    case.do("start", "ivy", declaration="none").do(
        "evidence", "ivy", id="e", point=1, adverse=False, kind="log"
    )
    for _ in range(2):
        case.do("contact_attempt", "ivy", channel="letter", result="no_answer")
    finding = {"point": 1, "finding": "upheld", "reason": "It was late.", "evidence": ["e"]}
    case.do("propose", "ivy", findings=[finding], loss=0, goodwill=1000).do("communicate", "ivy")
    case.tick(START.replace(day=20))
    case.do("deliver", "fay", proof={"system": "ledger", "id": "7"}, deliverer="fay")
    case.do("root_cause", "ivy", level1="process", level2="queue", factor="holiday")
    case.tick(START.replace(month=12, day=5))
    assert case.facts.state == "follow_up"
    for day in (6, 7):
        case.at = START.replace(month=12, day=day)
        local = f"2026-12-{day:02}T10:00"
        case.do(
            "callback",
            "gus",
            person="gus",
            result="no_answer",
            local_time=local,
            zone="Europe/London",
            channel="letter",
        )
    case.tick()
    assert case.facts.state == "closed"

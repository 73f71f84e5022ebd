"""A house learns before its first complaint whether it has enough independent people to hear one about anybody."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.cli.doctor_services import staff_findings
from contactcenter.complaints.model import Person
from contactcenter.complaints.staffing import PARTS, not_judged_here, unheld_parts

AGENT = frozenset({"agent"})


def person(*roles: str, team: str | None = None, manager: str | None = None, name: str = "") -> Person:
    return Person(frozenset(roles), team, manager, name)


HOUSE = {
    "alice": person("agent", team="support", manager="mo", name="Alice"),
    "ivy": person("investigator", team="quality"),
    "pia": person("approver", team="quality"),
    "rex": person("reviewer", team="board"),
}


def codes(people: dict[str, Person]) -> list[str]:
    return [finding.code for finding in staff_findings(people)]


def test_three_independent_people_are_enough() -> None:
    assert not_judged_here(HOUSE) == []
    assert codes(HOUSE) == []


def test_nobody_at_work_needs_nobody() -> None:
    assert codes({"ivy": HOUSE["ivy"]}) == []


@pytest.mark.parametrize("key", ["ivy", "pia", "rex"])
def test_a_part_that_nobody_holds_is_named(key: str) -> None:
    people = {name: one for name, one in HOUSE.items() if name != key}
    assert unheld_parts(people) == [next(iter(HOUSE[key].roles))]
    [finding] = staff_findings(people)
    assert finding.code == "W028"
    assert next(iter(HOUSE[key].roles)) in finding.message


@pytest.mark.parametrize(
    "changes",
    [
        {"rex": person("reviewer", team="support")},
        {"rex": person("reviewer"), "alice": person("agent", team="support", manager="rex", name="Alice")},
        {"ivy": person("investigator", "approver", "reviewer"), "pia": AGENT, "rex": AGENT},
        {"pia": person("agent"), "ivy": person("investigator", "approver"), "rex": person("reviewer")},
    ],
    ids=["of her team", "her manager", "one for all", "one for two"],
)
def test_who_could_not_be_judged_is_named(changes: dict[str, Person | frozenset[str]]) -> None:
    changed = {key: one if isinstance(one, Person) else Person(one) for key, one in changes.items()}
    people = {**HOUSE, **changed}
    assert "alice" in not_judged_here(people)
    if not unheld_parts(people):
        [finding] = staff_findings(people)
        assert finding.code == "W029"
        assert "Alice" in finding.message


ROLES = st.frozensets(st.sampled_from(["agent", *PARTS]), max_size=4)


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(ROLES, st.sampled_from([None, "s", "t"])), max_size=6
    )
)
def test_it_is_what_trying_all_choices_finds(house: dict[str, tuple[frozenset[str], str | None]]) -> None:
    people = {key: Person(roles, team) for key, (roles, team) in house.items()}
    for key, about in people.items():
        if "agent" not in about.roles:
            continue
        able = [
            [
                one
                for one in people
                if part in people[one].roles
                and one != key
                and (about.team is None or people[one].team != about.team)
            ]
            for part in PARTS
        ]
        found = any(len(set(choice)) == len(PARTS) for choice in itertools.product(*able))
        assert (key not in not_judged_here(people)) == found

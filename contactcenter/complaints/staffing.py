"""Whether a house has enough independent people to hear a complaint about anybody in it (F-01, F-02, F-12)."""

from collections.abc import Mapping
from itertools import combinations

from contactcenter.complaints.model import Person

PARTS = ("investigator", "approver", "reviewer")
"""Three different people: who finds out, who is the second pair of eyes, and who looks again."""


def unheld_parts(people: Mapping[str, Person]) -> list[str]:
    """The PARTS that nobody holds."""
    held = {role for person in people.values() for role in person.roles}
    return [part for part in PARTS if part not in held]


def not_judged_here(people: Mapping[str, Person]) -> list[str]:
    """Agents about whom no complaint could be heard to its end: too few people are independent of them."""
    agents = [key for key, person in people.items() if "agent" in person.roles]
    return [key for key in agents if not _can_be_heard(key, people)]


def _can_be_heard(subject: str, people: Mapping[str, Person]) -> bool:
    """By Hall's theorem three different people can be found if any k of the parts have at least k people between them."""
    able = [
        {key for key, person in people.items() if part in person.roles and _is_free(key, subject, people)}
        for part in PARTS
    ]
    return all(
        len(set().union(*chosen)) >= k for k in range(1, len(able) + 1) for chosen in combinations(able, k)
    )


def _is_free(key: str, subject: str, people: Mapping[str, Person]) -> bool:
    """Neither the person himself, nor who manages him, nor somebody of his team."""
    about, person = people[subject], people[key]
    in_team = about.team is not None and person.team == about.team
    return key not in (subject, about.manager) and not in_team

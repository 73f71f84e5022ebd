"""Who sees and directs whose work."""

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import (
    may_handle_complaints,
    may_see_complaints,
    may_supervise,
    visible_team_ids,
)
from tests.world import World


def test_an_agent_sees_the_own_team(db_session: Session, world: World) -> None:
    assert visible_team_ids(db_session, world.alice) == {world.team.id}


def test_a_supervisor_sees_managed_teams_and_the_own(db_session: Session, world: World) -> None:
    world.other_team.manager_id = world.bob.id
    db_session.flush()
    assert visible_team_ids(db_session, world.bob) == {world.team.id, world.other_team.id}


def test_a_manager_who_is_only_an_agent_sees_the_own_team(db_session: Session, world: World) -> None:
    world.other_team.manager_id = world.alice.id
    db_session.flush()
    assert visible_team_ids(db_session, world.alice) == {world.team.id}


def test_an_administrator_sees_every_team(db_session: Session, world: World) -> None:
    assert visible_team_ids(db_session, world.admin) is None


@pytest.mark.parametrize("who", ["ivan", "petra"])
def test_complaint_roles_alone_see_no_teams_work(db_session: Session, world: World, who: str) -> None:
    assert visible_team_ids(db_session, getattr(world, who)) == set()


def test_an_inactive_person_sees_nothing(db_session: Session, world: World) -> None:
    for person in (world.alice, world.bob, world.admin):
        person.active = False
        assert visible_team_ids(db_session, person) == set()


def test_a_program_without_a_team_works_for_all_and_one_with_a_team_for_that(
    db_session: Session, world: World
) -> None:
    program = User(
        email="p@service.invalid", name="P", password_hash="", roles=["agent"], active=True, service=True
    )
    assert visible_team_ids(db_session, program) is None
    program.team_id = world.team.id
    assert visible_team_ids(db_session, program) == {world.team.id}


@pytest.mark.parametrize(
    ("who", "team", "may"),
    [
        ("bob", "team", True),
        ("bob", "other_team", False),
        ("alice", "team", False),
        ("admin", "other_team", True),
        ("ivan", "team", False),
    ],
)
def test_supervisors_direct_their_teams_only(
    db_session: Session, world: World, who: str, team: str, may: bool
) -> None:
    assert may_supervise(db_session, getattr(world, who), getattr(world, team).id) is may


def test_people_without_a_team_are_directed_by_administrators(db_session: Session, world: World) -> None:
    assert not may_supervise(db_session, world.bob, None)
    assert may_supervise(db_session, world.admin, None)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SALES])
def test_who_sells_sees_no_complaint_whatever_else_he_does(role: Role) -> None:
    both = User(email="s@example.com", name="S", password_hash="", roles=["sales", role.value], active=True)
    assert not may_see_complaints(both)
    assert not may_handle_complaints(both)
    both.roles = [role.value]
    assert may_see_complaints(both)


def test_only_complaint_roles_handle_complaints(world: World) -> None:
    people = (world.alice, world.bob, world.ivan, world.petra, world.admin)
    assert [may_handle_complaints(one) for one in people] == [False, False, True, True, False]

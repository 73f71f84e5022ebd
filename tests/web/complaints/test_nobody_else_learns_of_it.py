"""Whoever has no part in a complaint learns nothing of it: by no page, list, search, figure, link, copy or program."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.service import open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.tickets.models import Ticket
from tests.api.conftest import Program
from tests.browser import Browser
from tests.complaints.staff import STORY, decided
from tests.world import World

Browse = Callable[[User | None], Browser]
PAGES = (
    "/complaints",
    "/complaints?view=mine",
    "/complaints?view=late",
    "/complaints?view=over",
    "/complaints/follow-ups",
    "/complaints/{reference}",
    "/complaints/new?ticket={ticket}",
    "/console?view=all",
    "/console?view=all&q=refund",
    "/console?view=all&q={reference}",
    "/console/tickets/{ticket}",
    "/customers?q=wang",
    "/customers/{customer}",
    "/supervisor",
    "/supervisor/complaints",
)
PROGRAMS = (
    "/api/v1/complaints/{reference}",
    "/api/v1/complaints/{reference}/actions",
    "/api/v1/complaints/satisfaction",
    "/api/v1/tickets",
    "/api/v1/tickets/{ticket}",
    "/api/v1/tickets/{ticket}/messages",
    "/api/v1/search?q={reference}&type=ticket",
    "/api/v1/search?q=refund&type=ticket",
    "/api/v1/wallboard",
)


@pytest.fixture
def case(db_session: Session, world: World) -> ComplaintCase:
    """Wang Li's complaint about Alice, decided."""
    case = decided(db_session, world).case
    db_session.commit()
    return case


@pytest.fixture(params=["sales", "another team", "who it is about"])
def outsider(request: pytest.FixtureRequest, db_session: Session, world: World, case: ComplaintCase) -> User:
    """Somebody with an account and no part in it."""
    if request.param == "who it is about":
        return world.alice
    roles = [Role.AGENT.value, Role.SALES.value] if request.param == "sales" else [Role.AGENT.value]
    team = world.team if request.param == "sales" else world.other_team
    user = User(email="olga@example.com", name="Olga", password_hash="", roles=roles, team=team)
    db_session.add(user)
    db_session.commit()
    return user


def places(case: ComplaintCase, paths: tuple[str, ...]) -> list[str]:
    where = {"reference": case.reference, "ticket": case.ticket_id, "customer": case.customer_id}
    return [path.format(**where) for path in paths]


def tells(text: str, case: ComplaintCase) -> list[str]:
    """What a page says of the case; that it says back what was typed tells nothing."""
    links = (f"/complaints/{case.reference}", f"/console/tickets/{case.ticket_id}")
    return [words for words in (STORY, "refund never came", *links) if words in text]


def test_no_page_tells_an_outsider(browse: Browse, case: ComplaintCase, outsider: User) -> None:
    person = browse(outsider)
    for path in places(case, PAGES):
        answer = person.get(path)
        assert answer.status_code < 500, path
        assert tells(answer.text, case) == [], path
    for path in places(case, ("/complaints/{reference}", "/console/tickets/{ticket}")):
        assert person.get(path).status_code in (403, 404), path


def test_the_same_pages_tell_those_whose_part_it_is(
    browse: Browse, program: Callable[[User | None], Program], case: ComplaintCase, world: World
) -> None:
    """Else the others' silence would prove nothing."""
    telling = [path for path in places(case, PAGES) if tells(browse(world.ivan).get(path).text, case)]
    assert f"/complaints/{case.reference}" in telling
    assert "/complaints" in telling
    answer = program(world.ivan).call("GET", f"/api/v1/complaints/{case.reference}")
    assert case.reference in answer.text


def test_no_page_tells_a_stranger(browse: Browse, case: ComplaintCase) -> None:
    stranger = browse(None)
    for path in places(case, PAGES):
        answer = stranger.get(path)
        assert answer.status_code in (302, 303, 401), path
        assert tells(answer.text, case) == [], path


def test_no_program_of_an_outsider_or_stranger_reads_it(
    program: Callable[[User | None], Program], case: ComplaintCase, outsider: User
) -> None:
    for user in (outsider, None):
        client = program(user)
        for path in places(case, PROGRAMS):
            answer = client.call("GET", path)
            assert answer.status_code < 500, path
            assert STORY not in answer.text, path
            assert case.reference not in answer.text or case.reference in path, path
        for path in places(case, PROGRAMS[:2]):
            assert client.call("GET", path).status_code in (401, 403, 404), path


def test_another_customer_s_link_opens_his_own_file_alone(
    app: Flask, db_session: Session, world: World, case: ComplaintCase
) -> None:
    inbound = Inbound("email", world.support.id, Sender("email", "zhao@example.cn"), "The meter is wrong.")
    ticket = db_session.get_one(Ticket, receive(db_session, inbound).ticket_id)
    his = open_case(
        db_session, ticket, actor=ticket.customer.actor, text="The meter is wrong.", channel="email"
    )
    link = "/complaint/" + issue_link(db_session, his).rsplit("/", 1)[1]
    db_session.commit()
    customer = Browser(app, None)
    for path in (link, f"{link}/file", f"{link}?before=99"):
        answer = customer.get(path)
        assert answer.status_code == 200
        assert his.reference in answer.text
        assert case.reference not in answer.text
        assert STORY not in answer.text

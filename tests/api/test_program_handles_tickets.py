"""A program creates, lists, reads, changes and answers tickets; strangers and other teams do not."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.service import deactivate_user
from contactcenter.assignment.wrap_up import choose_code
from contactcenter.conversations.service import end_conversation
from contactcenter.queues.service import edit_queue
from tests.api.conftest import Program
from tests.world import World

Made = Callable[[User | None], Program]
TICKET = {
    "subject": "Two bills",
    "body": "I was billed twice.",
    "queue": "Support",
    "customer": {"email": "maria@example.org", "name": "Maria"},
}


def created(alice: Program, **more: Any) -> dict[str, Any]:  # Any: JSON
    answer = alice.call("POST", "/api/v1/tickets", {**TICKET, **more})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_created_ticket_is_read_back_whole(world: World, program: Made) -> None:
    alice = program(world.alice)
    ticket = created(alice, kind="fault", priority=2)
    read = alice.call("GET", f"/api/v1/tickets/{ticket['id']}").json
    assert read == ticket
    assert (ticket["kind"], ticket["priority"], ticket["status"], ticket["queue"]) == (
        "fault",
        2,
        "new",
        "Support",
    )
    assert ticket["customer"]["email"] == "maria@example.org"
    assert [one["channel"] for one in ticket["conversations"]] == ["form"]
    assert {one["name"] for one in ticket["sla"]} == {"first_reply", "resolve"}


def test_list_pages_without_gaps_or_doubles(world: World, program: Made) -> None:
    alice = program(world.alice)
    numbers = [created(alice)["id"] for _ in range(5)]
    seen: list[int] = []
    after = ""
    while True:
        page = alice.call("GET", f"/api/v1/tickets?limit=2&queue=Support&after={after}").json
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == numbers


def test_change_needs_the_version_that_was_read(world: World, program: Made) -> None:
    alice = program(world.alice)
    ticket = created(alice)
    path = f"/api/v1/tickets/{ticket['id']}"
    changed = alice.call(
        "PATCH", path, {"priority": 3, "owner": world.alice.id}, if_match=str(ticket["version"])
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json["priority"], changed.json["owner"], changed.json["status"]) == (
        3,
        world.alice.id,
        "open",
    )
    stale = alice.call("PATCH", path, {"priority": 1}, if_match=str(ticket["version"]))
    assert (stale.status_code, stale.json["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize("headers", [{}, {"if_match": "*"}, {"if_match": ""}])
def test_change_without_the_version_overwrites_nothing(
    world: World, program: Made, headers: dict[str, str]
) -> None:
    alice = program(world.alice)
    ticket = created(alice)
    path = f"/api/v1/tickets/{ticket['id']}"
    answer = alice.call("PATCH", path, {"subject": "Mine"}, **headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (428, "version_required")
    assert answer.json["error"]["message"] == "Say in If-Match which version you read."
    assert alice.call("GET", path).json == ticket


@pytest.mark.parametrize("version", ['"1"', 'W/"1"', "1"])
def test_the_etag_that_was_read_is_the_version(world: World, program: Made, version: str) -> None:
    alice = program(world.alice)
    path = f"/api/v1/tickets/{created(alice)['id']}"
    assert alice.call("PATCH", path, {"subject": "Mine"}, if_match=version).status_code == 200


def test_nobody_who_has_left_is_given_a_ticket(db_session: Session, world: World, program: Made) -> None:
    alice = program(world.alice)
    ticket = created(alice)
    deactivate_user(db_session, world.carol, actor="system")
    db_session.commit()
    given = alice.call(
        "PATCH",
        f"/api/v1/tickets/{ticket['id']}",
        {"owner": world.carol.id},
        if_match=str(ticket["version"]),
    )
    assert (given.status_code, given.json["error"]["details"][0]["field"]) == (422, "owner")


def test_a_version_that_is_no_number_is_a_mistake(world: World, program: Made) -> None:
    alice = program(world.alice)
    path = f"/api/v1/tickets/{created(alice)['id']}"
    answer = alice.call("PATCH", path, {"subject": "Mine"}, if_match='"abc"')
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


def test_a_program_may_reply_where_its_user_might_on_the_console(world: World, program: Made) -> None:
    alice = program(world.alice)
    ticket = created(alice)
    path = f"/api/v1/tickets/{ticket['id']}"
    refused = alice.call("POST", f"{path}/messages", {"body": "Hello"})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "conflict")
    assert "offered to whoever is ready" in refused.json["error"]["message"]
    assert alice.call("POST", f"{path}/messages", {"body": "noted", "internal": True}).status_code == 201
    version = alice.call("GET", path).json["version"]
    assert alice.call("PATCH", path, {"owner": world.alice.id}, if_match=str(version)).status_code == 200
    assert alice.call("POST", f"{path}/messages", {"body": "Hello"}).status_code == 201
    assert program(world.carol).call("POST", f"{path}/messages", {"body": "Hi"}).status_code == 409


def test_note_and_reply_are_told_apart(world: World, program: Made) -> None:
    bob = program(world.bob)
    path = f"/api/v1/tickets/{created(bob)['id']}/messages"
    bob.call("POST", path, {"body": "check the meter", "internal": True})
    reply = bob.call("POST", path, {"body": "We are looking into it."})
    assert (reply.status_code, reply.json["delivery"]) == (201, "queued")
    items = bob.call("GET", path).json["items"]
    assert [(one["author"], one["internal"], one["seq"]) for one in items] == [
        ("customer", False, 1),
        ("agent", True, None),
        ("agent", False, 2),
    ]
    assert [one["body"] for one in bob.call("GET", f"{path}?after=2").json["items"]] == [
        "We are looking into it."
    ]


def test_search_finds_by_words_number_and_customer(world: World, program: Made) -> None:
    alice = program(world.alice)
    ticket = created(alice, subject="电费账单", body="我要投诉你们的账单")
    for words in ("投诉", "账单", str(ticket["id"])):
        found = alice.call("GET", f"/api/v1/search?q={words}").json["items"]
        assert [one["id"] for one in found] == [ticket["id"]], words
    people = alice.call("GET", "/api/v1/search?type=customer&q=mari").json["items"]
    assert [one["title"] for one in people] == ["Maria"]
    assert program(world.mallory).call("GET", "/api/v1/search?type=customer&q=mari").json["items"] == []


def test_stranger_and_other_team_get_nothing(world: World, program: Made) -> None:
    ticket = created(program(world.alice))
    path = f"/api/v1/tickets/{ticket['id']}"
    assert program(None).call("GET", path).status_code == 401
    mallory = program(world.mallory)
    assert mallory.call("GET", path).status_code == 404
    assert mallory.call("PATCH", path, {"priority": 1}).status_code == 404
    assert mallory.call("POST", f"{path}/messages", {"body": "hi"}).status_code == 404
    assert mallory.call("GET", "/api/v1/tickets").json["items"] == []


def test_agent_sets_own_presence_and_supervisor_that_of_the_team(world: World, program: Made) -> None:
    alice, bob, mallory = program(world.alice), program(world.bob), program(world.mallory)
    path = f"/api/v1/agents/{world.alice.id}/presence"
    assert alice.call("PUT", path, {"state": "ready"}).json["state"] == "ready"
    assert alice.call("PUT", path, {"state": "break"}).status_code == 422
    assert bob.call("PUT", path, {"state": "break", "reason": "Lunch"}).json["reason"] == "Lunch"
    assert mallory.call("PUT", path, {"state": "ready"}).status_code == 403
    listed = {one["id"]: one["presence"]["state"] for one in bob.call("GET", "/api/v1/agents").json["items"]}
    assert listed[world.alice.id] == "break"
    assert world.mallory.id not in listed


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**TICKET, "subject": ""},
        {**TICKET, "kind": "nonsense"},
        {**TICKET, "priority": "high"},
        {**TICKET, "queue": "No such queue"},
        {**TICKET, "customer": {}},
        {**TICKET, "customer": {"email": "not an address"}},
        {**TICKET, "customer": {"phone": "abc"}},
        {**TICKET, "surprise": 1},
        [],
        "text",
        7,
    ],
)
def test_wrong_input_is_refused_with_a_sentence(world: World, program: Made, body: object) -> None:
    answer = program(world.alice).call("POST", "/api/v1/tickets", body)
    assert answer.status_code in {400, 422}, answer.text
    error = answer.json["error"]
    assert error["message"]
    assert set(error) == {"code", "message", "details"}


@pytest.mark.parametrize(
    "query",
    [
        *("after=zzz", "after=%FF", "limit=-1", "limit=0", "limit=101", "limit=x", "limit=99999999"),
        *("owner=%00", "owner=mee", "owner=-1", f"owner={10**40}", "status=newest", "kind=other"),
    ],
)
def test_wrong_arguments_are_refused_and_never_passed_over(world: World, program: Made, query: str) -> None:
    answer = program(world.alice).call("GET", f"/api/v1/tickets?{query}")
    assert answer.status_code in {400, 422}
    assert answer.json["error"]["message"]


def test_argument_without_a_value_narrows_nothing(world: World, program: Made) -> None:
    alice = program(world.alice)
    created(alice)
    empty = alice.call("GET", "/api/v1/tickets?queue=&owner=&status=&kind=&after=&limit=")
    assert len(empty.json["items"]) == 1


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_no_number_of_a_ticket_is_too_long_to_be_not_found(world: World, program: Made, method: str) -> None:
    assert program(world.alice).call(method, f"/api/v1/tickets/{2**63}", {}).status_code == 404


def test_wallboard_gives_the_screen_s_figures(world: World, program: Made) -> None:
    bob = program(world.bob)
    board = bob.call("GET", "/api/v1/wallboard").json
    assert [queue["name"] for queue in board["queues"]] == ["Support"]
    assert {agent["name"] for agent in board["agents"]} == {"Alice Agnew", "Bob Barrow", "Carol Chen"}
    assert program(world.alice).call("GET", "/api/v1/wallboard").status_code == 403


def test_what_it_was_about_is_told_once_it_was_said(world: World, program: Made, db_session: Session) -> None:
    bob = program(world.bob)
    ticket = created(bob)
    assert [set(one) for one in ticket["conversations"]] == [{"id", "channel", "state"}]
    codes = {"wrap_up_codes": ["Refund"]}
    edit_queue(db_session, world.support, world.support.version, codes, actor="system")
    end_conversation(db_session, ticket["conversations"][0]["id"], by="agent", reason="done", actor="system")
    choose_code(db_session, world.bob, ticket["conversations"][0]["id"], "Refund")
    db_session.commit()
    (told,) = bob.call("GET", f"/api/v1/tickets/{ticket['id']}").json["conversations"]
    assert told["wrap_up_code"] == "Refund"


def test_load_gives_the_screen_s_figures_of_one_s_teams(world: World, program: Made) -> None:
    created(program(world.alice))
    load = program(world.bob).call("GET", "/api/v1/load").json
    whole, support = load["items"]
    assert (whole["kind"], whole["queue"], support["queue"]) == ("email", None, world.support.id)
    assert (support["arrived"], support["waiting"], support["demand"], support["people"]) == (1, 1, None, 0)
    assert (support["state"], support["lacking"]) == ("short", 1)
    assert program(world.alice).call("GET", "/api/v1/load").status_code == 403


def test_customer_known_by_number_only_to_another_team_is_nobody(world: World, program: Made) -> None:
    theirs = created(program(world.alice))
    wish = {**TICKET, "queue": "Fleet", "customer": {"id": theirs["customer"]["id"]}}
    answer = program(world.mallory).call("POST", "/api/v1/tickets", wish)
    assert answer.status_code == 422
    assert "maria" not in answer.text

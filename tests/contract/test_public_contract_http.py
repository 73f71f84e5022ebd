"""What programs of others rely on over HTTP, line by line and letter by letter.

The rules behind each line are tested beside their feature; here stands what may never change without notice:
addresses, statuses, and the exact keys of every JSON object.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.tokens import create_token
from contactcenter.assignment.models import PresenceState
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.conversations.models import State
from contactcenter.tickets.models import Kind, Status
from tests.api.conftest import Answer, Program
from tests.world import World

Made = Callable[[User | None], Program]
Json = dict[str, Any]  # Any: JSON

TICKET = {
    *("id", "subject", "kind", "status", "priority", "brand", "queue", "owner", "customer", "conversations"),
    *("sla", "complaint", "version", "created_at", "updated_at"),
}
VIOLATION = {"rule", "principle", "clause", "message", "how_to_fix", "eligible"}
MARIA = {"email": "maria@example.org", "name": "Maria"}
WISH = {"subject": "Two bills", "body": "I was billed twice.", "customer": MARIA}


@pytest.fixture
def bob(world: World, program: Made) -> Program:
    return program(world.bob)


@pytest.fixture
def ticket(bob: Program) -> Json:
    return opened(bob)


def opened(who: Program, **more: Any) -> Json:  # Any: JSON
    answer = who.call("POST", "/api/v1/tickets", {**WISH, **more})
    assert answer.status_code == 201, answer.text
    return answer.json


def listed(answer: Answer) -> list[Json]:
    """The items of a list, which is `{"items": […], "next": cursor|null}` and nothing else."""
    assert answer.status_code == 200, answer.text
    assert set(answer.json) == {"items", "next"}
    assert answer.json["next"] is None or isinstance(answer.json["next"], str)
    items: list[Json] = answer.json["items"]
    return items


def refused(answer: Answer, status: int, code: str) -> Json:
    """The error, which is `{"error": {"code", "message", "details": […]}}` and nothing else."""
    assert answer.status_code == status, answer.text
    assert set(answer.json) == {"error"}
    error: Json = answer.json["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert error["message"].endswith((".", "!", "。"))
    assert isinstance(error["details"], list)
    return error


class TestDoors:
    def test_authorization_is_a_bearer_token(self, app: Flask, world: World, db_session: Session) -> None:
        token = create_token(db_session, Role.SUPERVISOR, actor="system")
        db_session.commit()
        client = app.test_client()
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/tickets", headers=headers).status_code == 200
        assert client.get("/api/v1/tickets", headers={"Authorization": token}).status_code == 401
        assert client.get(f"/api/v1/tickets?token={token}").status_code == 401

    def test_api_openapi_json_describes_it(self, world: World, program: Made) -> None:
        answer = program(None).call("GET", "/api/openapi.json")
        assert answer.status_code == 200
        assert answer.json["openapi"].startswith("3.")

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_get_healthz_readyz_and_metrics_answer(self, app: Flask, world: World, path: str) -> None:
        assert app.test_client().get(path).status_code == 200

    def test_lists_are_items_and_next(self, bob: Program) -> None:
        numbers = {opened(bob)["id"] for _ in range(3)}
        first = bob.call("GET", "/api/v1/tickets?limit=2")
        assert len(listed(first)) == 2
        last = bob.call("GET", f"/api/v1/tickets?limit=2&after={first.json['next']}")
        assert {one["id"] for one in listed(first) + listed(last)} == numbers
        assert last.json["next"] is None

    def test_errors_are_code_message_and_details(self, bob: Program, world: World, program: Made) -> None:
        refused(program(None).call("GET", "/api/v1/tickets"), 401, "not_signed_in")
        refused(program(world.alice).call("GET", "/api/v1/wallboard"), 403, "not_allowed")
        refused(bob.call("GET", "/api/v1/tickets/999"), 404, "not_found")
        refused(bob.call("GET", "/api/v1/nothing"), 404, "not_found")
        refused(bob.call("DELETE", "/api/v1/tickets"), 405, "method_not_allowed")
        error = refused(bob.call("POST", "/api/v1/tickets", {**WISH, "kind": "joke"}), 422, "invalid")
        assert [one["field"] for one in error["details"]] == ["kind"]


class TestTickets:
    def test_post_tickets_takes_every_field_and_answers_201_with_the_ticket(
        self, bob: Program, world: World
    ) -> None:
        more = {"kind": "fault", "brand": "harbour", "queue": "Support", "priority": 3}
        answer = bob.call("POST", "/api/v1/tickets", {**WISH, **more})
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/v1/tickets/{answer.json['id']}"
        assert {name: answer.json[name] for name in more} == more

    def test_post_tickets_needs_subject_body_and_customer_alone(self, bob: Program) -> None:
        assert opened(bob)["status"] == "new"
        for name in WISH:
            without = {key: value for key, value in WISH.items() if key != name}
            refused(bob.call("POST", "/api/v1/tickets", without), 422, "invalid")

    def test_the_customer_is_named_by_email_phone_or_id(self, bob: Program) -> None:
        by_email = opened(bob)["customer"]
        assert opened(bob, customer={"id": by_email["id"]})["customer"] == by_email
        by_phone = opened(bob, customer={"phone": "+44 20 7946 0958"})["customer"]
        assert (by_phone["phone"], by_phone["email"]) == ("+442079460958", None)

    def test_a_ticket_has_these_keys(self, ticket: Json) -> None:
        assert set(ticket) == TICKET
        assert set(ticket["customer"]) == {"id", "name", "email", "phone", "language"}
        assert [set(one) for one in ticket["conversations"]] == [{"id", "channel", "state"}]
        assert {frozenset(one) for one in ticket["sla"]} == {frozenset({"name", "due_at", "state"})}
        assert (ticket["complaint"], ticket["owner"]) == (None, None)

    def test_id_is_the_number_people_see(self, bob: Program, ticket: Json) -> None:
        found = bob.call("GET", f"/api/v1/search?q=%23{ticket['id']}")
        assert [one["id"] for one in listed(found)] == [ticket["id"]]

    def test_get_tickets_filters_by_queue_status_kind_and_owner(self, bob: Program, world: World) -> None:
        mine = opened(bob, kind="fault")
        path = f"/api/v1/tickets/{mine['id']}"
        bob.call("PATCH", path, {"owner": world.bob.id}, if_match=str(mine["version"]))
        other = opened(bob)
        for query, found in {
            f"queue={mine['queue']}": [other["id"], mine["id"]],
            "status=new": [other["id"]],
            "kind=fault": [mine["id"]],
            f"owner={world.bob.id}": [mine["id"]],
            "owner=me": [mine["id"]],
            "owner=none": [other["id"]],
            "after=&limit=1": [other["id"]],
        }.items():
            items = listed(bob.call("GET", f"/api/v1/tickets?{query}"))
            assert [one["id"] for one in items] == found, query
            assert all(set(one) == TICKET for one in items)

    def test_get_tickets_n_is_the_ticket(self, bob: Program, ticket: Json) -> None:
        assert bob.call("GET", f"/api/v1/tickets/{ticket['id']}").json == ticket

    def test_patch_tickets_n_wants_the_version_in_if_match(self, bob: Program, ticket: Json) -> None:
        path = f"/api/v1/tickets/{ticket['id']}"
        refused(bob.call("PATCH", path, {"priority": 1}), 428, "version_required")
        changed = bob.call("PATCH", path, {"priority": 1}, if_match=str(ticket["version"]))
        assert (changed.status_code, set(changed.json), changed.json["priority"]) == (200, TICKET, 1)
        refused(bob.call("PATCH", path, {"priority": 2}, if_match=str(ticket["version"])), 409, "conflict")

    def test_post_messages_takes_body_and_internal(self, bob: Program, ticket: Json) -> None:
        path = f"/api/v1/tickets/{ticket['id']}/messages"
        reply, note = (bob.call("POST", path, {"body": "x", **more}) for more in ({}, {"internal": True}))
        assert (reply.status_code, reply.json["internal"], note.json["internal"]) == (201, False, True)

    def test_get_messages_lists_them_by_these_keys(self, bob: Program, ticket: Json) -> None:
        (message,) = listed(bob.call("GET", f"/api/v1/tickets/{ticket['id']}/messages"))
        assert set(message) == {
            *("id", "conversation", "channel", "seq", "rev", "author", "author_name", "internal", "body"),
            *("delivery", "created_at", "attachments", "analysis"),
        }

    def test_kinds_statuses_and_states_of_conversations_have_these_names(self) -> None:
        assert list(Kind) == ["question", "request", "fault", "complaint", "suggestion", "praise", "lead"]
        assert list(Status) == ["new", "open", "pending", "on_hold", "solved", "closed"]
        assert list(State) == ["waiting", "offered", "active", "wrap_up", "ended"]


class TestDesk:
    @pytest.mark.parametrize("kind", ["ticket", "customer"])
    def test_get_search_takes_q_and_type(self, bob: Program, ticket: Json, kind: str) -> None:
        words = {"ticket": "bills", "customer": "maria"}[kind]
        (found,) = listed(bob.call("GET", f"/api/v1/search?q={words}&type={kind}"))
        assert set(found) == {"type", "id", "title", "detail"}
        assert found["type"] == kind

    def test_get_queues_lists_them(self, bob: Program) -> None:
        (queue,) = listed(bob.call("GET", "/api/v1/queues"))
        assert set(queue) == {
            *("id", "name", "brand", "team", "open", "skills", "service_level_pct", "service_level_s"),
        }

    def test_get_wallboard_has_queues_and_agents(self, bob: Program) -> None:
        board = bob.call("GET", "/api/v1/wallboard").json
        assert set(board) == {"at", "queues", "agents"}

    def test_get_agents_lists_them_with_their_presence(self, bob: Program) -> None:
        agents = listed(bob.call("GET", "/api/v1/agents"))
        assert all(set(one) == {"id", "name", "team", "presence", "load"} for one in agents)
        assert all(set(one["presence"]) == {"state", "reason", "since"} for one in agents)

    def test_put_presence_takes_state_and_reason(self, bob: Program, world: World) -> None:
        path = f"/api/v1/agents/{world.alice.id}/presence"
        answer = bob.call("PUT", path, {"state": "break", "reason": "Lunch"})
        assert (answer.status_code, answer.json["state"], answer.json["reason"]) == (200, "break", "Lunch")
        assert bob.call("PUT", path, {"state": "ready"}).json["state"] == "ready"

    def test_presence_has_five_names_of_which_three_may_be_wished_for(
        self, bob: Program, world: World
    ) -> None:
        assert list(PresenceState) == ["ready", "busy", "wrap_up", "break", "away"]
        path = f"/api/v1/agents/{world.alice.id}/presence"
        for state in ("busy", "wrap_up"):
            refused(bob.call("PUT", path, {"state": state}), 422, "invalid")

    @pytest.mark.parametrize("state", ["break", "away"])
    def test_break_and_away_need_a_reason(self, bob: Program, world: World, state: str) -> None:
        refused(
            bob.call("PUT", f"/api/v1/agents/{world.alice.id}/presence", {"state": state}), 422, "invalid"
        )


class TestComplaints:
    @pytest.fixture
    def case(self, bob: Program) -> Json:
        wish = {"text": "Nobody answers.", "channel": "email", "contact": "maria@example.org"}
        answer = bob.call("POST", "/api/v1/complaints", wish)
        assert answer.status_code == 201, answer.text
        return answer.json

    def test_post_complaints_with_words_answers_201_reference_and_tracking_url(self, case: Json) -> None:
        assert case["reference"].startswith("CMP-")
        assert "/complaint/" in case["tracking_url"]
        assert set(case) == {
            *("reference", "ticket", "state", "holder", "pack", "received_at", "next_due_at", "clocks"),
            "tracking_url",
        }

    def test_the_tracking_url_opens_without_an_account(self, app: Flask, case: Json) -> None:
        path = "/complaint/" + case["tracking_url"].rsplit("/", 1)[1]
        assert app.test_client().get(path).status_code == 200

    def test_post_complaints_takes_a_ticket_a_pack_and_the_date_of_receipt(
        self, bob: Program, ticket: Json
    ) -> None:
        wish = {"ticket": ticket["id"], "channel": "form", "pack": "uk-fca-disp"}
        answer = bob.call("POST", "/api/v1/complaints", {**wish, "received_at": "2026-11-20T09:00:00Z"})
        assert answer.status_code == 201, answer.text
        assert (answer.json["ticket"], answer.json["pack"]) == (ticket["id"], "uk-fca-disp")
        assert answer.json["received_at"].startswith("2026-11-20T09:00:00")
        again = bob.call("GET", f"/api/v1/tickets/{ticket['id']}").json
        assert again["complaint"] == answer.json["reference"]

    def test_get_complaints_ref_is_where_it_stands(self, bob: Program, case: Json) -> None:
        answer = bob.call("GET", f"/api/v1/complaints/{case['reference']}")
        assert answer.json == {**case, "tracking_url": None}

    def test_get_actions_is_a_dry_run(self, world: World, program: Made, case: Json) -> None:
        path = f"/api/v1/complaints/{case['reference']}"
        ivan = program(world.ivan)
        before = ivan.call("GET", path).json
        for action in listed(ivan.call("GET", f"{path}/actions")):
            assert set(action) == {"event", "to", "allowed", "needs_data", "offered", "violations"}
            assert all(set(one) == VIOLATION for one in action["violations"])
            assert action["allowed"] == (not action["violations"])
        assert ivan.call("GET", path).json == before

    def test_post_events_answers_200_with_the_case(self, world: World, program: Made, case: Json) -> None:
        path = f"/api/v1/complaints/{case['reference']}/events"
        done = program(world.ivan).call(
            "POST", path, {"event": "comment", "data": {"text": "Asked billing."}}
        )
        assert (done.status_code, set(done.json)) == (200, set(case)), done.text

    def test_post_events_answers_409_with_every_rule_that_refuses(
        self, world: World, program: Made, case: Json
    ) -> None:
        path = f"/api/v1/complaints/{case['reference']}/events"
        answer = program(world.ivan).call("POST", path, {"event": "start", "data": {"declaration": "none"}})
        assert (answer.status_code, set(answer.json)) == (409, {"violations"}), answer.text
        assert answer.json["violations"]
        assert all(set(one) == VIOLATION for one in answer.json["violations"])


class TestPeopleAndPages:
    def test_there_are_six_roles_and_sales_which_gets_no_complaint(
        self, world: World, program: Made, db_session: Session
    ) -> None:
        names = "agent supervisor investigator approver reviewer administrator sales"
        assert list(Role) == names.split()
        world.alice.roles = ["agent", "sales"]
        db_session.commit()
        alice = program(world.alice)
        complaint = alice.call("POST", "/api/v1/complaints", {"text": "x"})
        refused(complaint, 403, "not_allowed")

    def test_the_chat_is_one_script_with_the_key_and_has_a_demo_page(
        self, app: Flask, world: World, db_session: Session
    ) -> None:
        key = WidgetKey(brand=world.brand, queue=world.support)
        save_widget(db_session, key, actor="system", name="Shop", sites=["https://shop.example"])
        db_session.commit()
        loader = app.test_client().get("/widget/loader.js")
        assert (loader.status_code, loader.mimetype) == (200, "text/javascript")
        assert "dataset.key" in loader.text
        demo = app.test_client().get("/widget/demo")
        assert demo.status_code == 200
        assert f'/widget/loader.js" data-key="{key.key}" async></script>' in demo.text

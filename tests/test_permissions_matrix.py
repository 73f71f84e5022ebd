"""Every route, socket event and command has a line in the permission matrix, and keeps to it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

import app as commands
from contactcenter.accounts.models import Role, User, UserSession
from contactcenter.accounts.tokens import create_token, create_token_for
from contactcenter.assignment.models import Offer
from contactcenter.channels.voice.models import Call
from contactcenter.conversations.models import Attachment
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import push
from contactcenter.core.clock import now
from contactcenter.core.config import get_settings
from contactcenter.edge.deco import Access
from contactcenter.embedded.engines import Engines
from contactcenter.factory import create_app
from contactcenter.live.setup import attach_sockets
from tests.browser import Browser
from tests.permission_matrix import COMMANDS, EVENTS, PROGRAMS, ROUTES, Line
from tests.world import World

Browse = Callable[[User | None], Browser]
# Sent with every request about somebody's thing, so that a refusal is about whose it is and not about what was sent.
FIELDS = dict(
    parse_qsl(
        "before=5&rev=0&mode=note&body=x&client_id=12345678&sentiment=neutral&status=open&until="
        "&version=1&subject=x&kind=question&priority=0&answer=no&why=x&owner=1&state=ready&open=1&to=queue:1"
        "&conversation=1&code=x",
        keep_blank_values=True,
    )
)
LISTS = ("queues", "agents", "tickets", "search?q=broken", "search?q=wang&type=customer")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or ()):
                yield f"{method} {rule.rule}", method, rule


def lines(app: Flask) -> Iterator[tuple[str, str, Rule, Line]]:
    """The routes that have a line; one without is found by the first test and does not hide the others' news."""
    for key, method, rule in routes(app):
        if key in ROUTES:
            yield key, method, rule, ROUTES[key]


def address(app: Flask, rule: Rule, values: dict[str, Any] | None = None) -> str:  # Any: ids and words
    """The rule's address, its arguments filled in: ids by 1, words by `x`, unless `values` knows better."""
    filled: dict[str, Any] = {}  # Any: as above
    for name in rule.arguments:
        converter = rule._converters[name]
        filled[name] = (values or {}).get(
            name, 1 if converter.__class__.__name__ == "RowIdConverter" else "x"
        )
    built: str = app.url_map.bind("localhost").build(rule.endpoint, filled)
    return built


def test_every_route_has_a_line_and_every_line_a_route(app: Flask) -> None:
    found = {key for key, _method, _rule in routes(app)}
    assert found == set(ROUTES)


def test_every_view_declares_what_its_line_says(app: Flask) -> None:
    for key, _method, rule, line in lines(app):
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        assert isinstance(access, Access), f"{key} declares no access"
        assert (access.door, set(access.roles)) == (line.door, set(line.roles)), key


def test_a_stranger_gets_nowhere_but_through_public_doors(app: Flask, browse: Browse) -> None:
    stranger = browse(None)
    token = stranger.form_token()
    for key, method, rule, line in lines(app):
        answer = stranger.client.open(
            address(app, rule),
            method=method,
            headers={"X-CSRFToken": token, "Origin": "http://localhost"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        assert stranger_is_treated_as(line, method, answer.status_code, answer.location), (
            f"{key}: {answer.status_code} {answer.location}"
        )


def stranger_is_treated_as(line: Line, method: str, status: int, location: str | None) -> bool:
    to_sign_in = (location or "").startswith("/sign-in")
    if line.door == "signed_in":
        return to_sign_in and status == (302 if method == "GET" else 303)
    if line.door == "token":
        return status == 401
    if line.door == "proof":
        return 400 <= status < 500
    return status < 500 and status not in (401, 403)


def test_a_person_without_the_role_is_refused(
    app: Flask, browse: Browse, world: World, db_session: Session
) -> None:
    nobody_special = User(email="sally@example.com", name="Sally Sales", password_hash="", roles=["sales"])
    db_session.add(nobody_special)
    db_session.commit()
    browser = browse(nobody_special)
    token = browser.form_token()
    for key, method, rule, line in lines(app):
        if line.door == "signed_in" and line.roles:
            answer = browser.client.open(
                address(app, rule),
                method=method,
                headers={"X-CSRFToken": token, "Origin": "http://localhost"},
            )
            assert answer.status_code == 403, key


def test_a_program_without_the_role_is_refused(app: Flask, world: World, db_session: Session) -> None:
    sales = User(email="sally@example.com", name="Sally Sales", password_hash="", roles=["sales"])
    db_session.add(sales)
    db_session.flush()
    key_of_sales = create_token_for(db_session, sales, name="test", actor="system")
    db_session.commit()
    client = app.test_client()
    for key, method, rule, line in lines(app):
        if line.door == "token" and line.roles:
            answer = client.open(
                address(app, rule), method=method, headers={"Authorization": f"Bearer {key_of_sales}"}
            )
            assert answer.status_code == 403, key


def test_a_page_takes_no_token_and_the_api_no_cookie(app: Flask, browse: Browse, world: World) -> None:
    alice = browse(world.alice)
    for key, method, rule, line in lines(app):
        if line.door == "token":
            assert alice.client.open(address(app, rule), method=method).status_code == 401, key


@pytest.fixture
def alices(db_session: Session, browse: Browse, world: World, engines: Engines) -> dict[str, int]:
    """Ids of things that are Alice's or her team's, by the name that routes give them.

    Mallory supervises her own team meanwhile, so that it is not her role that stops her.
    """
    browse(world.alice)
    world.mallory.roles = ["agent", "supervisor"]
    sender, files = Sender("email", "wang.li@example.cn"), (File("photo.txt", b"what arrived"),)
    received = receive(db_session, Inbound("email", world.support.id, sender, "It is broken.", files=files))
    offer = Offer(conversation_id=received.conversation_id, user_id=world.alice.id, offered_at=now())
    call = Call(public_id="x", conversation_id=received.conversation_id, visitor="1f3a", queued_at=now())
    db_session.add_all([offer, call])
    db_session.commit()
    return {
        "user_id": world.alice.id,
        "queue_id": world.support.id,
        "conversation_id": received.conversation_id,
        "ticket_id": received.ticket_id,
        "message_id": received.message_id,
        "attachment_id": db_session.scalars(select(Attachment.id)).one(),
        "session_id": db_session.scalars(select(UserSession.id)).one(),
        "offer_id": offer.id,
        "call_id": call.id,
    }


def test_things_of_others_do_not_exist_for_mallory(
    app: Flask, browse: Browse, world: World, alices: dict[str, int]
) -> None:
    mallory = browse(world.mallory)
    headers = {"X-CSRFToken": mallory.form_token(), "Origin": "http://localhost"}
    for key, method, rule, line in lines(app):
        if line.of and line.door == "signed_in":
            query, form = (FIELDS, None) if method == "GET" else (None, FIELDS)
            path = address(app, rule, alices)
            answer = mallory.client.open(path, method=method, headers=headers, query_string=query, data=form)
            assert answer.status_code in (403, 404), f"{key}: {answer.status_code}"


def test_things_of_others_do_not_exist_for_mallorys_program(
    app: Flask, world: World, db_session: Session, alices: dict[str, int]
) -> None:
    token = create_token_for(db_session, world.mallory, name="test", actor="system")
    db_session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}", "If-Match": "1"}
    for key, method, rule, line in lines(app):
        if line.of and line.door == "token":
            answer = client.open(
                address(app, rule, alices), method=method, headers=headers, json=BODIES.get(method)
            )
            assert answer.status_code in (403, 404), f"{key}: {answer.status_code}"


BODIES = {"PATCH": {"subject": "x"}, "POST": {"body": "x"}, "PUT": {"state": "ready"}}


@pytest.mark.parametrize("role", PROGRAMS)
def test_a_token_that_may_only_read_writes_nowhere_and_reads_what_its_role_may(
    app: Flask, db_session: Session, alices: dict[str, int], role: Role
) -> None:
    token = create_token(db_session, role, read_only=True, actor="system")
    db_session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}", "If-Match": "1"}
    for key, method, rule, line in lines(app):
        if line.door == "token" and role in line.roles:
            answer = client.open(
                address(app, rule, alices), method=method, headers=headers, json=BODIES.get(method)
            )
            told = answer.get_json()["error"]["message"] if answer.status_code == 403 else ""
            assert told == ("" if method == "GET" else "This token may only read."), key


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_a_token_of_another_team_reaches_nothing_of_alices(
    app: Flask, world: World, db_session: Session, alices: dict[str, int], role: Role
) -> None:
    theirs, ours = (
        {
            "Authorization": f"Bearer {create_token(db_session, role, team=team, actor='system')}",
            "If-Match": "1",
        }
        for team in (world.other_team, world.team)
    )
    db_session.commit()
    client = app.test_client()
    for key, method, rule, line in lines(app):
        if line.of and line.door == "token":
            path = address(app, rule, alices)
            answer = client.open(path, method=method, headers=theirs, json=BODIES.get(method))
            assert answer.status_code in (403, 404), f"{key}: {answer.status_code}"
            if method == "GET":
                assert client.get(path, headers=ours).status_code == 200, key
    found = {path: client.get(f"/api/v1/{path}", headers=theirs).get_json()["items"] for path in LISTS}
    assert [one["name"] for one in found.pop("queues")] == [world.other_queue.name]
    assert [one["name"] for one in found.pop("agents")] == [world.mallory.name]
    assert found == {"tickets": [], "search?q=broken": [], "search?q=wang&type=customer": []}


def test_alice_herself_reaches_all_of_it(
    app: Flask, browse: Browse, world: World, alices: dict[str, int]
) -> None:
    alice = browse(world.alice)
    for key, method, rule, line in lines(app):
        if line.of and line.door == "signed_in" and method == "GET":
            with alice.get(address(app, rule, alices), query_string=FIELDS) as answer:
                assert answer.status_code == 200, key


@pytest.mark.parametrize("role", list(Role))
def test_no_role_opens_a_door_its_line_does_not_name(
    app: Flask, browse: Browse, db_session: Session, role: Role
) -> None:
    person = User(email="one@example.com", name="One Role", password_hash="", roles=[role.value])
    db_session.add(person)
    db_session.commit()
    browser = browse(person)
    for key, method, rule, line in lines(app):
        if method == "GET" and line.door == "signed_in" and line.roles and role not in line.roles:
            assert browser.get(address(app, rule)).status_code == 403, f"{role}: {key}"


@pytest.fixture(scope="module")
def own_app(engine: Engine) -> Flask:
    """An application of our own, for sockets change it for good."""
    return create_app(get_settings(), engine=engine)


@pytest.fixture(scope="module")
def socketio(own_app: Flask) -> Iterator[SocketIO]:
    alone = get_settings().model_copy(update={"redis_url": ""})
    yield attach_sockets(own_app, alone, async_mode="threading", watched=False)
    push.use(lambda *_args, **_kwargs: None)


def test_every_socket_event_has_a_line(socketio: SocketIO) -> None:
    found = {namespace: set(handlers) for namespace, handlers in socketio.server.handlers.items()}
    assert found == EVENTS


@pytest.mark.parametrize("namespace", sorted(EVENTS))
def test_a_stranger_gets_no_socket(own_app: Flask, socketio: SocketIO, world: World, namespace: str) -> None:
    stranger = socketio.test_client(own_app, namespace=namespace)
    assert not stranger.is_connected(namespace)


def test_every_command_has_a_line() -> None:
    assert set(commands.COMMANDS) == set(COMMANDS)

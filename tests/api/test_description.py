"""The OpenAPI document: whole, valid, and true: its examples are sent, and the answers are what it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.voice.models import Call
from contactcenter.complaints.sources import create_source
from tests.api.conftest import Answer, Program
from tests.world import World

Made = Callable[[User | None], Program]
Json = dict[str, Any]  # Any: JSON
READS = {"400", "401", "403", "404", "422", "429", "503"}
CHANGES = {"409", "413", "415"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, with everything that `$ref` names in its place."""

    document: Json
    path: str
    method: str
    says: Json

    def example(self) -> Json | None:
        """The body that the description shows."""
        if "requestBody" not in self.says:
            return None
        return self._example_of(self.says["requestBody"])

    def answers(self) -> Iterator[tuple[str, Json]]:
        """Each status with its schema."""
        for status, answer in self.says["responses"].items():
            yield status, self._schema(answer)

    def check(self, answer: Answer) -> None:
        """The answer is one that the description knows, of the shape that it shows."""
        schemas = dict(self.answers())
        assert str(answer.status_code) in schemas, f"{self.name}: {answer.status_code} {answer.text}"
        whole = {**schemas[str(answer.status_code)], "components": self.document["components"]}
        errors = [error.message for error in Draft202012Validator(whole).iter_errors(answer.json)]
        assert not errors, f"{self.name}: {errors}"

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def _schema(self, content: Json) -> Json:
        schema: Json = content["content"]["application/json"]["schema"]
        return schema

    def _example_of(self, content: Json) -> Json:
        name = self._schema(content)["$ref"].rsplit("/", 1)[1]
        found: Json = self.document["components"]["schemas"][name]["example"]
        return found

    def examples(self) -> Iterator[tuple[Json, Json]]:
        """Every schema with its example: the request's and the answers'."""
        for content in (self.says.get("requestBody"), *self.says["responses"].values()):
            if content is not None:
                yield self._schema(content), self._example_of(content)


@pytest.fixture
def operations(app: Flask, world: World, program: Made) -> list[Operation]:
    document = program(None).call("GET", "/api/openapi.json").json
    return [
        Operation(document, path, method, says)
        for path, methods in document["paths"].items()
        for method, says in methods.items()
    ]


def test_the_document_is_valid_and_names_every_route(app: Flask, operations: list[Operation]) -> None:
    validate(operations[0].document)
    routes = {
        (rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(one.path, one.method) for one in operations} == routes


def test_every_operation_says_what_it_does_and_which_errors_it_may_answer(
    operations: list[Operation],
) -> None:
    for one in operations:
        assert one.says["summary"].endswith("."), one.name
        assert one.says["tags"], one.name
        expected = READS if one.method == "get" else READS | CHANGES
        statuses = {status for status, _schema in one.answers()}
        assert expected <= statuses, one.name
        assert (statuses & CHANGES == set()) == (one.method == "get"), one.name


def test_schemas_have_names_that_programs_can_be_generated_from(operations: list[Operation]) -> None:
    names = operations[0].document["components"]["schemas"]
    assert all(name.isalnum() for name in names), list(names)


def test_every_example_is_of_its_own_shape(operations: list[Operation]) -> None:
    for one in operations:
        for schema, example in one.examples():
            whole = {**schema, "components": one.document["components"]}
            errors = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
            assert not errors, f"{one.name}: {errors}"


def test_lists_and_changes_name_their_parameters(operations: list[Operation]) -> None:
    named = {one.name: {each["name"] for each in one.says["parameters"]} for one in operations}
    assert named["GET /api/v1/tickets"] == {"queue", "status", "kind", "owner", "after", "limit"}
    assert named["GET /api/v1/search"] == {"q", "type", "after", "limit"}
    assert named["PATCH /api/v1/tickets/{ticket_id}"] == {"ticket_id", "If-Match"}
    for path in ("/api/v1/tickets", "/api/v1/tickets/{ticket_id}/messages", "/api/v1/complaints"):
        assert "Idempotency-Key" in named[f"POST {path}"]


def test_every_example_request_works_and_its_answer_is_as_described(
    app: Flask, operations: list[Operation], world: World, program: Made, db_session: Session
) -> None:
    world.bob.roles = ["agent", "supervisor", "investigator", "approver", "reviewer", "administrator"]
    db_session.commit()
    bob = program(world.bob)
    by_name = {one.name: one for one in operations}
    ticket = bob.call("POST", "/api/v1/tickets", by_name["POST /api/v1/tickets"].example()).json
    case = bob.call("POST", "/api/v1/complaints", by_name["POST /api/v1/complaints"].example()).json
    ids = {"ticket_id": ticket["id"], "user_id": world.alice.id, "reference": case["reference"]}
    payment_system = Program(app, create_source(db_session, "stripe", actor="system").secret)
    db_session.commit()
    for one in operations:
        if "/calls/" in one.path:
            continue  # what rings is shown where calls are tested
        caller = payment_system if one.path.endswith("/remedy/reports") else bob
        answer = caller.call(
            one.method, one.path.format_map(ids), one.example(), if_match=str(ticket["version"])
        )
        assert answer.status_code < 300, f"{one.name}: {answer.text}"
        one.check(answer)
    assert not db_session.scalars(select(Call)).all()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", "/api/v1/tickets/{ticket_id}", 428),
        ("GET", "/api/v1/tickets/{ticket_id}", 404),
        ("POST", "/api/v1/tickets", 415),
    ],
)
def test_errors_too_are_as_described(
    operations: list[Operation], world: World, program: Made, method: str, path: str, status: int
) -> None:
    one = next(one for one in operations if one.name == f"{method} {path}")
    bob = program(world.bob)
    real = bob.call(
        "POST", "/api/v1/tickets", {"subject": "x", "body": "x", "customer": {"email": "m@example.org"}}
    )
    number = 999 if method == "GET" else real.json["id"]
    answer = bob.call(method, path.format(ticket_id=number), {"subject": "y"} if method == "PATCH" else None)
    assert answer.status_code == status
    one.check(answer)

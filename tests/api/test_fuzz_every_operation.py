"""Every operation is sent what the API's own description allows and what it forbids, by callers of every kind.

No answer is a crash, each is one that the description knows and of the shape it shows; what it forbids is refused.
So it is, too, when one operation follows the other on what was made before.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role
from contactcenter.accounts.tokens import create_token, create_token_for
from contactcenter.complaints.sources import create_source
from contactcenter.edge.limits import limiter
from tests.edge.hostile import House, build_house, nothing_happened
from tests.world import World

Operation = APIOperation[Any, Any, Any, Any]  # Any: the library's own parameters
Request = Case[Any]
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}  # 413, too
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@dataclass(frozen=True, slots=True)
class Fuzz:
    """A house full of real things, and the tokens of whoever may call; Bob, who may do everything, calls most."""

    app: Flask
    session: Session
    house: House
    tokens: dict[str, str]

    def schema(self) -> BaseSchema:
        """The description, as if no token were asked for: the callers bring theirs, or none."""
        document = self.app.test_client().get("/api/openapi.json").get_json()
        del document["security"]
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
        schema.app = self.app
        return schema

    def operations(self) -> Iterator[Operation]:
        return (found.ok() for found in self.schema().get_all_operations() if isinstance(found, Ok))

    def attack(self, operation: Operation, mode: GenerationMode, n: int) -> list[str]:
        """What was wrong with the answers to `n` requests, the same in every run; all of it is undone."""
        wrong: list[str] = []

        @settings(
            max_examples=n,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            caller=st.sampled_from(["Bob", "Bob", "Bob", *self.tokens]),
            real=st.booleans(),
        )
        def knock(case: Request, caller: str, *, real: bool) -> None:
            self._aim(case, at_something=real)
            token = self.tokens[caller]
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            limiter.reset()
            answer = case.call(headers=headers)
            try:
                case.validate_response(answer, checks=CHECKS, headers=headers)
            except FailureGroup as failure:
                wrong.append(f"{operation.label} by {caller}: {failure}")

        with (
            nothing_happened(self.session),
            suppress(Unsatisfiable),
        ):  # where nothing is asked, nothing can be wrong
            knock()
        return wrong

    def _aim(self, case: Request, *, at_something: bool) -> None:
        """At a thing that exists, unless the address is what is wrong; an argument without a value is none."""
        case.query = asked(case)
        if at_something and not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
            case.path_parameters = {
                name: self.house.things.get(name, value) for name, value in case.path_parameters.items()
            }


@dataclass(frozen=True, slots=True)
class Heard:
    """What came, by operation and status; what should not have come."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def stories_of(fuzz: Fuzz, heard: Heard) -> type[APIStateMachine]:
    """Bob does one thing after the other, each to what those before have made; every story is undone."""

    class Stories(fuzz.schema().as_state_machine()):  # type: ignore[misc]  # a class that is made of the description
        def setup(self) -> None:
            self._undone = ExitStack()
            self._undone.enter_context(nothing_happened(fuzz.session))

        def teardown(self) -> None:
            self._undone.close()

        def get_call_kwargs(self, case: Request) -> dict[str, Any]:
            limiter.reset()
            case.query = asked(case)
            return {"headers": {"Authorization": f"Bearer {fuzz.tokens['Bob']}"}}

        def validate_response(self, response: Response, case: Request, **_more: object) -> None:
            heard.answers[f"{case.operation.label} {response.status_code}"] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as failure:
                heard.wrong.append(f"{case.operation.label}: {failure}")

    return Stories


def asked(case: Request) -> dict[str, Any]:
    """An argument without a value is none."""
    return {name: value for name, value in case.query.items() if str(value).strip("[]', ")}


@pytest.fixture
def fuzz(app: Flask, db_session: Session, world: World) -> Fuzz:
    load_all_checks()
    house = build_house(app, db_session, world)
    tokens = {
        "Bob": house.token,
        "Alice": create_token_for(db_session, world.alice, name="fuzz", actor="system"),
        "a program": create_token(db_session, Role.ADMINISTRATOR, actor="system"),
        "a payment system": create_source(db_session, "stripe", actor="system").secret,
        "a forger": "cdr_wrong",
        "a stranger": "",
    }
    db_session.commit()
    return Fuzz(app, db_session, house, tokens)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("n", [12, pytest.param(250, marks=pytest.mark.soak)])
def test_every_operation_answers_as_described_whatever_it_is_sent(
    fuzz: Fuzz, mode: GenerationMode, n: int
) -> None:
    wrong = [fault for operation in fuzz.operations() for fault in fuzz.attack(operation, mode, n)]
    assert not wrong, "\n\n".join([f"{len(wrong)}:", *wrong])


@pytest.mark.parametrize("n", [25, pytest.param(400, marks=pytest.mark.soak)])
def test_one_thing_after_the_other_is_answered_as_described(fuzz: Fuzz, n: int) -> None:
    heard = Heard()
    rule = settings(
        max_examples=n,
        stateful_step_count=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    stories_of(fuzz, heard).run(settings=rule)
    assert not heard.wrong, "\n\n".join([f"{len(heard.wrong)}:", *heard.wrong])
    assert any(answer.endswith(" 201") for answer in heard.answers), "nothing was ever made"

"""Every operation is sent what the API's own description allows and what it forbids, by callers of every kind.

No answer is a crash, each is one that the description knows and of the shape it shows; what it forbids is refused.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
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
from schemathesis.schemas import APIOperation
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

    def operations(self) -> Iterator[Operation]:
        """All of them, as if no token were asked for: the callers bring theirs, or none."""
        document = self.app.test_client().get("/api/openapi.json").get_json()
        del document["security"]
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
        schema.app = self.app
        return (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok))

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
        case.query = {name: value for name, value in case.query.items() if str(value).strip("[]', ")}
        if at_something and not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
            case.path_parameters = {
                name: self.house.things.get(name, value) for name, value in case.path_parameters.items()
            }


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

"""A program with a token of each kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from contactcenter.accounts.models import User
from contactcenter.accounts.tokens import create_token_for
from contactcenter.complaints.sources import Made, create_source
from contactcenter.edge.limits import limiter
from tests.complaints.staff import MONDAY, Desk, decided
from tests.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON body (empty if it was none)."""

    status_code: int
    json: dict[str, Any]  # Any: JSON
    text: str
    headers: Headers


class Program:
    """Calls the API with one token (None: without)."""

    def __init__(self, app: Flask, token: str | None) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:  # Any: JSON
        """The answer to one call; keyword arguments become headers (`if_match` → If-Match)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._client.open(path, method=method, json=body, headers={**self._headers, **named})
        return Answer(answer.status_code, answer.get_json(silent=True) or {}, answer.text, answer.headers)


@pytest.fixture
def program(app: Flask, db_session: Session, world: World) -> Callable[[User | None], Program]:
    """`program(world.alice)` acts as Alice; `program(None)` has no token."""
    limiter.reset()

    def made(user: User | None) -> Program:
        token = create_token_for(db_session, user, name="test", actor="system") if user else None
        db_session.commit()
        return Program(app, token)

    return made


@pytest.fixture
def stripe(db_session: Session, world: World) -> Made:
    made = create_source(db_session, "stripe", actor=world.admin.actor)
    db_session.commit()
    return made


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    """Upheld, 50.00 to be paid, accepted."""
    desk = decided(db_session, world)
    desk.do("accept", desk.customer, MONDAY.replace(day=6))
    db_session.commit()
    return desk

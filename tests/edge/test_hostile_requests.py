"""Every route is sent what nobody should send: the answer is below 500, and a refusal says a sentence."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.core.config import get_settings
from contactcenter.edge.limits import limiter
from contactcenter.factory import create_app
from tests.edge import hostile
from tests.edge.hostile import FORM, JSON, Door, House, Watched, WatchedRequest, build_house, doors
from tests.world import World

PAGING = ("after", "before", "limit", "page", "lang")

Attack = Callable[[Door], Iterator[tuple[str, TestResponse]]]


@pytest.fixture(scope="module")
def watched_app(engine: Engine) -> Iterator[Flask]:
    """An application that notes which fields its views read."""
    before = dict(limiter.__dict__)
    app = create_app(get_settings().model_copy(update={"redis_url": ""}), engine=engine)
    app.request_class = WatchedRequest
    yield app
    limiter.__dict__.update(before)


@pytest.fixture
def house(watched_app: Flask, db_session: Session, world: World) -> House:
    return build_house(watched_app, db_session, world)


def in_the_path(door: Door) -> Iterator[tuple[str, TestResponse]]:
    for name in door.rule.arguments:
        for wrong in ("0", "9" * 40, "%ff%fe", "%00", "..%2f..", "%C2%B2"):
            yield f"{name}={wrong[:20]}", door.knock(path=door.address(wrong, at=name))


def in_the_query(door: Door) -> Iterator[tuple[str, TestResponse]]:
    if door.method != "GET":
        return
    for broken in hostile.BROKEN:
        yield f"query {broken!r}", door.knock(f"x={broken.decode()}")
    door.knock().close()
    for word in hostile.WORDS if fields() else hostile.NASTY[:1]:
        query = urlencode(dict.fromkeys({*fields(), *PAGING}, word))
        yield f"query of {word[:20]!r}", door.knock(query)


def in_the_form(door: Door) -> Iterator[tuple[str, TestResponse]]:
    if door.method == "GET" or door.speaks_json:
        return
    for broken in hostile.BROKEN:
        yield f"form {broken!r}", door.knock(data=b"x=" + broken)
    yield "no multipart", door.knock(data=b"--x", kind="multipart/form-data")
    yield "json instead", door.knock(data=b"{}", kind=JSON)
    door.knock(data={}).close()
    for word in hostile.WORDS if fields() else ():
        yield f"form of {word[:20]!r}", door.knock(data=dict.fromkeys(fields(), word))
    good = door.good(fields())
    yield "all good", door.knock(data=good)
    for name in sorted(fields()):
        for word in hostile.DATES if name.endswith("_at") else hostile.NASTY:
            yield f"{name}={word[:20]}", door.knock(data={**good, name: word})


def in_the_json(door: Door) -> Iterator[tuple[str, TestResponse]]:
    if door.method == "GET" or not door.speaks_json:
        return
    yield "form instead", door.knock(data=b"x=1", kind=FORM)
    for body in hostile.BODIES:
        yield f"json {body[:20]!r}", door.knock(data=body, kind=JSON)
    good, names = example_of(door)
    for name in names:
        for value in hostile.VALUES:
            body = hostile.written({**good, name: value})
            yield f"{name} is {str(value)[:20]!r}", door.knock(data=body, kind=JSON)


def in_the_headers(door: Door) -> Iterator[tuple[str, TestResponse]]:
    for headers in hostile.HEADERS:
        yield f"headers {list(headers)}", door.knock(data=None if door.method == "GET" else {}, **headers)


def in_bulk(door: Door) -> Iterator[tuple[str, TestResponse]]:
    if door.method != "GET":
        kind = JSON if door.speaks_json else FORM
        yield "11 MB", door.knock(data=hostile.TEN_MB, kind=kind)


def fields() -> set[str]:
    """What the view at hand has read so far."""
    return Watched.asked - hostile.NOT_FIELDS


def example_of(door: Door) -> tuple[dict[str, object], list[str]]:
    """The request that the API's own description shows and all its fields, or what the widget sends."""
    if door.rule.rule == "/widget/session":
        return {"key": "wk_x", "token": "x"}, ["key", "token"]
    document = door.house.client.get("/api/openapi.json").get_json()
    says = document["paths"][door.address_in_openapi()][door.method.lower()]
    if "requestBody" not in says:
        return {}, []
    name = says["requestBody"]["content"][JSON]["schema"]["$ref"].rsplit("/", 1)[1]
    schema = document["components"]["schemas"][name]
    return schema["example"], list(schema["properties"])


@pytest.mark.parametrize(
    "attack", [in_the_path, in_the_query, in_the_form, in_the_json, in_the_headers, in_bulk]
)
def test_whatever_is_sent_anywhere_is_answered_below_500_and_refused_with_a_sentence(
    watched_app: Flask, house: House, db_session: Session, attack: Attack
) -> None:
    wrong, knocks = [], 0
    for door in doors(watched_app, house):
        Watched.asked.clear()
        with hostile.nothing_happened(db_session):
            for what, answer in attack(door):
                knocks += 1
                if answer.status_code >= 500 or (answer.status_code >= 400 and not hostile.sentence(answer)):
                    wrong.append(f"{door.name}: {what}: {answer.status_code}")
                answer.close()
    assert not wrong, "\n".join([f"{len(wrong)} of {knocks}:", *wrong])

"""Two who save the same settings at the same instant: one is stored, the other is told and overwrites nothing."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Role, Team, User
from contactcenter.accounts.service import ADMINISTRATORS_LOCK, create_user
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import EventRow
from contactcenter.customers.models import Customer
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.tickets.service import open_ticket
from tests.browser import Browser
from tests.web.admin.test_organisation import BRAND, HOURS, QUEUE, REPLY
from tests.web.admin.test_say_what_is_wrong import MAILBOX, PERSON, complete
from tests.world import World, build_world

Form = Mapping[str, object]
Model = type[Any]  # Any: a table with a version
CUSTOMER = {"name": "Wang Li", "language": "zh"}
PATIENCE_S = 10
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)

CASES: list[tuple[Model, str, Form, Form, Form]] = [  # what, where, as it is, two changes
    (Team, "teams", {"name": "Night"}, {"name": "Late"}, {"name": "Early"}),
    (Brand, "brands", BRAND, {"name": "Gas"}, {"privacy_notice": "None."}),
    (Queue, "queues", QUEUE, {"ring_s": "30"}, {"wrap_up_s": "5"}),
    (Queue, "queues", QUEUE, {"skills": "billing 3"}, {"skills": "billing 4"}),
    (BusinessHours, "hours", HOURS, {"day_7": "10:00-12:00"}, {"name": "Day"}),
    (BusinessHours, "hours", HOURS, {"holidays": "2026-12-24"}, {"holidays": "2026-12-31"}),
    (WidgetKey, "widgets", {"name": "Shop", "sites": ""}, {"name": "Kiosk"}, {"sites": "https://a.example"}),
    (Mailbox, "mailboxes", MAILBOX, {"from_name": "Harbour"}, {"signature": "Yours"}),
    (CannedReply, "replies", REPLY, {"title": "Welcome"}, {"body": "Good day"}),
    (User, "people", PERSON, {"name": "Dora Diaz"}, {"zone": "Asia/Shanghai"}),
    (User, "people", PERSON, {"skills": "mandarin 3"}, {"skills": "mandarin 4"}),
    (Customer, "", CUSTOMER, {"name": "Li Wang"}, {"segment": "gold"}),
]


@pytest.fixture
def town(app: Flask, clean_database: Engine) -> World:
    """The people of the tests, really committed: each request is a transaction of its own."""
    with unit_of_work() as session:
        world = build_world(session)
        open_ticket(session, world.wang_li, world.support, "Where?", actor="system")
    return world


@pytest.fixture
def ada(app: Flask, town: World) -> Callable[[], Browser]:
    """One more window of hers."""
    return lambda: Browser(app, town.admin)


@pytest.mark.parametrize(("model", "kind", "stored", "one", "other"), CASES)
def test_of_two_who_save_at_the_same_instant_one_is_told(
    ada: Callable[[], Browser],
    town: World,
    clean_database: Engine,
    model: Model,
    kind: str,
    stored: Form,
    one: Form,
    other: Form,
) -> None:
    windows = [ada(), ada()]
    place = f"/admin/{kind}/" if kind else "/customers/"
    form = complete(town, stored)
    if kind:
        assert windows[0].post(place, form).status_code == 303
    with Session(clean_database) as session:
        thing = session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()
    assert f'name="version" value="{thing.version}"' in windows[0].get(f"{place}{thing.id}").text
    forms = [{**form, "version": thing.version, **change} for change in (one, other)]
    events_n = _events(clean_database)

    with ThreadPoolExecutor(2) as pool, Session(clean_database) as session:
        session.get_one(model, thing.id, with_for_update={"of": model})
        sent = [
            pool.submit(window.post, f"{place}{thing.id}", data)
            for window, data in zip(windows, forms, strict=True)
        ]
        _wait_until_they_wait(clean_database, 2)
        session.rollback()
        answers = [answer.result() for answer in sent]

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert "meanwhile. Reload and try again." in next(one.text for one in answers if one.status_code == 409)
    with Session(clean_database) as session:
        assert session.get_one(model, thing.id).version > thing.version
    assert _events(clean_database) == events_n + 1


def _events(engine: Engine) -> int:
    with Session(engine) as session:
        named = select(EventRow.id).where(EventRow.name.not_in(["user.signed_in"]))
        return len(session.scalars(named).all())


def _wait_until_they_wait(engine: Engine, n: int) -> None:
    """So many transactions have begun, and none can end."""
    until = time.monotonic() + PATIENCE_S
    with engine.connect() as connection:
        while connection.scalar(WAITING) != n:
            connection.rollback()  # the statistics are those of the transaction's beginning
            assert time.monotonic() < until, "nobody waits for the row"
            time.sleep(0.02)


def test_who_makes_the_same_thing_a_moment_later_is_told(
    ada: Callable[[], Browser], clean_database: Engine
) -> None:
    window = ada()
    with ThreadPoolExecutor(1) as pool, Session(clean_database) as session:
        session.add(Team(name="Night"))
        session.flush()
        sent = pool.submit(window.post, "/admin/teams/", {"name": "Night", "manager_id": ""})
        _wait_until_they_wait(clean_database, 1)
        session.commit()
        answer = sent.result()
    assert answer.status_code == 409
    assert "Somebody stored the same at this moment. Reload and look." in answer.text


def test_of_two_administrators_who_lock_each_other_out_one_stays(
    app: Flask, town: World, clean_database: Engine
) -> None:
    with unit_of_work() as session:
        dora = create_user(
            session,
            email="dora@example.com",
            name="Dora Diaz",
            password="many-a-mickle-makes",
            roles=[Role.ADMINISTRATOR],
            actor="system",
        )
        key = dora.id
    windows = [(Browser(app, town.admin), key), (Browser(app, dora), town.admin.id)]
    with ThreadPoolExecutor(2) as pool, Session(clean_database) as session:
        session.execute(select(func.pg_advisory_xact_lock(ADMINISTRATORS_LOCK)))
        sent = [
            pool.submit(window.post, f"/admin/people/{other}/active", {"active": "0"})
            for window, other in windows
        ]
        _wait_until_they_wait(clean_database, 2)
        session.rollback()
        answers = [answer.result() for answer in sent]
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    with Session(clean_database) as session:
        assert session.get_one(User, key).active != session.get_one(User, town.admin.id).active

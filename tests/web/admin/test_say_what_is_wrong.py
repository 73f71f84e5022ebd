"""Whatever is wrong in a form of administration is one sentence at its field, and what was typed is kept."""

import re
from collections.abc import Callable, Mapping

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.queues.service import create_queue, edit_queue
from tests.browser import Browser
from tests.web.admin.test_organisation import BRAND, HOURS, QUEUE, REPLY
from tests.world import World

Browse = Callable[[User | None], Browser]
Form = Mapping[str, object]

PERSON = {
    "name": "Dora",
    "email": "dora@example.com",
    "roles": "agent",
    "language": "en",
    "zone": "Europe/London",
    "skills": "",
    "password": "a long enough password",
}
MAILBOX = {
    "address": "help@example.com",
    "auth": "password",
    "imap_port": "993",
    "imap_security": "tls",
    "smtp_port": "587",
    "smtp_security": "starttls",
}
LONG = "x" * 10_000
FAULTS: list[tuple[str, Form, Mapping[str, tuple[str, ...]]]] = [
    ("teams", {"name": "Night"}, {"name": ("", LONG), "manager_id": ("nobody", "999999")}),
    (
        "brands",
        BRAND,
        {
            "name": ("", LONG),
            "slug": ("", "North Gas", LONG),
            "language": ("tlh",),
            "zone": ("Mars/Olympus",),
            "privacy_notice": (LONG,),
            "complaint_pack": ("made-up",),
            "complaint_calendar": ("nowhere",),
        },
    ),
    (
        "queues",
        QUEUE,
        {
            "name": ("", "  ", LONG),
            "brand_id": ("", "x", "999999"),
            "team_id": ("", "999999"),
            "hours_id": ("999999", "-1"),
            "priority": ("high", "1000", "1.5", ""),
            "ring_s": ("0", "²", "99999999999999999999"),
            "service_level_pct": ("0", "101"),
            "skills": ("billing", "billing 6", "b!lling 2"),
        },
    ),
    (
        "hours",
        HOURS,
        {
            "name": ("", LONG),
            "zone": ("", "London"),
            "day_1": ("nine to five", "17:00-09:00", "25:00-26:00", "09:00-12:00, 11:00-13:00"),
            "holidays": ("Christmas", "2026-02-30 Never"),
        },
    ),
    (
        "widgets",
        {"name": "Shop", "sites": "https://shop.example"},
        {
            "name": ("", LONG),
            "queue_id": ("", "999999"),
            "sites": ("shop.example", "https://*.shop.example", "https://a.example/path"),
        },
    ),
    (
        "mailboxes",
        MAILBOX,
        {
            "address": ("", "help"),
            "queue_id": ("", "999999"),
            "imap_port": ("0", "many"),
            "smtp_security": ("rot13",),
            "auth": ("trust",),
        },
    ),
    (
        "replies",
        REPLY,
        {
            "shortcut": ("", "two words", LONG),
            "title": ("", LONG),
            "body": ("",),
            "language": ("tlh",),
            "brand_id": ("x", "999999"),
        },
    ),
    (
        "people",
        PERSON,
        {
            "name": ("", LONG),
            "email": ("", "dora"),
            "zone": ("Moon",),
            "team_id": ("999999",),
            "skills": ("mandarin nine",),
            "roles": ("emperor",),
            "password": ("", "short"),
        },
    ),
]
CASES = [
    pytest.param(kind, good, field, value, id=f"{kind}-{field}-{str(value)[:12]}")
    for kind, good, wrong in FAULTS
    for field, values in wrong.items()
    for value in values
]


def complete(world: World, form: Form) -> dict[str, object]:
    """The form with the numbers of what is there."""
    return {
        "brand_id": world.brand.id,
        "team_id": world.team.id,
        "queue_id": world.support.id,
        "manager_id": "",
        **form,
    }


@pytest.mark.parametrize(("kind", "good", "field", "value"), CASES)
def test_a_wrong_field_says_so_and_keeps_the_others(
    browse: Browse, world: World, kind: str, good: Form, field: str, value: str
) -> None:
    form = {**complete(world, good), field: value}
    answer = browse(world.admin).post(f"/admin/{kind}/", form)
    assert answer.status_code in {409, 422}
    errors = re.findall(r'id="f-([a-z0-9_]+)-error"', answer.text)
    assert errors == [field]
    kept = next(name for name in ("name", "title", "address") if name in good or name in form)
    if kept != field:
        assert f'value="{form[kept]}"' in answer.text


def test_a_queue_is_not_renamed_to_one_that_is_there(
    browse: Browse, world: World, db_session: Session
) -> None:
    other = create_queue(db_session, name="Billing", brand=world.brand, team=world.team, actor="system")
    db_session.commit()
    form = {**complete(world, QUEUE), "name": world.support.name, "version": other.version}
    answer = browse(world.admin).post(f"/admin/queues/{other.id}", form)
    assert answer.status_code == 409
    assert 'id="f-name-error"' in answer.text
    assert f'value="{world.support.name}"' in answer.text


def test_a_queue_may_keep_its_name_and_must_have_one(world: World, db_session: Session) -> None:
    queue = world.support
    edit_queue(db_session, queue, queue.version, {"name": queue.name, "priority": 3}, actor="system")
    assert queue.priority == 3
    for name in ("", 5, "x" * 81):
        with pytest.raises(Invalid):
            edit_queue(db_session, queue, queue.version, {"name": name}, actor="system")
    with pytest.raises(Conflict):
        edit_queue(db_session, queue, queue.version - 1, {"priority": 1}, actor="system")

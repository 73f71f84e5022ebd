"""Alice finds and corrects customers, records letters and prints answers; Mallory sees none of it."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import add_note, receive, reply
from contactcenter.core.events import EventRow
from contactcenter.customers.models import Customer
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]
LETTER = {
    "form": "letter",
    "received_at": "2026-11-02T09:30",
    "language": "zh",
    "name": "王丽",
    "postal_address": "朝阳路 1 号\n北京",
    "subject": "电费账单",
    "body": "我上个月的账单有误。",
}


@pytest.fixture
def ticket(db_session: Session, world: World) -> Ticket:
    sender = Sender("email", "wang.li@example.cn")
    received = receive(db_session, Inbound("form", world.support.id, sender, "你好", subject="问候"))
    db_session.commit()
    return db_session.get_one(Ticket, received.ticket_id)


def test_customer_is_found_by_name_and_address(world: World, ticket: Ticket, browse: Browse) -> None:
    alice = browse(world.alice)
    for words in ("王", "wang.li@example.cn", ""):
        assert "王丽" in alice.get(f"/customers?q={words}").text
    assert "王丽" not in alice.get("/customers?q=nobody").text
    page = alice.get(f"/customers/{world.wang_li.id}")
    assert "问候" in page.text


def test_another_team_finds_nobody(world: World, ticket: Ticket, browse: Browse) -> None:
    mallory = browse(world.mallory)
    assert "王丽" not in mallory.get("/customers").text
    assert mallory.get(f"/customers/{world.wang_li.id}").status_code == 404
    assert mallory.post(f"/customers/{world.wang_li.id}", {"name": "x"}).status_code in {404, 422}


def test_change_is_kept_and_logged_once_per_version(
    db_session: Session, world: World, ticket: Ticket, browse: Browse
) -> None:
    alice = browse(world.alice)
    form = {
        "name": "王丽",
        "language": "zh",
        "segment": "VIP",
        "vulnerable": "1",
        "adjustments": "no_calls",
        "version": "1",
    }
    assert alice.post(f"/customers/{world.wang_li.id}", form).status_code == 303
    customer = db_session.get_one(Customer, world.wang_li.id, populate_existing=True)
    assert (customer.segment, customer.vulnerable, customer.adjustments) == ("VIP", True, ["no_calls"])
    assert (
        db_session.scalars(select(EventRow).where(EventRow.name == "customer.changed")).one().actor
        == world.alice.actor
    )
    assert alice.post(f"/customers/{world.wang_li.id}", {**form, "segment": "x"}).status_code == 409


def test_address_of_somebody_else_is_refused(
    world: World, ticket: Ticket, db_session: Session, browse: Browse
) -> None:
    other = Inbound("form", world.support.id, Sender("email", "tom@example.org"), "hi")
    receive(db_session, other)
    db_session.commit()
    path = f"/customers/{world.wang_li.id}/identities"
    refused = browse(world.alice).post(path, {"kind": "email", "value": "tom@example.org"})
    assert (refused.status_code, "another customer" in refused.text) == (409, True)
    assert browse(world.alice).post(path, {"kind": "phone", "value": "+44 20 7946 0958"}).status_code == 303


def test_letter_becomes_a_ticket_as_old_as_its_stamp(
    db_session: Session, world: World, browse: Browse
) -> None:
    answer = browse(world.alice).post("/record", {**LETTER, "queue": str(world.support.id)})
    assert answer.status_code == 303, answer.text
    ticket = db_session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert ticket is not None
    assert (ticket.subject, ticket.created_at.isoformat()[:16], ticket.language) == (
        "电费账单",
        "2026-11-02T09:30",
        "zh",
    )
    message = db_session.scalars(select(Message).where(Message.ticket_id == ticket.id)).one()
    assert message.meta["form"] == "letter"


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_at": "yesterday"},
        {"received_at": "2999-01-01T00:00"},
        {"form": "pigeon"},
        {"body": ""},
        {"queue": "0"},
        {"name": ""},
    ],
)
def test_wrong_record_keeps_what_was_typed(world: World, browse: Browse, wrong: dict[str, str]) -> None:
    form = {**LETTER, "queue": str(world.support.id), **wrong}
    answer = browse(world.alice).post("/record", form)
    assert answer.status_code == 422
    assert "朝阳路 1 号" in answer.text


def test_each_mistake_is_named_by_its_label_and_leads_to_its_field(world: World, browse: Browse) -> None:
    form = {**LETTER, "queue": str(world.support.id), "subject": "", "body": ""}
    answer = browse(world.alice).post("/record", form)
    assert re.findall(r'<a href="#(f-\w+)">([^<]+)</a>', answer.text) == [
        ("f-subject", "Subject: Fill in this field."),
        ("f-body", "What was said or written: Fill in this field."),
    ]


def test_agent_cannot_record_into_another_team_s_queue(world: World, browse: Browse) -> None:
    assert (
        browse(world.alice).post("/record", {**LETTER, "queue": str(world.other_queue.id)}).status_code == 422
    )


def test_printed_reply_is_a_letter_and_counts_as_sent(
    db_session: Session, world: World, browse: Browse
) -> None:
    alice = browse(world.alice)
    alice.post("/record", {**LETTER, "queue": str(world.support.id)})
    conversation = db_session.scalars(select(Conversation)).one()
    said = reply(db_session, world.alice, conversation, "我们正在核实。")
    note = add_note(db_session, world.alice, conversation, "internal")
    db_session.commit()
    printed = alice.post(f"/record/print/{said.message_id}")
    assert (printed.status_code, printed.data[:5]) == (200, b"%PDF-")
    assert db_session.get_one(Message, said.message_id, populate_existing=True).delivery == "sent"
    assert alice.post(f"/record/print/{note.message_id}").status_code == 404
    assert browse(world.mallory).post(f"/record/print/{said.message_id}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 201), ("language", "tlh"), ("zone", "Moon"), ("segment", "x" * 41), ("version", "two")],
)
def test_a_wrong_field_says_so_and_what_was_typed_stays(
    world: World, ticket: Ticket, browse: Browse, field: str, value: str
) -> None:
    form = {"name": "Wang Li", "language": "en", "segment": "VIP", "zone": "Asia/Shanghai", "version": "1"}
    answer = browse(world.alice).post(f"/customers/{world.wang_li.id}", {**form, field: value})
    assert answer.status_code == 422
    if field != "version":
        assert f'id="f-{field}-error"' in answer.text
    kept = "name" if field != "name" else "segment"
    assert f'value="{form[kept]}"' in answer.text


def test_a_stale_page_is_refused_with_what_was_typed(world: World, ticket: Ticket, browse: Browse) -> None:
    form = {"name": "Li Wang", "language": "en", "version": "7"}
    answer = browse(world.alice).post(f"/customers/{world.wang_li.id}", form)
    assert answer.status_code == 409
    assert 'value="Li Wang"' in answer.text


def test_a_wrong_address_stays_in_its_own_form(world: World, ticket: Ticket, browse: Browse) -> None:
    wrong = {"kind": "email", "value": "wang.li"}
    answer = browse(world.alice).post(f"/customers/{world.wang_li.id}/identities", wrong)
    assert answer.status_code == 422
    assert 'id="f-value-error"' in answer.text
    assert 'value="wang.li"' in answer.text

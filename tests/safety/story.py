"""A customer who has left words of his own everywhere that words can be left; each has a word of its own."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role
from contactcenter.accounts.tokens import create_token
from contactcenter.channels.email import intake
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.manual.service import Record, record_contact
from contactcenter.channels.voice.models import Call
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.sources import create_source
from contactcenter.conversations.models import Analysis, Conversation, Message
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import add_note, end_conversation, receive, reply
from contactcenter.core import clock, outbox
from contactcenter.core.db import unit_of_work
from contactcenter.customers.claims import claim_email
from contactcenter.customers.models import Customer
from contactcenter.customers.persons import join_customers
from contactcenter.customers.service import edit_customer, find_by_identity
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import About, answer
from contactcenter.tickets.models import Draft, Ticket
from contactcenter.tickets.service import answer_complaint, edit_ticket
from tests.api.conftest import Program
from tests.api.payments import REFUND
from tests.channels.email.conftest import make_mailbox
from tests.web.complaints.cases import Walk, stages
from tests.world import World

ADDRESS = "wang.li@example.cn"
MAIL = """From: "Wang qmailname" <{address}>
To: help@harbour.example
Subject: qmailsubject
Message-ID: <qmailid@example.cn>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>qmailbody <b>once</b></p>
--b
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename="qfilename.txt"

qfilecontent
--b--
"""
ROBOT = """From: MAILER-DAEMON@example.cn
To: help@harbour.example
Subject: Undelivered Mail
Auto-Submitted: auto-replied
Message-ID: <bounce@example.cn>

{address} qrobotwords could not be reached.
"""

WORDS = [
    ADDRESS,
    "qmailname",
    "qmailsubject",
    "qmailid",
    "qmailbody",
    "qfilename",
    "qfilecontent",
    "qrobotwords",
    "qreply",
    "qnote",
    "qdraft",
    "qchat",
    "qvisitor",
    "qanalysis",
    "qphone",
    "qpostal",
    "qform",
    "qcallnote",
    "qsubject",
    "qherself",
    "qsegment",
    "qclaim",
    "qwhy",
    "qcomment",
    "qwished",
    "qerror",
    "qelsewhere",
    "qapi",
    "qreport",
    "客服态度很差",
    "电话里态度粗暴",
    "账单照片",
    "那天我很累",
    "录音可以证明",
]
"""What must be gone. That each of them is there before is part of the proof; what is sealed is looked for all the same."""

SEALED_ONLY = {"那天我很累"}
"""Of them, what stands in no letter: it lies in the database only under a key."""


def write_everywhere(session: Session, world: World, app: Flask) -> Customer:
    """All of it, committed; the conversations are over and the complaint is closed."""
    mailbox = make_mailbox(session, world)
    her = world.wang_li
    _by_mail(session, world, mailbox)
    _by_chat_and_call(session, world, her)
    _typed_in(session, world)
    _elsewhere(session, world, her)
    _by_complaint(session, world, app)
    edit_customer(session, her, her.version, {"name": "qherself", "segment": "qsegment"}, actor="system")
    edit_customer(session, her, her.version, {"name": "Wang Li qherself"}, actor="system")
    claim_email(session, her, "qclaim@example.com")
    session.commit()
    token = create_token(session, Role.ADMINISTRATOR, actor="system")
    session.commit()
    body = {"subject": "qapi", "body": "qapi", "customer": {"email": ADDRESS}}
    done = Program(app, token).call("POST", "/api/v1/tickets", body, Idempotency_Key="one")
    assert done.status_code == 201, done.text
    _end_all(session)
    return her


def _by_mail(session: Session, world: World, mailbox: Mailbox) -> None:
    for raw in (MAIL, ROBOT):
        raw_id = intake.store(raw.format(address=ADDRESS).encode(), mailbox_id=mailbox.id)
        assert raw_id is not None
        outcome = intake.work_on(raw_id)
        if raw is MAIL:
            ticket = session.get_one(Ticket, outcome.ticket_id)
    conversation = session.query(Conversation).filter_by(ticket_id=ticket.id).one()
    conversation.agent_id, ticket.owner_id = world.alice.id, world.alice.id
    session.flush()
    reply(session, world.alice, conversation, "qreply, see there")
    add_note(session, world.alice, conversation, "qnote")
    session.add(
        Draft(ticket_id=ticket.id, user_id=world.bob.id, internal=True, body="qdraft", updated_at=clock.now())
    )
    edit_ticket(session, ticket, ticket.version, {"subject": "qsubject"}, actor="system")
    edit_ticket(session, ticket, ticket.version, {"subject": "of qsubject"}, actor="system")
    answer_complaint(session, ticket, world.alice, yes=False, why="qwhy")
    message = session.query(Message).filter_by(ticket_id=ticket.id, author="customer").one()
    reasons = {"complaint": ["qanalysis"]}
    read = {"model": "m", "language": "en", "sentiment": "negative", "score": -0.5, "confidence": 0.9}
    session.add(
        Analysis(
            message_id=message.id,
            complaint=0.1,
            topic="x",
            urgency=1,
            reasons=reasons,
            created_at=clock.now(),
            **read,
        )
    )
    outbox.enqueue(session, "mail.send", {"message_id": 0}, key="failed")
    session.query(outbox.OutboxRow).filter_by(key="failed").one().error = f"SMTP: qerror {ADDRESS}"
    session.commit()


def _by_chat_and_call(session: Session, world: World, her: Customer) -> None:
    sender = Sender("visitor", "qvisitor", name="Wang")
    receive(
        session,
        Inbound("chat", world.support.id, sender, "qchat hello", files=(File("a.txt", b"qfilecontent 2"),)),
    )
    visitor = find_by_identity(session, "visitor", "qvisitor")
    assert visitor is not None
    join_customers(session, visitor, her, actor="system")
    call = receive(session, Inbound("voice", world.support.id, sender, "qcallnote", subject="Call"))
    times = {"queued_at": clock.now(), "ended_at": clock.now()}
    session.add(
        Call(public_id="p", conversation_id=call.conversation_id, visitor="qvisitor", state="ended", **times)
    )
    answer(
        session,
        About("conversation", str(call.conversation_id)),
        "csat",
        2,
        comment="qcomment",
        customer_id=her.id,
    )
    session.add(
        FollowUp(
            subject_kind="conversation",
            subject_id="1",
            customer_id=her.id,
            due_at=clock.now(),
            wished_zone="qwished",
            state="done",
            note="qwished",
        )
    )
    session.commit()


def _typed_in(session: Session, world: World) -> None:
    received_at = clock.now() - timedelta(hours=1)
    said = Record(
        "phone_note", received_at, world.support, "Call", "qphone said", "Wang", ADDRESS, "", "qpostal 1"
    )
    record_contact(session, world.alice, said)
    receive(
        session, Inbound("form", world.support.id, Sender("email", ADDRESS), "qform said", subject="qform")
    )
    session.commit()


def _elsewhere(session: Session, world: World, her: Customer) -> None:
    """On somebody else's ticket, where the other's words stay."""
    other = receive(
        session,
        Inbound(
            "email", world.support.id, Sender("email", "other@example.org"), "kept here", subject="Other"
        ),
    )
    receive(
        session,
        Inbound(
            "email",
            world.support.id,
            Sender("email", ADDRESS),
            "qelsewhere",
            ticket_id=other.ticket_id,
            conversation_id=other.conversation_id,
        ),
    )
    session.commit()


def _by_complaint(session: Session, world: World, app: Flask) -> None:
    walk = Walk(session, world)
    stripe = create_source(session, "stripe", actor="system")
    session.commit()
    for stage in stages(walk):
        if stage == "remedy due":
            _report(session, app, stripe.secret, walk.case)
    session.commit()


def _report(session: Session, app: Flask, secret: str, case: ComplaintCase) -> None:
    path = f"/api/v1/complaints/{case.reference}/remedy/reports"
    said = {**REFUND, "id": "qreport", "status": "requested"}
    done = Program(app, secret).call("POST", path, said)
    assert done.status_code == 200, done.text


def _end_all(session: Session) -> None:
    session.expire_all()
    for conversation in session.query(Conversation).filter(Conversation.state != "ended"):
        end_conversation(session, conversation.id, by="agent", reason="solved", actor="system")
    session.commit()
    with unit_of_work() as work:
        work.query(Conversation).filter(Conversation.state != "ended").update({"state": "ended"})

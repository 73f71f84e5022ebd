"""What came by a form or from a program is answered by mail, and by mail again after a failure."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.email.models import Mailbox
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender, channel_of
from contactcenter.conversations.service import receive, reply, set_delivery
from contactcenter.core import clock, outbox
from contactcenter.core.outbox import OutboxRow
from tests.channels.email.conftest import Sink
from tests.world import World


def work(session: Session) -> None:
    """Do every mail job, and those that they ask for."""
    with clock.frozen(clock.now() + timedelta(seconds=60)):
        while row_ids := session.scalars(
            select(OutboxRow.id).where(OutboxRow.task.startswith("email."), OutboxRow.done_at.is_(None))
        ).all():
            for row_id in row_ids:
                outbox.perform(session, row_id)
    session.commit()


def answered(session: Session, world: World) -> Message:
    """Wang Li wrote by the form; Alice answered."""
    inbound = Inbound("form", world.support.id, Sender("email", "wang.li@example.cn", "Wang Li"), "Hello?")
    conversation = session.get_one(Conversation, receive(session, inbound).conversation_id)
    received = reply(session, world.alice, conversation, "Good morning.")
    session.commit()
    return session.get_one(Message, received.message_id)


def test_the_answer_to_a_form_leaves_as_a_mail(
    db_session: Session, world: World, sending: Mailbox, sink: Sink
) -> None:
    message = answered(db_session, world)
    work(db_session)
    assert (message.delivery, sink.recipients) == ("sent", [["wang.li@example.cn"]])
    assert sink.mails[0]["From"].addresses[0].addr_spec == sending.address


def test_it_leaves_again_after_a_lasting_failure(
    db_session: Session, world: World, sending: Mailbox, sink: Sink
) -> None:
    sink.answers += ["550 no such user"]
    message = answered(db_session, world)
    work(db_session)
    assert message.delivery == "failed"
    set_delivery(db_session, message.id, "queued")
    conversation = db_session.get_one(Conversation, message.conversation_id)
    channel_of("form").send(db_session, conversation, message)
    work(db_session)
    assert (message.delivery, len(sink.mails)) == ("sent", 1)


def test_what_was_taken_back_never_leaves(
    db_session: Session, world: World, sending: Mailbox, sink: Sink
) -> None:
    message = answered(db_session, world)
    set_delivery(db_session, message.id, "taken_back")
    work(db_session)
    assert (message.delivery, sink.mails) == ("taken_back", [])

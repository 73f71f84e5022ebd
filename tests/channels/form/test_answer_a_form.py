"""What came by a web form is answered by mail; without an address the agent learns that at once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.form.channel import QUEUE_MAIL
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive, reply
from contactcenter.core.outbox import OutboxRow
from tests.world import World


def form(session: Session, world: World, sender: Sender) -> Conversation:
    received = receive(session, Inbound("form", world.support.id, sender, "Please call me"))
    return session.get_one(Conversation, received.conversation_id)


def test_answer_leaves_by_mail_once(db_session: Session, world: World) -> None:
    conversation = form(db_session, world, Sender("email", "wang.li@example.cn"))
    sent = [reply(db_session, world.alice, conversation, "We will.", client_id="a1") for _ in range(2)]
    assert [one.duplicate for one in sent] == [False, True]
    (row,) = db_session.scalars(select(OutboxRow).where(OutboxRow.task == QUEUE_MAIL)).all()
    assert row.args == {"message_id": sent[0].message_id}
    assert db_session.get_one(Message, sent[0].message_id).delivery == "queued"


@pytest.mark.parametrize("sender", [Sender("phone", "020 7946 0018"), Sender("visitor", "1f3a")])
def test_without_an_address_the_answer_fails_and_says_why(
    db_session: Session, world: World, sender: Sender
) -> None:
    conversation = form(db_session, world, sender)
    sent = reply(db_session, world.alice, conversation, "We will.")
    message = db_session.get_one(Message, sent.message_id)
    assert (message.delivery, message.failure) == ("failed", "There is no e-mail address to answer to.")
    assert db_session.scalars(select(OutboxRow).where(OutboxRow.task == QUEUE_MAIL)).all() == []

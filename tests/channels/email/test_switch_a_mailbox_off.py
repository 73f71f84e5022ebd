"""A mailbox that is read no more, or read in another way, is not told to be failing."""

import pytest
from sqlalchemy.orm import Session

from contactcenter.channels.email.mailboxes import Values, edit_mailbox
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.health import all_health
from workers import imap


@pytest.mark.parametrize("change", [{"active": False}, {"address": "post@harbour.example"}])
def test_failure_is_forgotten_with_the_settings_that_failed(
    db_session: Session, mailbox: Mailbox, change: Values
) -> None:
    db_session.commit()
    imap.report(mailbox, ConnectionRefusedError())
    assert [one.ok for one in all_health(db_session)] == [False]
    edit_mailbox(db_session, mailbox, mailbox.version, change, actor="system")
    db_session.commit()
    assert all_health(db_session) == []


def test_reader_that_has_not_noticed_yet_says_nothing(db_session: Session, mailbox: Mailbox) -> None:
    db_session.commit()
    with Session(db_session.connection()) as other:
        as_it_was = other.get_one(Mailbox, mailbox.id)
        other.expunge(as_it_was)
    edit_mailbox(db_session, mailbox, mailbox.version, {"active": False}, actor="system")
    db_session.commit()
    imap.report(as_it_was, ConnectionRefusedError())
    assert all_health(db_session) == []

"""E-mail as conversations see it: not live, so a reply waits for its turn and can be taken back until then."""

from sqlalchemy.orm import Session

from contactcenter.channels.email.outgoing import queue_mail
from contactcenter.conversations.models import Conversation, Message


class EmailChannel:
    """Replies leave through the outbox."""

    name = "email"
    live = False
    written = True

    def send(self, session: Session, conversation: Conversation, message: Message) -> None:
        """Queue it; asked again for the same message (it failed) it leaves again under the same Message-ID."""
        queue_mail(session, conversation, message)

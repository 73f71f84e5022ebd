"""Chat as conversations see it: live, so a stored reply is already on its way."""

from sqlalchemy.orm import Session

from contactcenter.conversations.models import Conversation, Message


class ChatChannel:
    """Replies reach the widget by the push after commit, or by its replay."""

    name = "chat"
    live = True
    written = True

    def send(self, _session: Session, _conversation: Conversation, _message: Message) -> None:
        """Nothing more to do: the MessageAdded event pushes it."""

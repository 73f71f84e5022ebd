"""The manual channel as conversations see it."""

from sqlalchemy.orm import Session

from contactcenter.conversations.models import Conversation, Message


class ManualChannel:
    """An answer waits as `queued` until somebody prints it; printing marks it sent."""

    name = "manual"
    live = False
    written = True

    def send(self, _session: Session, _conversation: Conversation, _message: Message) -> None:
        """Nothing leaves by itself: paper needs a person."""

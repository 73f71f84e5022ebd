"""Voice as conversations see it."""

from sqlalchemy.orm import Session

from contactcenter.conversations.models import Conversation, Message
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _


class VoiceChannel:
    """One talks; there is nothing to send in writing."""

    name = "voice"
    live = True
    written = False

    def send(self, _session: Session, _conversation: Conversation, _message: Message) -> None:
        """Raises Conflict: the caller would not see it."""
        raise Conflict(_("A caller cannot read. Write a note, or start an e-mail."))

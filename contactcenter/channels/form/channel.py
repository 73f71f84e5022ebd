"""The form channel as conversations see it."""

from sqlalchemy.orm import Session

from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.service import set_delivery
from contactcenter.core.i18n import gettext as _
from contactcenter.core.outbox import enqueue
from contactcenter.tickets.models import Ticket

QUEUE_MAIL = "email.queue"


class FormChannel:
    """Answers go to the mail address that came with the form; of a complaint without one to its customer's page."""

    name = "form"
    live = False
    written = True

    def send(self, session: Session, conversation: Conversation, message: Message) -> None:
        """Through the mail worker; where there is neither address nor page nobody can be answered: the message says so."""
        if "@" not in conversation.address:
            self._leave_on_page(session, conversation, message)
            return
        enqueue(session, QUEUE_MAIL, {"message_id": message.id})

    def _leave_on_page(self, session: Session, conversation: Conversation, message: Message) -> None:
        if session.get_one(Ticket, conversation.ticket_id).complaint_ref is None:
            set_delivery(session, message.id, "failed", _("There is no e-mail address to answer to."))
        elif message.attachments:
            why = _(
                "The customer reads only words on the page of the complaint: send them without the files."
            )
            set_delivery(session, message.id, "failed", why)
        else:
            set_delivery(session, message.id, "sent")

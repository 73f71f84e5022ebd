"""Attachments: whoever may see the ticket may have its files."""

from flask import Blueprint, Response

from contactcenter.conversations.models import Attachment
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.files import answer_with_file
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import access_ticket

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<int:attachment_id>")
@signed_in()
def download(attachment_id: int) -> Response:
    """The file; for somebody who may not see its ticket it does not exist, like an unknown one."""
    with unit_of_work() as session:
        attachment = session.get(Attachment, attachment_id)
        try:
            access_ticket(session, current_user(), attachment.ticket_id if attachment else 0)
        except NotFound:
            attachment = None
    if attachment is None:
        raise NotFound(_("This file does not exist (any more)."))
    return answer_with_file(
        attachment.sha256, filename=attachment.filename, content_type=attachment.content_type
    )

"""An answer as a mail: plain text and simple HTML, threaded, with signature and quoted history."""

import mimetypes
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime as rfc_date
from email.utils import formataddr
from html import escape

from contactcenter.channels.email.models import Mail, Mailbox
from contactcenter.channels.email.own import reply_address
from contactcenter.channels.email.threads import subject_mark
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.personal_link import text_for_customer
from contactcenter.core.i18n import format_datetime, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.core.storage import file_path
from contactcenter.customers.service import display_name

QUOTED_MAX = 20_000
_POLICY = SMTP.clone(max_line_length=250)  # long Message-IDs stay on one line


def write_mail(
    conversation: Conversation,
    message: Message,
    mail: Mail,
    mailbox: Mailbox,
    recipients: Sequence[str],
    quoted: Message | None,
) -> EmailMessage:
    """The whole mail; `quoted` is the customer's message it answers, if any."""
    out = EmailMessage(policy=_POLICY)
    out["From"] = formataddr((mailbox.from_name or mailbox.brand.name, mailbox.address))
    out["To"] = ", ".join(recipients)
    out["Subject"] = _subject(conversation, answers=quoted is not None or bool(mail.ancestors))
    out["Date"] = rfc_date(message.created_at)
    out["Message-ID"] = f"<{mail.header_id}>"
    if mail.ancestors:
        out["In-Reply-To"] = f"<{mail.ancestors[0]}>"
        out["References"] = " ".join(f"<{one}>" for one in reversed(mail.ancestors))
    if mailbox.plus_addresses:
        out["Reply-To"] = formataddr(
            (mailbox.from_name or mailbox.brand.name, reply_address(mailbox, conversation.ticket_id))
        )
    if message.user_id is None:
        # Nobody wrote it: answering machines that keep the rules (RFC 3834) let it be, and nothing goes in circles.
        out["Auto-Submitted"] = "auto-generated"
        out["X-Auto-Response-Suppress"] = "All"
    out["Content-Language"] = conversation.ticket.language
    with speaking(conversation.ticket.language, mailbox.brand.zone):
        _write_body(out, text_for_customer(message), mailbox.signature, quoted, conversation)
    _attach(out, message)
    return out


def _subject(conversation: Conversation, *, answers: bool) -> str:
    """The ticket's subject, with its number once; what answers something begins with `Re:`."""
    mark = subject_mark(conversation.ticket_id)
    plain = conversation.ticket.subject.replace(mark, "").strip()
    if not answers:
        return f"{plain} {mark}"
    answer = plain if plain.lower().startswith(("re:", "re：", "aw:", "回复")) else f"Re: {plain}"
    return f"{answer} {mark}"


def _write_body(
    out: EmailMessage, body: str, signature: str, quoted: Message | None, conversation: Conversation
) -> None:
    text, html = body.rstrip(), f"<div>{_paragraphs(body)}</div>"
    if signature.strip():
        text += f"\n\n-- \n{signature.strip()}"
        html += f"<div>-- <br>{_paragraphs(signature)}</div>"
    if quoted is not None:
        history = quoted.body[:QUOTED_MAX].rstrip()
        name, date = display_name(conversation.customer), format_datetime(quoted.created_at)
        introduction = _("On %(date)s, %(name)s wrote:", date=date, name=name)
        text += f"\n\n{introduction}\n" + "\n".join(f"> {line}" for line in history.split("\n"))
        html += (
            f'<div>{escape(introduction)}</div><blockquote type="cite">{_paragraphs(history)}</blockquote>'
        )
    out.set_content(text + "\n")
    out.add_alternative(f"<!DOCTYPE html><html><body>{html}</body></html>", subtype="html")


def _paragraphs(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>\n")


def _attach(out: EmailMessage, message: Message) -> None:
    for one in message.attachments:
        guessed = mimetypes.guess_type(one.filename)[0] or one.content_type
        maintype, _slash, subtype = guessed.partition("/")
        if maintype in {
            "text",
            "message",
            "multipart",
        }:  # these would be rewritten on their way; bytes stay bytes
            maintype, subtype = "application", "octet-stream"
        content = file_path(one.sha256).read_bytes()
        out.add_attachment(content, maintype=maintype, subtype=subtype, filename=one.filename)

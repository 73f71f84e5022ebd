"""A small corpus of our own: mails as real programs write them, in several languages and charsets."""

from email.message import EmailMessage
from email.policy import SMTP


def plain(
    text: str = "The kettle I bought on Monday leaks.",
    *,
    sender: str = "Wang Li <wang.li@example.cn>",
    to: str = "Support <help@harbour.example>",
    subject: str = "Leaking kettle",
    message_id: str | None = "<one@example.cn>",
    **headers: str,
) -> bytes:
    """A text mail; further headers by keyword (`in_reply_to="<x@y>"`)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def with_html(text: str, html: str, **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "wang.li@example.cn", "help@harbour.example", "Leaking kettle"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def with_files(*files: tuple[str, bytes, str]) -> bytes:
    """A mail with attachments as (name, content, type/subtype)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "wang.li@example.cn", "help@harbour.example", "Papers"
    mail.set_content("See the papers.")
    for name, content, content_type in files:
        maintype, subtype = content_type.split("/")
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def raw(headers: str, body: str | bytes = "", *, charset: str = "utf-8") -> bytes:
    """Exactly these lines, for what no library would write; the headers end with an empty line."""
    content = body.encode(charset) if isinstance(body, str) else body
    return headers.strip().encode(charset) + b"\n\n" + content


BOUNCE = b"""\
From: MAILER-DAEMON@mx.harbour.example (Mail Delivery System)
To: help@harbour.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"

--=_report
Content-Type: text/plain

The mail server could not deliver your message.

--=_report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.harbour.example

Final-Recipient: rfc822; gone@example.cn
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 mailbox does not exist

--=_report
Content-Type: message/rfc822

From: help@harbour.example
To: gone@example.cn
Message-ID: <%s>
Subject: Re: Leaking kettle

We are sorry about the kettle.
--=_report--
"""

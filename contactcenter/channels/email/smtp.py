"""Hand a mail to the mailbox's SMTP server, or say in one sentence why not and whether trying again may help."""

import base64
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage

from contactcenter.channels.email.mailboxes import secret_of
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.errors import DeliveryError
from contactcenter.core.i18n import gettext as _

TIMEOUT_S = 20


def deliver(mailbox: Mailbox, mail: EmailMessage, recipients: Sequence[str]) -> None:
    """Send to all recipients. Raises DeliveryError; refused logins pass (they are mended in the settings)."""
    try:
        with connected(mailbox) as server:
            log_in(server, mailbox)
            server.send_message(mail, from_addr=mailbox.address, to_addrs=list(recipients))
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise DeliveryError(_said(code, words), permanent=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(_("The mail server refused the login."), permanent=False) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(
            _said(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(_("The mail server cannot take this address."), permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(_("The mail server cannot be reached."), permanent=False) from error


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted as the mailbox says, not yet signed in."""
    host, port = mailbox.smtp_host, mailbox.smtp_port
    name = socket.getfqdn() if socket.getfqdn() != "localhost" else "localhost.localdomain"
    if mailbox.smtp_security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, name, timeout=TIMEOUT_S)
    with server:
        if mailbox.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        yield server


def log_in(server: smtplib.SMTP, mailbox: Mailbox) -> None:
    """Sign in by password or access token; without a user the server needs none."""
    if not mailbox.smtp_user:
        return
    secret = secret_of(mailbox.smtp_secret)
    if mailbox.auth == "xoauth2":
        server.ehlo_or_helo_if_needed()
        answer = f"user={mailbox.smtp_user}\x01auth=Bearer {secret}\x01\x01"
        code, words = server.docmd("AUTH", "XOAUTH2 " + base64.b64encode(answer.encode()).decode())
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, words)
    else:
        server.login(mailbox.smtp_user, secret)


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _("The mail server says: %(code)s %(words)s", code=code, words=" ".join(text.split())[:300])

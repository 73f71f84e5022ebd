"""The connection test of a mailbox: what works, and the first thing that does not, in plain words."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from imapclient.exceptions import IMAPClientError, LoginError

from contactcenter.channels.email import imap, smtp
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.i18n import gettext as _

TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the test; `side` is imap (receiving) or smtp (sending)."""

    side: str
    ok: bool
    message: str


def check_mailbox(mailbox: Mailbox) -> list[Finding]:
    """Try both sides for real, sending nothing. A side without a server name is not tried."""
    findings = []
    if mailbox.imap_host:
        findings.append(_find("imap", mailbox.imap_host, mailbox.imap_port, lambda: _try_imap(mailbox)))
    if mailbox.smtp_host:
        findings.append(_find("smtp", mailbox.smtp_host, mailbox.smtp_port, lambda: _try_smtp(mailbox)))
    return findings or [Finding("imap", ok=False, message=_("Give the name of a server first."))]


def _find(side: str, host: str, port: int, attempt: Callable[[], str]) -> Finding:
    """Name, port, then what needs the protocol: TLS, login, folder."""
    values = {"host": host, "port": port}
    try:
        socket.getaddrinfo(host, port)
    except (OSError, UnicodeError):
        return Finding(side, ok=False, message=_("There is no server called %(host)s.", host=host))
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except OSError:
        return Finding(side, ok=False, message=_("Nothing answers at %(host)s on port %(port)s.", **values))
    try:
        return Finding(side, ok=True, message=attempt())
    except ssl.SSLCertVerificationError as error:
        message = _(
            "The certificate of %(host)s is not trusted: %(why)s.", host=host, why=error.verify_message
        )
    except ssl.SSLError:
        message = _("%(host)s does not speak TLS on port %(port)s; try STARTTLS or another port.", **values)
    except (LoginError, smtplib.SMTPAuthenticationError):
        message = _("The server refused the user name or the password.")
    except _FolderError as error:
        message = _("There is no folder called %(name)s.", name=str(error))
    except smtplib.SMTPNotSupportedError:
        message = _("The server offers no STARTTLS or no login on port %(port)s.", port=port)
    except (OSError, IMAPClientError, smtplib.SMTPException) as error:
        message = _("The server at %(host)s broke off: %(why)s.", host=host, why=type(error).__name__)
    return Finding(side, ok=False, message=message)


class _FolderError(Exception):
    """The login worked, the folder is not there."""


def _try_imap(mailbox: Mailbox) -> str:
    with imap.connected(mailbox) as client:
        imap.log_in(client, mailbox)
        if not client.folder_exists(mailbox.imap_folder or "INBOX"):
            raise _FolderError(mailbox.imap_folder)
        imap.select_folder(client, mailbox)
    return _("Mail can be fetched.")


def _try_smtp(mailbox: Mailbox) -> str:
    with smtp.connected(mailbox) as server:
        smtp.log_in(server, mailbox)
        server.noop()
    return _("Mail can be sent.")

"""Which addresses are ours, and the signed plus-addresses by which replies find their ticket."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.email.addresses import Address
from contactcenter.channels.email.models import Mailbox
from contactcenter.channels.email.parse import ParsedMail
from contactcenter.core.config import get_settings
from contactcenter.core.security import commit_to

_TOKEN = re.compile(r"\+t(\d{1,15})-([0-9a-f]{16})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """The addresses of all mailboxes and of MAIL_ADDRESSES, in lower case and without plus-parts."""

    known: frozenset[str]

    def __contains__(self, address: str) -> bool:
        return without_plus(address) in self.known

    def others(self, addresses: Iterable[Address]) -> list[str]:
        """Those that are not ours, in lower case, each once."""
        found = (one.address.lower() for one in addresses if one.address and one.address not in self)
        return list(dict.fromkeys(found))


def own_addresses(session: Session) -> OwnAddresses:
    """Ours, inactive mailboxes included: mail to them is still ours."""
    configured = get_settings().mail_addresses.split(",")
    known = [*session.scalars(select(Mailbox.address)), *configured]
    return OwnAddresses(frozenset(without_plus(one) for one in known if one.strip()))


def without_plus(address: str) -> str:
    """`Help+t12@x.example` → `help@x.example`."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def reply_address(mailbox: Mailbox, ticket_id: int) -> str:
    """The mailbox's address that carries the ticket, signed: `help+t12-…@x.example`."""
    local, _, domain = mailbox.address.rpartition("@")
    return f"{local}+t{ticket_id}-{_signature(get_settings().secret_key, ticket_id)}@{domain}"


def ticket_of_token(mail: ParsedMail) -> int | None:
    """The ticket a signed address of ours names, wherever in the headers it stands."""
    for one in (*mail.to, *mail.cc, *mail.delivered_to):
        local = (one.address or "").rpartition("@")[0]
        if (found := _TOKEN.search(local)) and _is_signature(found[2].lower(), int(found[1])):
            return int(found[1])
    return None


def _is_signature(said: str, ticket_id: int) -> bool:
    return any(hmac.compare_digest(said, _signature(key, ticket_id)) for key in get_settings().secret_keys)


def _signature(secret_key: str, ticket_id: int) -> str:
    """64 bits are enough for a token that opens nothing: the sender is checked as well."""
    return commit_to(f"{secret_key}:mail".encode(), str(ticket_id))[:16]

"""What happens to mailboxes."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class MailboxCreated(Event):
    name: ClassVar[str] = "mailbox.created"
    mailbox_id: int
    address: str


@dataclass(frozen=True, slots=True)
class MailboxChanged(Event):
    """`fields` are names only: secrets are among them."""

    name: ClassVar[str] = "mailbox.changed"
    mailbox_id: int
    fields: list[str]

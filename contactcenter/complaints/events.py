"""What happens to complaints, as the rest of the house sees it: no personal values, only references and names."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class ComplaintOpened(Event):
    name: ClassVar[str] = "complaint.opened"
    reference: str
    ticket_id: int
    pack: str


@dataclass(frozen=True, slots=True)
class ComplaintMoved(Event):
    """`what` is the event of the chain, `seq` its number; `old` and `new` are equal for a step inside a state."""

    name: ClassVar[str] = "complaint.moved"
    reference: str
    what: str
    seq: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ComplaintRefused(Event):
    name: ClassVar[str] = "complaint.refused"
    reference: str
    what: str
    rules: list[str]


@dataclass(frozen=True, slots=True)
class LetterSent(Event):
    name: ClassVar[str] = "complaint.letter_sent"
    reference: str
    kind: str
    channel: str


@dataclass(frozen=True, slots=True)
class LinksRevoked(Event):
    """Every link to the case's status page was ended; `links_n` of them still worked."""

    name: ClassVar[str] = "complaint.links_revoked"
    reference: str
    links_n: int


@dataclass(frozen=True, slots=True)
class LinkRenewed(Event):
    """A new link was asked for: by the customer, who lost it, or by staff."""

    name: ClassVar[str] = "complaint.link_renewed"
    reference: str


@dataclass(frozen=True, slots=True)
class RemedyReported(Event):
    """Another system said what became of a remedy; `reference` is None where there is no such complaint."""

    name: ClassVar[str] = "complaint.remedy_reported"
    reference: str | None
    source: str
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class SourceCreated(Event):
    name: ClassVar[str] = "report_source.created"
    title: str


@dataclass(frozen=True, slots=True)
class SourceEnded(Event):
    name: ClassVar[str] = "report_source.ended"
    title: str


@dataclass(frozen=True, slots=True)
class SecretCreated(Event):
    """A secret of a source, by its number: its words stand nowhere."""

    name: ClassVar[str] = "report_secret.created"
    title: str
    secret_id: int


@dataclass(frozen=True, slots=True)
class SecretEnded(Event):
    name: ClassVar[str] = "report_secret.ended"
    title: str
    secret_id: int


@dataclass(frozen=True, slots=True)
class ClockBreached(Event):
    name: ClassVar[str] = "complaint.clock_breached"
    reference: str
    clock: str
    due: str


@dataclass(frozen=True, slots=True)
class ClockNear(Event):
    """A share of a clock's time has gone (`percent`), or the honest notice went out (`delay_notice`)."""

    name: ClassVar[str] = "complaint.clock_near"
    reference: str
    clock: str
    step: str

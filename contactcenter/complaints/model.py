"""The words of the complaint engine: events, people, the context of a decision, violations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contactcenter.complaints.calendars import Calendar
from contactcenter.complaints.machine import Machine
from contactcenter.complaints.packs import Pack

CUSTOMER = "customer"
REPRESENTATIVE = "representative"
SYSTEM = "system"
NOT_PEOPLE = (CUSTOMER, REPRESENTATIVE, SYSTEM)

Data = Mapping[str, Any]  # Any: JSON
Principle = Literal["fairness", "convenience", "transparency", "follow_up", "order"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something somebody wants to do: event name, by whom, with what data, when."""

    name: str
    by: str
    data: Data
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One link of the chain. `sealed` is what the hash covers: personal values replaced by keyed commitments."""

    seq: int
    at: datetime
    name: str
    by: str
    data: Data
    sealed: Data
    digest: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act: case roles, team, and whom he reports to."""

    roles: frozenset[str]
    team: str | None = None
    manager: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar decided case: was it upheld, what goodwill (minor units), how similar (0..1), and which one."""

    upheld: bool
    goodwill: int
    s: float
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What another system said of a remedy: which of its things (`id`), and what has become of it.

    Money in minor units, None where no money moved; `before` and `after` are digests of a record that was corrected.
    """

    system: str
    id: str
    kind: str
    status: str
    amount: int | None
    currency: str | None
    occurred_at: datetime
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of the case as a proof names it, by the SHA-256 of its words; `seq` is the event that wrote it.

    `delivery` is page (it stands on the status page alone) or what its message says: queued, sent, delivered, read, failed.
    """

    sha256: str
    kind: str
    seq: int
    at: datetime
    delivery: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision needs besides the events: all of it pinned or read before, so that deciding is pure.

    `subjects` are the persons complained about; `prior_handlers` handled the matter before it was a complaint.
    `compared_by` is the method that found the `neighbours`.
    `agent_limit` (minor units) is what one person may grant; `sampled`: the 10 % draw takes this case.
    `other_receipts` are the instants of receipt of cases this one may be merged into, by reference.
    `further` are packs beside `pack`, each as the context its clocks are counted in.
    `reports` is what other systems said of the remedy, in the order of arrival; `letters` are those that left, None where
    nothing leaves (a replay).
    `reference` and `link` are printed in letters; `seal_key` commits to personal values.
    """

    pack: Pack
    machine: Machine
    calendar: Calendar
    zone: ZoneInfo
    people: Mapping[str, Person] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    prior_handlers: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    compared_by: str = ""
    agent_limit: int = 0
    vulnerable: bool = False
    sampled: bool = False
    options: tuple[str, ...] = ()
    other_receipts: Mapping[str, datetime] = field(default_factory=dict)
    further: tuple["Context", ...] = ()
    reports: tuple[Report, ...] = ()
    letters: tuple[SentLetter, ...] | None = None
    reference: str = ""
    link: str = ""
    language: str = "en"
    brand: str = ""
    seal_key: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class Violation:
    """Why something may not be done: which rule, whose words, how to mend it, and who could do it instead."""

    rule: str
    principle: Principle
    clause: str
    message: str
    how_to_fix: str = ""
    eligible: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        """As the API and the refusals' table show it."""
        return {
            "rule": self.rule,
            "principle": self.principle,
            "clause": self.clause,
            "message": self.message,
            "how_to_fix": self.how_to_fix,
            "eligible": list(self.eligible),
        }

"""What a case is by now: everything derived from its events, nothing remembered beside them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contactcenter.complaints.contacts import Contact, has_number
from contactcenter.complaints.machine import NOWHERE

GRANTING = ("upheld", "partly")
REFUSING = ("not upheld", "cannot tell", "partly")


@dataclass(frozen=True, slots=True)
class Mark:
    """One event as clocks see it: every name a marker may know it by."""

    seq: int
    at: datetime
    names: frozenset[str]
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one point, why, and on which evidence."""

    point: int | str
    finding: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision proposed or told. Money in minor units; `loss` is arithmetic, `goodwill` discretionary."""

    findings: tuple[Finding, ...]
    loss: int
    goodwill: int
    by: str
    seq: int
    paid: int | None = None
    conditions: tuple[str, ...] = ()
    deviation_reason: str = ""
    model: Any = None  # Any: JSON, whatever names the model
    external: bool = False

    @property
    def grants(self) -> bool:
        """Whether anything was upheld, or something is to be paid anyway."""
        return (
            self.external
            or self.loss + self.goodwill > 0
            or any(one.finding in GRANTING for one in self.findings)
        )

    @property
    def rejects_all(self) -> bool:
        """Whether no point was upheld, not even in part."""
        return not any(one.finding in GRANTING for one in self.findings)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece; an `adverse` one speaks against the customer and must have been shown before it is relied on."""

    id: str
    point: int | str
    adverse: bool
    kind: str
    at: datetime


@dataclass(slots=True)
class Hold:
    """A pause of `investigating`: since when, why, for what, until when (None: still)."""

    since: datetime
    reason: str
    waiting_for: Any  # Any: one item or a list of them
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A timely notice that moved a promise."""

    seq: int
    at: datetime
    clock: str
    to: str | None


@dataclass(slots=True)
class Facts:
    """The folded case. People by key; `acted` says at which events (seq, name) each person acted."""

    state: str = NOWHERE
    entered_at: datetime | None = None
    marks: list[Mark] = field(default_factory=list)
    receipts: list[tuple[int, datetime]] = field(default_factory=list)
    sent_to_company: datetime | None = None
    channel: str = ""
    contact: str = ""
    phone: str = ""
    anonymous: bool = False
    language: str = "en"
    order: str = ""
    text: str = ""
    needs: set[str] = field(default_factory=set)
    expectation: int | None = None
    perceived: int | None = None
    resolved: bool | None = None
    survey_seq: int = 0
    key_points: list[str] = field(default_factory=list)
    category: str = ""
    severity: int = 0
    harm: int | None = None
    remedy_sought: str = ""
    handlers: dict[str, str] = field(default_factory=dict)
    acted: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    declarations: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    shown: dict[str, datetime] = field(default_factory=dict)
    commented: set[str] = field(default_factory=set)
    requests: dict[str, datetime] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    account_confirmed: bool = False
    contact_attempts_n: int = 0
    holds: list[Hold] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    recusals: dict[str, int] = field(default_factory=dict)
    recused: set[str] = field(default_factory=set)
    waivers: dict[tuple[str, str], str] = field(default_factory=dict)
    proposal: Offer | None = None
    offer: Offer | None = None
    offers: list[Offer] = field(default_factory=list)
    delivered_by: str = ""
    delivery: dict[str, Any] = field(default_factory=dict)  # Any: JSON
    verified_at: datetime | None = None
    contacts: list[Contact] = field(default_factory=list)
    root_cause: dict[str, str] = field(default_factory=dict)
    appeals: list[int] = field(default_factory=list)
    reopened: list[datetime] = field(default_factory=list)
    closed_at: datetime | None = None
    answers: dict[str, tuple[datetime, Any]] = field(default_factory=dict)  # Any: JSON
    acts: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def received_at(self) -> datetime | None:
        """The first receipt: the instant everything is counted from."""
        return min((at for _, at in self.receipts), default=None)

    @property
    def on_hold(self) -> Hold | None:
        """The pause that runs now, if one does and nothing ended it."""
        return self.holds[-1] if self.holds and self.holds[-1].until is None else None

    @property
    def satisfaction(self) -> float | None:
        """C = b/a in [0.1, 10]; None while one of the two answers is missing."""
        if self.perceived is None or not self.expectation:
            return None
        return self.perceived / self.expectation

    @property
    def unhappy(self) -> bool:
        """Not resolved, or less than was expected (c < 1)."""
        c = self.satisfaction
        return self.resolved is False or (c is not None and c < 1)

    def has(self, name: str) -> bool:
        """Whether something of that marker name has happened."""
        return any(name in mark.names for mark in self.marks)


def calls_possible(facts: Facts) -> bool:
    """Whether a personal call is wanted and there is a number to call (U-02)."""
    return would_take_calls(facts) and bool(number_of(facts))


def would_take_calls(facts: Facts) -> bool:
    """Whether a call may be offered: nobody asked for none, and nobody stays unknown."""
    return "no_calls" not in facts.needs and not facts.anonymous


def number_of(facts: Facts) -> str:
    """Where the customer is called: the number he gave for that, else the one he complained with; empty if none is known."""
    return facts.phone or (facts.contact if has_number(facts.contact) else "")


def instant(value: object) -> datetime | None:
    """An ISO instant from JSON; None for none (or one that was erased). The schema has checked its form."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None

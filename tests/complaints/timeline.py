"""Complaints in memory: a context with people for every part, and a timeline that takes a case to any state."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.clocks import Clock, clocks_of
from contactcenter.complaints.decide import Accepted, decide
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.folding import fold
from contactcenter.complaints.machine import machine_of
from contactcenter.complaints.model import Context, Event, Person, Proposal, Violation
from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.tick import let_time_act

START = datetime(2026, 11, 2, 10, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

PEOPLE = {
    "ann": Person(frozenset({"agent"}), "t1", "max"),
    "bob": Person(frozenset({"agent"}), "t1", "max"),
    "max": Person(frozenset({"approver"}), "t1"),
    "ivy": Person(frozenset({"investigator"}), "t9", "moe"),
    "ian": Person(frozenset({"investigator"}), "t5"),
    "pia": Person(frozenset({"approver"}), "t9"),
    "rex": Person(frozenset({"reviewer"}), "t8"),
    "sub": Person(frozenset({"reviewer"}), "t7", "ivy"),
    "vic": Person(frozenset({"verifier"}), "t6"),
    "fay": Person(frozenset({"agent"}), "t4"),
    "gus": Person(frozenset({"agent"}), "t3"),
    "ada": Person(frozenset({"administrator"})),
}

SUBMIT = {"channel": "email", "text": "Bob was rude.", "contact": "li@example.org"}
ADMIT = {
    "key_points": ["rude on the phone"],
    "category": "conduct",
    "severity": 2,
    "harm": 1,
    "investigator": "ivy",
    "declaration": "none",
}
UPHELD = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
REJECTED = {**UPHELD, "finding": "not upheld"}
PROPOSE = {"findings": [UPHELD], "loss": 0, "goodwill": 5000}
PROOF = {"system": "stripe", "id": "re_1"}
SETTLED = {**PROOF, "status": "settled"}
CALL = {
    "person": "gus",
    "result": "done",
    "local_time": "2026-11-20T10:00",
    "zone": "Europe/London",
    "channel": "email",
}


def context(
    pack: str = "iso10002-default", calendar: str = "GB-ENG", zone: str = "Europe/London", **more: Any
) -> Context:
    """A context with everybody; `more` are fields of Context."""
    settings = {
        "people": PEOPLE,
        "subjects": ("bob",),
        "prior_handlers": ("ann",),
        "agent_limit": 10000,
        **more,
    }
    return Context(
        load_packs()[pack],
        machine_of(pack),
        load_calendars()[calendar],
        ZoneInfo(zone),
        reference="CMP-1",
        **settings,
    )


@dataclass(slots=True)
class Timeline:
    """One case in memory; `at` moves on by itself, an hour per event."""

    context: Context = field(default_factory=context)
    events: list[Event] = field(default_factory=list)
    at: datetime = START

    def attempt(self, event: str, by: str, **data: Any) -> tuple[Violation, ...]:  # Any: JSON
        """Try it without doing it; no violations means that it may."""
        outcome = decide(self.events, Proposal(event, by, data, self.at), self.context)
        return () if isinstance(outcome, Accepted) else outcome.violations

    def rules(self, event: str, by: str, **data: Any) -> list[str]:  # Any: JSON
        """The ids of the rules that would refuse it."""
        return [one.rule for one in self.attempt(event, by, **data)]

    def do(self, event: str, by: str, **data: Any) -> "Timeline":  # Any: JSON
        """Do it; it must be allowed."""
        outcome = decide(self.events, Proposal(event, by, data, self.at), self.context)
        assert isinstance(outcome, Accepted), (event, [one.message for one in outcome.violations])
        self.events.append(outcome.event)
        self.at += HOUR
        return self

    def tick(self, at: datetime | None = None) -> list[tuple[str, str]]:
        """Let time act until `at`; what it did, as (act, clock) in order of instant."""
        self.at = at or self.at
        done = let_time_act(self.events, self.context, self.at, at_its_instant=True)
        self.events += [one.accepted.event for one in done]
        return [(one.act.name, one.act.clock) for one in sorted(done, key=lambda one: one.act.at)]

    def wait(self, **time: float) -> "Timeline":
        self.at += timedelta(**time)
        return self

    def given(self, **changes: Any) -> "Timeline":  # Any: fields of Context
        """The same case in a context that differs."""
        return Timeline(replace(self.context, **changes), list(self.events), self.at)

    @property
    def facts(self) -> Facts:
        return fold(self.events, self.context.machine)

    @property
    def clocks(self) -> dict[str, Clock]:
        return clocks_of(self.facts, self.context, self.at)


def received(**more: Any) -> Timeline:
    return Timeline(context(**more)).do("submit", "customer", **SUBMIT)


def acknowledged(**more: Any) -> Timeline:
    return received(**more).do("acknowledge", "system")


def admitted(**more: Any) -> Timeline:
    return acknowledged(**more).do("admit", "ann", **ADMIT)


def investigating(**more: Any) -> Timeline:
    return admitted(**more).do("start", "ivy", declaration="none")


def heard(**more: Any) -> Timeline:
    """Both sides heard, one piece of evidence that speaks for the customer."""
    case = investigating(**more)
    case.do("evidence", "ivy", id="call-1", point=1, adverse=False, kind="recording")
    case.do("statement", "bob", person="bob", text="I was tired.")
    return case.do("contact_attempt", "ivy", channel="email", result="confirmed")


def proposed(**more: Any) -> Timeline:
    changes = more.pop("propose", {})
    return heard(**more).do("propose", "ivy", **{**PROPOSE, **changes})


def decided(**more: Any) -> Timeline:
    return proposed(**more).do("communicate", "pia")


def rejected(**more: Any) -> Timeline:
    return decided(propose={"findings": [REJECTED], "goodwill": 0}, **more)


def remedy_due(**more: Any) -> Timeline:
    return decided(**more).do("accept", "customer")


def remedy_done(**more: Any) -> Timeline:
    return remedy_due(**more).do("deliver", "fay", proof=PROOF, deliverer="fay")


def follow_up(**more: Any) -> Timeline:
    return remedy_done(**more).do("verify", "vic", proof=SETTLED, customer="yes")


def ready_to_close(**more: Any) -> Timeline:
    return follow_up(**more).do("root_cause", "ivy", level1="people", level2="tone", factor="shifts")


def closed(**more: Any) -> Timeline:
    return ready_to_close(**more).do("close", "system")


def appeal(**more: Any) -> Timeline:
    return decided(**more).do("dispute", "customer")

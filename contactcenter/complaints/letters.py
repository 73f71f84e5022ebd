"""Letters as data: each kind is a list of blocks, each block is what it says, and `render` turns it into words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from contactcenter.complaints.calendars import DATA
from contactcenter.complaints.chain import stamp
from contactcenter.complaints.clocks import OURS, Clock, clock_of, clocks_of
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.folding import take
from contactcenter.complaints.letter_kinds import kinds_sent
from contactcenter.complaints.model import Context, Event
from contactcenter.complaints.packs import DEFAULT
from contactcenter.complaints.similar import band_of, nearest

Block = dict[str, Any]  # Any: JSON; `block` is its name
HEAD_DIGITS = 12

LETTERS: dict[str, str] = {
    "receipt": "reference tracking head",
    "acknowledgement": "reference points contact steps dates tracking referral expectation head",
    "plan": "reference points contact steps dates tracking head",
    "update": "reference contact steps dates tracking head",
    "delay_notice": "reference contact dates rights referral tracking head",
    "adverse_evidence": "reference contact evidence dates rights tracking head",
    "decision": "reference contact points findings evidence remedy comparison rights dates referral tracking head",
    "summary": "reference contact findings evidence remedy comparison rights referral tracking head",
    "refusal": "reference contact findings rights referral tracking head",
    "forwarded": "reference contact steps referral tracking head",
    "holding": "reference contact dates rights referral tracking head",
    "adr": "reference contact rights referral tracking head",
    "remedy": "reference contact remedy dates tracking head",
    "verification": "reference contact remedy dates tracking head",
    "appeal_receipt": "reference contact steps dates tracking head",
    "appeal_decision": "reference contact points findings evidence remedy comparison rights referral tracking head",
    "termination": "reference contact rights referral tracking head",
    "closing": "reference steps rights dates referral tracking head",
    "survey": "reference expectation tracking head",
    "withdrawal": "reference contact rights tracking head",
    "reopened": "reference contact steps dates tracking head",
}
"""Blocks of each kind, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to the customer; money in minor units, dates as ISO dates."""

    kind: str
    at: datetime
    language: str
    seq: int
    blocks: tuple[Block, ...]

    def block(self, name: str) -> Block | None:
        """The block of that name, if the letter has it."""
        return next((one for one in self.blocks if one["block"] == name), None)

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return {
            "kind": self.kind,
            "at": stamp(self.at),
            "language": self.language,
            "blocks": list(self.blocks),
        }


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the writer of a block has before him: the case after the event, and the event."""

    facts: Facts
    context: Context
    clocks: dict[str, Clock]
    event: Event


def letters_of(events: Sequence[Event], context: Context) -> list[Letter]:
    """Every letter the case has sent, in order: written from the events, so always the same."""
    facts, found = Facts(), list[Letter]()
    for event in events:
        old = facts.state
        take(facts, event, context.machine)
        found += write_letters(event, old, facts, context)
    return found


def write_letters(event: Event, old: str, facts: Facts, context: Context) -> list[Letter]:
    """The letters that `event` sends; `facts` are those after it, `old` is the state before it."""
    kinds = kinds_sent(event, old, facts.state)
    if not kinds:
        return []
    desk = _Desk(facts, context, clocks_of(facts, context, event.at), event)
    return [_write(kind, desk) for kind in kinds]


@dataclass(frozen=True, slots=True)
class OutsideBody:
    """Whom a pack lets the customer turn to: name (English, translated where shown), address, and until when."""

    pack: str
    name: str
    url: str
    until: date | None


def bodies_of(context: Context, clocks: Mapping[str, Clock]) -> list[OutsideBody]:
    """The outside bodies of a case, that of its own pack first, each once."""
    found = dict[str, OutsideBody]()
    for pack in (context.pack, *(one.pack for one in context.further)):
        body, window = (
            _bodies().get(pack.name) or _bodies()[DEFAULT],
            clock_of(pack, "external_window", clocks),
        )
        found.setdefault(body["name"], OutsideBody(pack.name, **body, until=window.due if window else None))
    return list(found.values())


def _write(kind: str, desk: _Desk) -> Letter:
    written = ((name, _WRITERS[name](desk)) for name in LETTERS[kind].split())
    blocks = tuple({"block": name, **content} for name, content in written if content)
    return Letter(kind, desk.event.at, desk.facts.language or desk.context.language, desk.event.seq, blocks)


def _reference(desk: _Desk) -> Block:
    return {"reference": desk.context.reference, "event": desk.event.name}


def _points(desk: _Desk) -> Block:
    return {"points": desk.facts.key_points or [desk.facts.text]}


def _contact(desk: _Desk) -> Block:
    return {"person": contact_of(desk.facts, desk.context)}


def contact_of(facts: Facts, context: Context) -> str | None:
    """The named contact: whoever took the case on, else an agent who knows the matter, else any; never a subject."""
    named = facts.handlers.get("contact") or facts.handlers.get("investigator")
    if named:
        return named
    agents = [
        key for key, one in context.people.items() if "agent" in one.roles and key not in context.subjects
    ]
    known = (key for key in agents if key in context.prior_handlers)
    return next(known, agents[0] if agents else None)


def _steps(desk: _Desk) -> Block:
    return {"state": desk.facts.state, "steps": ["listen", "record", "solve", "follow_up"], **_waiting(desk)}


def _waiting(desk: _Desk) -> Block:
    hold = desk.facts.on_hold
    return {"waiting_for": hold.waiting_for} if hold else {}


def _dates(desk: _Desk) -> Block:
    shown = [
        clock for clock in desk.clocks.values() if clock.is_open and clock.rule.kind in (*OURS, "customer")
    ]
    told = [clock for clock in shown if clock.rule.kind != "internal" and clock.due is not None]
    rows = [
        {"clock": one.name, "due": str(one.due), "kind": one.rule.kind, "provisional": one.provisional}
        for one in told
    ]
    late = desk.event.data.get("clock")
    about = {"clock": late, "reason": desk.event.data.get("reason") or ""} if late else {}
    return {"dates": rows, "zone": str(desk.context.zone), **about}


def _tracking(desk: _Desk) -> Block:
    return {"link": desk.context.link or desk.context.reference or "link"}


def _referral(desk: _Desk) -> Block:
    own, *further = (
        {"body": one.pack, "name": one.name, "url": one.url, "until": str(one.until) if one.until else None}
        for one in bodies_of(desk.context, desk.clocks)
    )
    return {**own, "further": further} if further else own


def _expectation(desk: _Desk) -> Block:
    question = "perception" if desk.facts.state not in ("received", "acknowledged") else "expectation"
    return {"question": question, "low": 1, "high": 10}


def _findings(desk: _Desk) -> Block:
    if desk.event.name == "refuse_admission":
        return {"ground": desk.event.data.get("ground", ""), "reason": desk.event.data.get("facts", "")}
    offer = desk.facts.offer
    if offer is None:
        return {}
    return {
        "findings": [
            {"point": one.point, "finding": one.finding, "reason": one.reason} for one in offer.findings
        ]
    }


def _evidence(desk: _Desk) -> Block:
    if desk.event.name == "show_adverse":
        return {"evidence": [desk.event.data["id"]]}
    offer = desk.facts.offer
    cited = [one for finding in offer.findings for one in finding.evidence] if offer else []
    return {"evidence": sorted(set(cited), key=cited.index)} if cited else {}


def _remedy(desk: _Desk) -> Block:
    offer = desk.facts.offer
    if offer is None:
        return {}
    total = offer.loss + offer.goodwill
    proof = desk.facts.delivery if desk.event.name == "deliver" else {}
    return {
        "loss": offer.loss,
        "goodwill": offer.goodwill,
        "total": total,
        "owed": offer.grants,
        **({"proof": proof} if proof else {}),
    }


def _comparison(desk: _Desk) -> Block:
    band = band_of(desk.context.neighbours, desk.facts.harm)
    compared = len(nearest(desk.context.neighbours))
    deviation = desk.facts.offer.deviation_reason if desk.facts.offer else ""
    return {
        "compared_n": compared,
        "low": band.low,
        "high": band.high,
        "method": band.method,
        "deviation": deviation,
    }


def _rights(desk: _Desk) -> Block:
    rights = {
        "delay_notice": ["refer_out_when_late"],
        "show_adverse": ["comment", "waive_comment"],
        "refuse_admission": ["challenge", "refer_out"],
        "withdraw": ["reopen"],
        "close": ["reopen", "dispute", "refer_out"],
        "review_decide": ["accept", "refer_out"],
    }
    return {"rights": rights.get(desk.event.name, ["accept", "dispute", "refer_out"]), **_waivers(desk)}


def _waivers(desk: _Desk) -> Block:
    """A rule that was waived is told to the customer (small firms)."""
    waived = sorted(rule for rule, _ in desk.facts.waivers)
    return {"waived": waived} if waived else {}


def _head(desk: _Desk) -> Block:
    return {"head": desk.event.digest[:HEAD_DIGITS]}


@lru_cache(maxsize=1)
def _bodies() -> dict[str, dict[str, str]]:
    bodies: dict[str, dict[str, str]] = json.loads((DATA / "bodies.json").read_text(encoding="utf-8"))
    return bodies


_WRITERS: dict[str, Callable[[_Desk], Block]] = {
    "reference": _reference,
    "points": _points,
    "contact": _contact,
    "steps": _steps,
    "dates": _dates,
    "tracking": _tracking,
    "referral": _referral,
    "expectation": _expectation,
    "findings": _findings,
    "evidence": _evidence,
    "remedy": _remedy,
    "comparison": _comparison,
    "rights": _rights,
    "head": _head,
}

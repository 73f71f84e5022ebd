"""Read complaints: the case as one page, the public page, the desk's lists, the wallboard's clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.complaints.answers import expected_of
from contactcenter.complaints.business_days import last_day
from contactcenter.complaints.chosen import Slot, slot_of
from contactcenter.complaints.clocks import DECIDING, OURS, Clock, clocks_of, is_owed, nearest
from contactcenter.complaints.contacts import Contact
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Evidence, Facts, Finding, Offer, calls_possible, instant, number_of
from contactcenter.complaints.folding import fold
from contactcenter.complaints.letters import OutsideBody, bodies_of, contact_of
from contactcenter.complaints.machine import Machine
from contactcenter.complaints.model import CUSTOMER, Event
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.people import load_people, users_named
from contactcenter.complaints.public import line_of
from contactcenter.complaints.reckoning import reckon
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.render import LINK_HERE
from contactcenter.complaints.replay import elapsed_days
from contactcenter.complaints.slots import CallChoice, call_choice
from contactcenter.complaints.vault import bring_out, load_events
from contactcenter.conversations.models import Author, Message
from contactcenter.core import clock
from contactcenter.surveys.service import About, due_follow_up
from contactcenter.tickets.models import Ticket

STEPS = ("listen", "record", "solve", "follow_up")
"""倾听 · 记录要点、判断成立 · 提出可行办法 · 跟踪服务: the four steps a customer sees."""

STORY_MESSAGES = 50

PART = 50
"""Events of a case's file that one page shows."""

_STEP_OF = {
    "listen": ("received", "acknowledged"),
    "record": ("admitted", "not_admitted", "forwarded"),
    "solve": ("investigating", "proposed", "decided", "appeal", "appeal_decided", "external"),
    "follow_up": ("remedy_due", "remedy_done", "follow_up", "withdrawn", "closed", "merged"),
}


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as a page shows it: `due` None for clocks in minutes; `late_from` is the first late instant (UTC).

    `reckoning`: how the date was worked out, in sentences.
    """

    name: str
    kind: str
    state: str
    start: date
    due: date | None
    late_from: datetime
    provisional: bool
    clause: str
    reckoning: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event. `line` is what the customer reads (None: work inside the house); `who` the name of staff."""

    seq: int
    at: datetime
    event: str
    by: str
    who: str
    line: str | None
    data: Mapping[str, Any]  # Any: JSON of the event, plain where the key still opens it


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as it was sent; `text` None once the case is erased."""

    kind: str
    at: datetime
    delivery: str
    text: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact that was made, at `there` on the customer's clock (None once erased); `kept`: at the time he chose, if any."""

    person: str
    result: str
    channel: str
    there: datetime | None
    kept: bool | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the staff page of one case shows. `step` is one of STEPS; people are keys, their names in `names`.

    `timeline` and `letters` are one part of the file; `earlier` is what to ask for to see the part before it. `last_told` is
    the newest of the whole file that the customer reads.
    """

    case: ComplaintCase
    step: str
    holder: str
    next_clock: ClockView | None
    clocks: Sequence[ClockView]
    elapsed_days: int
    story: str
    key_points: Sequence[str]
    facts: Facts
    evidence: Sequence[Evidence]
    statements: Mapping[str, str]
    findings: Sequence[Finding]
    offer: Offer | None
    proposal: Offer | None
    contacts: Sequence[ContactView]
    follow_up_by: date | None
    slot: Slot | None
    call_at: str
    satisfaction: float | None
    timeline: Sequence[TimelineEntry]
    last_told: TimelineEntry | None
    earlier: int | None
    letters: Sequence[LetterView]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatusView:
    """What the customer sees by the link: no staff notes, no evidence ids, nothing of third parties.

    `to_comment` names the evidence that waits for the customer's word; `delivered` is the proof of a remedy that waits
    to be confirmed; `missed` is what we promised and still owe; `bodies` are the outside bodies he may turn to; `call`
    what there is to choose of times for a call.
    """

    reference: str
    brand: str
    language: str
    zone: str
    state: str
    step: str
    holder: str
    next_due: ClockView | None
    missed: ClockView | None
    clocks: Sequence[ClockView]
    waiting_for: Sequence[str]
    contact: str
    offer: Offer | None
    calendar: str
    to_comment: Sequence[str]
    delivered: Mapping[str, str]
    expected: int | None
    perceived: int | None
    appealed: bool
    bodies: Sequence[OutsideBody]
    timeline: Sequence[TimelineEntry]
    earlier: int | None
    letters: Sequence[LetterView]
    head: str
    call: CallChoice | None


def view_case(
    session: Session, case: ComplaintCase, now: datetime | None = None, *, before: int | None = None
) -> CaseView:
    """The case as staff with full access see it; call `access_case` first.

    `before` asks for the part of the file before that event.
    """
    at, context = now or clock.now(), case_settings(case)
    events = load_events(session, case)
    facts = fold(events, context.machine)
    clocks = clocks_of(facts, context, at)
    callers = [one.person for one in facts.contacts]
    keys = [*case.handlers.values(), *case.subjects, *callers, *(event.by for event in events)]
    names = users_named(session, keys)
    first = nearest(list(clocks.values()))
    part, earlier = _part(events, before)
    task = due_follow_up(session, About(ABOUT, case.reference))
    return CaseView(
        case=case,
        step=step_of(facts.state),
        holder=holder_of(facts, context.machine),
        next_clock=_clock_view(first) if first else None,
        clocks=[
            replace(_clock_view(one), reckoning=reckon(one, facts, context, at)) for one in clocks.values()
        ],
        elapsed_days=elapsed_days(facts, context.zone, at),
        story=facts.text,
        key_points=facts.key_points,
        facts=facts,
        evidence=list(facts.evidence.values()),
        statements=facts.statements,
        findings=facts.offer.findings if facts.offer else (facts.proposal.findings if facts.proposal else ()),
        offer=facts.offer,
        proposal=facts.proposal,
        contacts=[_contact(one) for one in facts.contacts],
        follow_up_by=last_day(task.due_at, ZoneInfo(case.zone)) if task else None,
        slot=slot_of(task, at) if task else None,
        call_at=number_of(facts) if task and calls_possible(facts) else "",
        satisfaction=facts.satisfaction,
        timeline=[_entry(event, names) for event in part],
        last_told=next(
            (_public_entry(event) for event in reversed(events) if _is_public(event, clocks)), None
        ),
        earlier=earlier,
        letters=_letters(session, case, earlier, before),
        names=names,
    )


def view_status(
    session: Session,
    case: ComplaintCase,
    now: datetime | None = None,
    *,
    before: int | None = None,
    whole: bool = False,
) -> StatusView:
    """The case as its customer sees it, in the language now spoken; `before` asks for the part before that event.

    `whole`: the file from its first entry to its last.
    """
    at, context = now or clock.now(), case_settings(case)
    events = load_events(session, case)
    facts = fold(events, context.machine)
    clocks = clocks_of(facts, context, at)
    told = [one for one in clocks.values() if _is_told(one)]
    public = [event for event in events if _is_public(event, clocks)]
    part, earlier = (public, None) if whole else _part(public, before)
    people = load_people(session)
    contact = people.get(contact_of(facts, replace(context, people=people)) or "")
    return StatusView(
        reference=case.reference,
        brand=case.brand.name,
        language=case.language,
        zone=case.zone,
        state=facts.state,
        step=step_of(facts.state),
        holder=holder_of(facts, context.machine),
        next_due=_next_for_customer(told),
        missed=_missed(told),
        clocks=[_clock_view(one) for one in told],
        waiting_for=_waiting_for(facts),
        contact=contact.name if contact else "",
        offer=facts.offer,
        calendar=case.calendar,
        to_comment=[one for one in facts.shown if one not in facts.commented],
        delivered=facts.delivery if facts.state == "remedy_done" else {},
        expected=expected_of(session, case),
        perceived=facts.perceived,
        appealed=bool(facts.appeals),
        bodies=bodies_of(context, clocks),
        timeline=[_public_entry(event) for event in part],
        earlier=earlier,
        letters=_letters(session, case, earlier, before),
        head=case.head,
        call=call_choice(session, case, facts, at),
    )


def step_of(state: str) -> str:
    """Which of the four STEPS a state belongs to."""
    return next((step for step, states in _STEP_OF.items() if state in states), STEPS[0])


def holder_of(facts: Facts, machine: Machine) -> str:
    """Who has the ball: the state's holder, or the customer while we wait for an answer."""
    hold = facts.on_hold
    if hold is not None and hold.reason == "awaiting_customer":
        return CUSTOMER
    return machine.states[facts.state].holder if facts.state in machine.states else ""


def words_of(session: Session, ticket: Ticket, *, longest: int) -> tuple[str, bool]:
    """The customer's own words on a ticket, at most `longest` characters, the newest kept; and whether that is all."""
    query = (
        select(func.left(Message.body, longest + 1))
        .where(Message.ticket_id == ticket.id, Message.author == Author.CUSTOMER)
        .order_by(Message.rev.desc())
        .limit(STORY_MESSAGES + 1)
    )
    kept: list[str] = []
    for body in session.scalars(query):
        if len(kept) == STORY_MESSAGES or sum(len(one) + 2 for one in kept) + len(body) > longest:
            return "\n\n".join(reversed(kept or [body[:longest]])), False
        kept.append(body)
    return "\n\n".join(reversed(kept)), True


def _clock_view(one: Clock) -> ClockView:
    return ClockView(
        one.name,
        one.rule.kind,
        one.state,
        one.start,
        one.due,
        one.late_from,
        one.provisional,
        one.rule.clause,
    )


def _is_told(clock: Clock) -> bool:
    """What the house does for itself, or may do at best, is no date of his."""
    return clock.due is not None and (
        clock.rule.kind == "customer" or (clock.rule.kind != "internal" and is_owed(clock.rule))
    )


def _next_for_customer(told: Sequence[Clock]) -> ClockView | None:
    """The next date that matters: what we owe first, else what is open for the customer."""
    waiting = [one for one in told if one.is_open and one.state != "breached"]
    ours = [one for one in waiting if one.rule.kind in OURS]
    first = min(ours or waiting, key=lambda one: one.late_from, default=None)
    return _clock_view(first) if first else None


def _missed(told: Sequence[Clock]) -> ClockView | None:
    """The date that we let pass and still owe, the one that decides if there are several."""
    late = [one for one in told if one.is_open and one.state == "breached" and one.rule.kind in OURS]
    first = min(late, key=lambda one: (not DECIDING & set(one.rule.stop), one.late_from), default=None)
    return _clock_view(first) if first else None


def _waiting_for(facts: Facts) -> Sequence[str]:
    hold = facts.on_hold
    if hold is None:
        return ()
    return (hold.waiting_for,) if isinstance(hold.waiting_for, str) else tuple(hold.waiting_for)


def _entry(event: Event, names: Mapping[str, str]) -> TimelineEntry:
    who = names.get(event.by, "")
    return TimelineEntry(event.seq, event.at, event.name, event.by, who, line_of(event.name), event.data)


def _public_entry(event: Event) -> TimelineEntry:
    """Without names of staff and without the event's data: the line says what the customer may know."""
    by = CUSTOMER if event.by == CUSTOMER else "us"
    return TimelineEntry(event.seq, event.at, event.name, by, "", line_of(event.name), {})


def _is_public(event: Event, clocks: Mapping[str, Clock]) -> bool:
    if line_of(event.name) is None:
        return False
    if event.name != "breach":
        return True
    missed = clocks.get(str(event.data.get("clock")))
    if missed is None:
        return False
    return missed.rule.kind == "promise" or (
        missed.rule.kind == "legal" and bool(DECIDING & set(missed.rule.stop))
    )


def _part(events: Sequence[Event], before: int | None) -> tuple[Sequence[Event], int | None]:
    """The last PART events (before number `before`), and the number to ask with for those that came earlier."""
    known = [event for event in events if before is None or event.seq < before]
    part = known[-PART:]
    return part, part[0].seq if len(part) < len(known) else None


def _letters(
    session: Session, case: ComplaintCase, first: int | None, before: int | None
) -> list[LetterView]:
    """The letters of a part of the file: from event `first` up to the one `before`."""
    query = select(ComplaintLetter).where(
        ComplaintLetter.case_id == case.id, ComplaintLetter.seq >= (first or 0)
    )
    if before is not None:
        query = query.where(ComplaintLetter.seq < before)
    rows = session.scalars(query.order_by(ComplaintLetter.id))
    return [
        LetterView(row.kind, row.at, row.delivery, _without_link(bring_out(case, row.sealed)), row.sha256)
        for row in rows
    ]


def _without_link(text: str | None) -> str | None:
    """Each letter that left carried a link of its own, which is kept nowhere."""
    return text.replace(LINK_HERE, "…") if text else None


def _contact(one: Contact) -> ContactView:
    return ContactView(one.person, one.result, one.channel, instant(one.local_time), one.kept)

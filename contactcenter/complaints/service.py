"""Open complaints and let things happen to them. `apply` is the only writer; it never raises for a refusal."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.chain import GENESIS
from contactcenter.complaints.chosen import with_slot
from contactcenter.complaints.context import context_of
from contactcenter.complaints.decide import Choice, Refused, decide, list_choices
from contactcenter.complaints.events import ComplaintOpened, ComplaintRefused
from contactcenter.complaints.letters import Letter
from contactcenter.complaints.machine import NOWHERE
from contactcenter.complaints.model import SYSTEM, Context, Proposal, Violation
from contactcenter.complaints.models import ComplaintCase, ComplaintRefusal
from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.people import actor_key, handlers_of
from contactcenter.complaints.precedents import Precedents
from contactcenter.complaints.record import about_case, keep, letter_text, project, reschedule
from contactcenter.complaints.references import new_reference
from contactcenter.complaints.render import subject_of
from contactcenter.complaints.schema import faults_in, known_events
from contactcenter.complaints.tick import let_time_act
from contactcenter.complaints.vault import load_events, new_case_key
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import record
from contactcenter.core.i18n import LANGUAGES, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.claims import email_of
from contactcenter.customers.service import address_of
from contactcenter.tickets.models import Kind, Ticket
from contactcenter.tickets.sla import give_way

AGENT_LIMIT = 100_00
"""Minor units that an investigator may grant without an approver."""

SAMPLED_ONE_IN = 10
STATUS_PAGE = "status page"

Data = Mapping[str, Any]  # Any: JSON, checked by the schema


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: accepted with the event's number, or every violation."""

    accepted: bool
    state: str
    violations: tuple[Violation, ...] = ()
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewedLetter:
    """A letter as its customer would read it, `LINK_HERE` where the tracking link goes."""

    language: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The letters that a step would send, or every violation that forbids it."""

    letters: tuple[PreviewedLetter, ...]
    violations: tuple[Violation, ...] = ()


def open_case(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    text: str,
    channel: str,
    received_at: datetime | None = None,
    contact: str | None = None,
    anonymous: bool = False,
    subjects: Sequence[str] = (),
    options: Sequence[str] = (),
    pack: str | None = None,
    further_packs: Sequence[str] | None = None,
    sampled: bool | None = None,
) -> ComplaintCase:
    """Take a complaint in and acknowledge it at once. `received_at` is when the contact reached us (default: now).

    `actor` is `user:5`, `customer:7` or `system`; `subjects` are the staff complained about, as `user:9`.
    `pack` and `further_packs` are what the brand says unless they are given.
    Raises Conflict if the ticket has a complaint already, Invalid if it cannot be taken in (with the reason).
    """
    _refuse_second(ticket)
    case = _new_case(
        session,
        ticket,
        channel,
        received_at or clock.now(),
        subjects,
        options,
        pack,
        further_packs,
        sampled=sampled,
    )
    data = {
        "channel": channel,
        "text": text,
        "contact": contact if contact is not None else _way_to_answer(session, ticket),
        "anonymous": anonymous,
        "language": case.language,
        "received_at": case.received_at.isoformat(),
    }
    outcome = apply(session, case, "submit", actor, data)
    if not outcome.accepted:
        raise Invalid(" ".join(one.message for one in outcome.violations), field="text")
    _mark_ticket(session, ticket, case, actor)
    if ticket.customer.adjustments:
        apply(session, case, "need", SYSTEM, {"adjustments": list(ticket.customer.adjustments)})
    act_for_time(session, case)  # the receipt and the confirmation, at once
    return case


def _refuse_second(ticket: Ticket) -> None:
    if ticket.complaint_ref is not None:
        raise Conflict(
            _("This ticket has the complaint %(reference)s already.", reference=ticket.complaint_ref)
        )


def _mark_ticket(session: Session, ticket: Ticket, case: ComplaintCase, actor: str) -> None:
    ticket.complaint_ref, ticket.kind = case.reference, Kind.COMPLAINT.value
    give_way(session, ticket)
    opened = ComplaintOpened(case.reference, ticket.id, case.pack)
    record(session, opened, actor=actor, subject=about_case(case))


def apply(
    session: Session, case: ComplaintCase, event: str, actor: str, data: Data, now: datetime | None = None
) -> Outcome:
    """Let `actor` do `event`, or tell all the rules that forbid it. One transaction: the caller's.

    Raises Invalid for an unknown event or data that does not fit it, Conflict once the case is erased;
    a refusal is an outcome, and is kept.
    """
    _check_form(event, data)
    lock_case(session, case)
    _refuse_erased(case)
    if event == "callback":
        data = with_slot(session, case, data)
    at = now or clock.now()
    events, context = load_events(session, case), context_of(session, case)
    outcome = decide(events, Proposal(event, actor_key(actor), data, at), context)
    if isinstance(outcome, Refused):
        return _refuse(session, case, event, actor, outcome, at)
    keep(session, case, outcome, context, actor=actor)
    project(session, case, [*events, outcome.event], outcome.facts, context, at, overdue=True)
    return Outcome(accepted=True, state=case.state, seq=outcome.event.seq)


def preview(
    session: Session, case: ComplaintCase, event: str, actor: str, data: Data, now: datetime | None = None
) -> Preview:
    """What `apply` would write to the customer, or why it would not; nothing is done and nothing is kept.

    Raises as `apply` does.
    """
    _check_form(event, data)
    _refuse_erased(case)
    context = context_of(session, case)
    proposal = Proposal(event, actor_key(actor), data, now or clock.now())
    outcome = decide(load_events(session, case), proposal, context)
    if isinstance(outcome, Refused):
        return Preview((), outcome.violations)
    return Preview(tuple(_as_read(one, case, context) for one in outcome.letters))


def _as_read(letter: Letter, case: ComplaintCase, context: Context) -> PreviewedLetter:
    with speaking(letter.language, case.zone):
        return PreviewedLetter(letter.language, subject_of(letter.kind), letter_text(letter, case, context))


def _refuse_erased(case: ComplaintCase) -> None:
    if case.case_key is None:
        raise Conflict(_("This complaint has been erased: its time of keeping is over."))


def dry_run(
    session: Session,
    case: ComplaintCase,
    actor: str,
    now: datetime | None = None,
    precedents: Precedents | None = None,
) -> list[Choice]:
    """Every event of the case's state: may `actor`, and if not, why; the same rules that `apply` runs."""
    context = context_of(session, case, precedents)
    return list_choices(load_events(session, case), actor_key(actor), context, now or clock.now())


def act_for_time(session: Session, case: ComplaintCase, now: datetime | None = None) -> list[str]:
    """Do what time owes this case up to now (letters, notices, breaches, closing); the names of the acts done."""
    lock_case(session, case)
    at = now or clock.now()
    events, context = load_events(session, case), context_of(session, case)
    done = let_time_act(events, context, at)
    for one in done:
        keep(session, case, one.accepted, context, actor=SYSTEM)
        events.append(one.accepted.event)
    if done:
        project(session, case, events, done[-1].accepted.facts, context, at)
    else:
        reschedule(session, case, events, context, at)
    return [one.act.name for one in done]


def tick(session: Session, now: datetime | None = None) -> int:
    """Let time act on every case whose instant has come; returns how many. The clock process does it timer by timer."""
    at = now or clock.now()
    due = select(ComplaintCase).where(ComplaintCase.next_act_at <= at).order_by(ComplaintCase.next_act_at)
    cases = session.scalars(due.with_for_update(skip_locked=True)).all()
    for case in cases:
        act_for_time(session, case, at)
    return len(cases)


def on_due(session: Session, args: dict[str, Any]) -> None:
    """Timer: an instant of one case has come."""
    case = session.get(ComplaintCase, args["case_id"])
    if case is not None:
        act_for_time(session, case)


def find_case(session: Session, reference: str) -> ComplaintCase | None:
    """The case of a reference in its written form."""
    return session.scalar(select(ComplaintCase).where(ComplaintCase.reference == reference))


def lock_case(session: Session, case: ComplaintCase) -> None:
    """Hold the case's row until the unit of work ends: events follow one another."""
    session.flush()  # a lock that re-reads the row must not lose what is pending
    session.refresh(case, with_for_update=True)


def _new_case(
    session: Session,
    ticket: Ticket,
    channel: str,
    received_at: datetime,
    subjects: Sequence[str],
    options: Sequence[str],
    pack: str | None,
    further_packs: Sequence[str] | None,
    *,
    sampled: bool | None,
) -> ComplaintCase:
    name = pack or ticket.brand.complaint_pack
    further = ticket.brand.further_packs if further_packs is None else further_packs
    _check_packs(name, *further)
    if ticket.brand.complaint_calendar not in load_calendars():
        raise Invalid(
            _("There is no calendar %(name)s.", name=ticket.brand.complaint_calendar), field="calendar"
        )
    case = ComplaintCase(
        reference=_free_reference(session, received_at),
        ticket=ticket,
        customer=ticket.customer,
        brand=ticket.brand,
        pack=name,
        further_packs=[one for one in dict.fromkeys(further) if one != name],
        calendar=_calendar(name, ticket.brand.complaint_calendar),
        zone=load_packs()[name].zone or ticket.brand.zone,
        language=_language(ticket),
        channel=channel,
        vulnerable=ticket.customer.vulnerable,
        sampled=secrets.randbelow(SAMPLED_ONE_IN) == 0 if sampled is None else sampled,
        subjects=list(subjects),
        prior_handlers=handlers_of(session, ticket),
        options=list(options),
        agent_limit=AGENT_LIMIT,
        case_key=new_case_key(),
        received_at=received_at,
        state=NOWHERE,
        holder="",
        handlers={},
        head=GENESIS.hex(),
        updated_at=clock.now(),
    )
    session.add(case)
    session.flush()  # its events need the id
    return case


def _check_packs(*names: str) -> None:
    for name in names:
        if name not in load_packs():
            raise Invalid(_("There is no policy pack %(name)s.", name=name), field="pack")


def _calendar(pack: str, wished: str) -> str:
    """The brand's calendar where the pack allows it, else the pack's first."""
    allowed = load_packs()[pack].calendars
    return wished if not allowed or wished in allowed else allowed[0]


def _language(ticket: Ticket) -> str:
    wishes = (ticket.language, ticket.customer.language, ticket.brand.language)
    return next((one for one in wishes if one in LANGUAGES), LANGUAGES[0])


def _free_reference(session: Session, received_at: datetime) -> str:
    reference = new_reference(received_at.date())
    while find_case(session, reference) is not None:
        reference = new_reference(received_at.date())
    return reference


def _way_to_answer(session: Session, ticket: Ticket) -> str:
    """Mail, else a telephone that may be called, else the conversation, else the status page: never an account."""
    customer = ticket.customer
    phone = None if "no_calls" in customer.adjustments else address_of(customer, "phone")
    return email_of(session, customer) or phone or address_of(customer, "visitor") or STATUS_PAGE


def _check_form(event: str, data: Data) -> None:
    if event not in known_events():
        raise Invalid(_("There is no step %(name)s in a complaint.", name=event), field="event")
    faults = faults_in(event, data)
    if faults:
        raise Invalid(f"{faults[0].where}: {faults[0].what}.", field=faults[0].where.removeprefix("data."))


def _refuse(
    session: Session, case: ComplaintCase, event: str, actor: str, outcome: Refused, at: datetime
) -> Outcome:
    rules = [one.rule for one in outcome.violations]
    session.add(
        ComplaintRefusal(
            case_id=case.id, at=at, by=actor_key(actor), name=event, state=outcome.state, rules=rules
        )
    )
    refused = ComplaintRefused(case.reference, event, rules)
    record(session, refused, actor=actor, subject=about_case(case))
    return Outcome(accepted=False, state=outcome.state, violations=outcome.violations)

"""Write what was decided: the event, its letters, the projection, the timer, the follow-up; all in the caller's transaction."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.complaints.acts import pending_acts
from contactcenter.complaints.chain import head_of
from contactcenter.complaints.clocks import clocks_of, is_owed, nearest
from contactcenter.complaints.decide import Accepted
from contactcenter.complaints.events import ClockBreached, ClockNear, ComplaintMoved
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.folding import fold
from contactcenter.complaints.guards.follow_up import contact_is_open
from contactcenter.complaints.letters import Letter
from contactcenter.complaints.likeness import count_words
from contactcenter.complaints.meaning import ask_to_read
from contactcenter.complaints.model import Context, Event
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter, ComplaintPrecedent
from contactcenter.complaints.proofs import is_undone
from contactcenter.complaints.render import Reader, render_letter
from contactcenter.complaints.vault import lock_away, shred, store_event
from contactcenter.core import clock, outbox
from contactcenter.core.events import Subject, record
from contactcenter.core.timers import cancel_timer, set_timer
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import (
    About,
    cancel_follow_up,
    due_follow_up,
    finish_follow_up,
    plan_follow_up,
)

TIMER = "complaints.case"
SEND_LETTER = "complaints.letter"
ABOUT = "complaint"
_WARNINGS = ("escalate_50", "escalate_75", "escalate_90", "delay_notice")
_DECISIONS = ("communicate", "resolve_now", "review_decide")


def keep(session: Session, case: ComplaintCase, accepted: Accepted, context: Context, *, actor: str) -> None:
    """Store an accepted event with its letters and tell the house."""
    event = accepted.event
    store_event(session, case, event)
    for letter in accepted.letters:
        _keep_letter(session, case, letter, context)
    moved = ComplaintMoved(case.reference, event.name, event.seq, accepted.old, accepted.facts.state)
    record(session, moved, actor=actor, subject=about_case(case))
    _tell_clocks(session, case, event)
    if event.name in _DECISIONS:
        _keep_precedent(session, case, accepted.facts, event.at, method=context.compared_by)
    _follow_up(session, case, accepted, context, actor=actor)
    if event.name == "erase":
        shred(session, case)


def project(
    session: Session,
    case: ComplaintCase,
    events: Sequence[Event],
    facts: Facts,
    context: Context,
    now: datetime,
    *,
    overdue: bool = False,
) -> None:
    """Bring the case's columns up to its events; nobody else writes them.

    `overdue`: time may act at once on what is due already; after a tick only what is still to come is awaited.
    """
    clocks = clocks_of(facts, context, now)
    first = nearest(list(clocks.values()))
    case.state, case.handlers = facts.state, dict(facts.handlers)
    case.holder = context.machine.states[facts.state].holder
    case.category, case.severity, case.harm = facts.category, facts.severity, facts.harm
    _keep_facts(session, case, facts, seq=len(events))
    case.next_due_at, case.next_clock = (first.late_from, first.name) if first else (None, None)
    case.breached = sorted(
        name for name, one in clocks.items() if one.state == "breached" and is_owed(one.rule)
    )
    case.decided_at, case.closed_at = _decided_at(facts), facts.closed_at
    case.remedy_undone = _is_undone(case, facts, context)
    case.events_n, case.head, case.updated_at = len(events), head_of(events), now
    _await(session, case, facts, context, now, overdue=overdue)


def _keep_facts(session: Session, case: ComplaintCase, facts: Facts, *, seq: int) -> None:
    """Their words at once; what they mean as soon as a worker has read them."""
    words = count_words(facts.key_points) if case.case_key else {}
    if words == case.fact_words:
        return
    case.fact_words, case.fact_vector, case.fact_method = words, None, ""
    if words:
        ask_to_read(session, case, seq)


def reschedule(
    session: Session, case: ComplaintCase, events: Sequence[Event], context: Context, now: datetime
) -> None:
    """Time had nothing to do: await the next instant. What other systems told may have changed how the remedy stands."""
    facts = fold(events, context.machine)
    case.remedy_undone = _is_undone(case, facts, context)
    _await(session, case, facts, context, now, overdue=False)


def _await(
    session: Session, case: ComplaintCase, facts: Facts, context: Context, now: datetime, *, overdue: bool
) -> None:
    acts = pending_acts(facts, clocks_of(facts, context, now), context, now)
    case.next_act_at = next((act.at for act in acts if overdue or act.at > now), None)
    if case.next_act_at is None:
        cancel_timer(session, TIMER, str(case.id))
    else:
        set_timer(session, TIMER, str(case.id), case.next_act_at, {"case_id": case.id})


def _is_undone(case: ComplaintCase, facts: Facts, context: Context) -> bool:
    """Of an erased case nobody can make anything good."""
    return case.case_key is not None and is_undone(context, facts)


def _decided_at(facts: Facts) -> datetime | None:
    return next((mark.at for mark in reversed(facts.marks) if mark.names & set(_DECISIONS)), None)


def letter_text(letter: Letter, case: ComplaintCase, context: Context) -> str:
    """The letter as its customer reads it."""
    names = {key: person.name for key, person in context.people.items()}
    return render_letter(letter, Reader(letter.language, case.zone, case.calendar, case.brand.name, names))


def _keep_letter(session: Session, case: ComplaintCase, letter: Letter, context: Context) -> None:
    text = letter_text(letter, case, context)
    row = ComplaintLetter(
        case_id=case.id,
        seq=letter.seq,
        kind=letter.kind,
        language=letter.language,
        sealed=lock_away(case, text),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        at=letter.at,
    )
    session.add(row)
    session.flush()  # the job needs its id
    outbox.enqueue(session, SEND_LETTER, {"letter_id": row.id}, key=f"{SEND_LETTER}:{row.id}")


def _tell_clocks(session: Session, case: ComplaintCase, event: Event) -> None:
    if event.name == "breach":
        told = ClockBreached(case.reference, event.data["clock"], event.data["due"])
        record(session, told, actor="system", subject=about_case(case))
    elif event.name in _WARNINGS:
        near = ClockNear(case.reference, event.data["clock"], event.name)
        record(session, near, actor="system", subject=about_case(case))


def _keep_precedent(
    session: Session, case: ComplaintCase, facts: Facts, at: datetime, *, method: str
) -> None:
    offer = facts.offer
    if offer is None or not facts.category:
        return
    row = {
        "category": facts.category,
        "severity": facts.severity,
        "harm": facts.harm,
        "upheld": not offer.rejects_all,
        "goodwill": offer.goodwill,
        "deviation": bool(offer.deviation_reason),
        "decided_at": at,
        "method": method,
    }
    session.execute(
        insert(ComplaintPrecedent)
        .values(case_id=case.id, **row)
        .on_conflict_do_update(index_elements=["case_id"], set_=row)
    )


def _follow_up(
    session: Session, case: ComplaintCase, accepted: Accepted, context: Context, *, actor: str
) -> None:
    """A dated task for the contact that is due (U-03), done, planned again or taken back as the case goes on."""
    facts, event, about = accepted.facts, accepted.event, About(ABOUT, case.reference)
    task = due_follow_up(session, about) if event.name == "callback" else None
    if task is not None:
        finish_follow_up(session, task, event.data["result"], "", actor=actor)
    if accepted.old == "follow_up" and facts.state not in ("follow_up", "closed"):
        cancel_follow_up(session, about, actor=actor)
    if facts.state != "follow_up" or not contact_is_open(facts, context):
        return
    if accepted.old != "follow_up" or event.name in ("survey", "callback"):
        due_at = clocks_of(facts, context, event.at)["callback"].late_from
        planned = plan_follow_up(session, about, case.customer_id, max(due_at, clock.now()), actor=actor)
        if task is not None and _slot_is_ahead(task, facts, event):
            planned.wished_time, planned.wished_zone = task.wished_time, task.wished_zone
            planned.wished_at = task.wished_at


def _slot_is_ahead(task: FollowUp, facts: Facts, event: Event) -> bool:
    """A mail, or an earlier call that was agreed, leaves the time that the customer chose as it is."""
    return task.wished_at is not None and task.wished_at > event.at and not facts.contacts[-1].kept


def about_case(case: ComplaintCase) -> Subject:
    """What the events of a case are about."""
    return Subject(ticket_id=case.ticket_id, customer_id=case.customer_id)

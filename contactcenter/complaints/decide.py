"""The decision: may this happen now? Pure; collects every violation, not the first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from contactcenter.complaints import words
from contactcenter.complaints.acts import ACTS_ONLY, TIMED, pending_acts
from contactcenter.complaints.chain import append
from contactcenter.complaints.clocks import Clock, clocks_of
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.folding import fold
from contactcenter.complaints.guards.all import Attempt, built
from contactcenter.complaints.letters import Letter, write_letters
from contactcenter.complaints.machine import Transition
from contactcenter.complaints.model import (
    CUSTOMER,
    REPRESENTATIVE,
    SYSTEM,
    Context,
    Event,
    Proposal,
    Violation,
)
from contactcenter.complaints.rules import out_of_order
from contactcenter.complaints.schema import keys_of
from contactcenter.core.i18n import gettext as _

_NEEDS_NOTHING_OWED = ("no_remedy_ok", "accept_no_remedy")


@dataclass(frozen=True, slots=True)
class Accepted:
    """It may: the event to append, the facts after it, the letters it sends."""

    event: Event
    old: str
    facts: Facts
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not, and why: all violations, sorted by rule."""

    state: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that could be done in this state: by this actor, now, or why not.

    `needs_data`: a form comes first; `violations` are then those that no form could mend. `offered` is false while a
    rule of this transition is not built.
    """

    event: str
    target: str
    allowed: bool
    needs_data: bool
    offered: bool
    violations: tuple[Violation, ...]


def decide(events: Sequence[Event], proposal: Proposal, context: Context) -> Accepted | Refused:
    """Whether `proposal` may follow `events`. Its data must fit the schema."""
    facts = fold(events, context.machine)
    clocks = clocks_of(facts, context, proposal.at)
    move = _move(facts.state, proposal.name)
    if move is None:
        move = context.machine.find(facts.state, proposal.name)
    early = _before_all_rules(move, proposal, facts, clocks, context)
    if early is not None or move is None:
        return Refused(facts.state, (early,) if early else ())
    accepted = _imagined(events, proposal, facts.state, context)
    attempt = Attempt(
        move,
        proposal.by,
        proposal.data,
        proposal.at,
        events,
        facts,
        accepted.facts,
        accepted.letters,
        clocks,
        context,
    )
    violations = _violations(attempt)
    return Refused(facts.state, violations) if violations else accepted


def list_choices(events: Sequence[Event], by: str, context: Context, now: datetime) -> list[Choice]:
    """Dry run: every event of the state, and whether `by` may; the same rules that `decide` runs."""
    facts = fold(events, context.machine)
    clocks = clocks_of(facts, context, now)
    moves = context.machine.leaving(facts.state)
    return [_choice(move, by, events, facts, clocks, context, now) for move in moves]


def judge_people(
    events: Sequence[Event], name: str, people: Iterable[str], context: Context, now: datetime
) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    """One after the other, each of `people` and what forbids him that event now, whatever its form will say.

    Nobody, if the case's state does not know the event.
    """
    facts = fold(events, context.machine)
    clocks = clocks_of(facts, context, now)
    move = context.machine.find(facts.state, name)
    if move is None:
        return
    for by in people:
        yield by, _choice(move, by, events, facts, clocks, context, now).violations


def _choice(
    move: Transition,
    by: str,
    events: Sequence[Event],
    facts: Facts,
    clocks: dict[str, Clock],
    context: Context,
    now: datetime,
) -> Choice:
    blank = any(required for _check, required in keys_of(move.event).values())
    proposal = Proposal(move.event, by, {}, now)
    early = _before_all_rules(move, proposal, facts, clocks, context)
    violations: tuple[Violation, ...] = (early,) if early else ()
    if early is None:
        after, letters = facts, tuple[Letter, ...]()
        if not blank:
            imagined = _imagined(events, proposal, facts.state, context)
            after, letters = imagined.facts, imagined.letters
        violations = _violations(
            Attempt(move, by, {}, now, events, facts, after, letters, clocks, context, blank=blank)
        )
    return Choice(move.event, move.target, not violations, blank, not _unbuilt(move), violations)


def _move(state: str, name: str) -> Transition | None:
    """Acts of time that move nothing; they are no part of the machine."""
    return Transition(state, name, state, (SYSTEM,), ()) if name in ACTS_ONLY else None


def _before_all_rules(
    move: Transition | None, proposal: Proposal, facts: Facts, clocks: dict[str, Clock], context: Context
) -> Violation | None:
    if move is None:
        says = _(
            "“%(step)s” is not possible while the case stands at “%(state)s”.",
            step=words.say(words.EVENTS, proposal.name),
            state=words.say(words.STATES, facts.state),
        )
        return out_of_order("STATE", says)
    if not roles_of(proposal.by, context) & set(move.actors):
        says = _("Only these may do that: %(roles)s.", roles=words.say_all(words.ROLES, move.actors))
        return out_of_order("ACTOR", says)
    if _unbuilt(move):
        return out_of_order("STATE", _("This step is not offered yet."))
    return _untimely(proposal, facts, clocks, context)


def _untimely(
    proposal: Proposal, facts: Facts, clocks: dict[str, Clock], context: Context
) -> Violation | None:
    """Time acts only when its time has come, what rests goes on, and nothing owed is talked away."""
    if proposal.by == SYSTEM and proposal.name in TIMED | ACTS_ONLY:
        clock = str(proposal.data.get("clock", ""))
        pending = pending_acts(facts, clocks, context, proposal.at)
        if any((act.name, act.clock) == (proposal.name, clock) and act.at <= proposal.at for act in pending):
            return None
        return out_of_order("STATE", _("The time for that has not come."))
    if proposal.name == "resume" and facts.on_hold is None:
        return out_of_order("STATE", _("Nothing is on hold."))
    if proposal.name in _NEEDS_NOTHING_OWED and facts.offer is not None and facts.offer.grants:
        return out_of_order("STATE", _("A remedy is owed: it is accepted and carried out, not left out."))
    return None


def roles_of(by: str, context: Context) -> set[str]:
    """The case roles of an actor; a representative has the customer's rights (C-14)."""
    if by in (CUSTOMER, REPRESENTATIVE):
        return {CUSTOMER}
    if by == SYSTEM:
        return {SYSTEM}
    own = context.people.get(by)
    roles = set(own.roles) if own else set()
    return roles | {"subject"} if by in context.subjects else roles


def _imagined(events: Sequence[Event], proposal: Proposal, old: str, context: Context) -> Accepted:
    """What would be, if it happened."""
    event = append(events, proposal, context.seal_key)
    after = fold([*events, event], context.machine)
    return Accepted(event, old, after, tuple(write_letters(event, old, after, context)))


def _unbuilt(move: Transition) -> list[str]:
    return [rule for rule in move.guards if rule not in built()]


def _violations(attempt: Attempt) -> tuple[Violation, ...]:
    guards = (built()[rule] for rule in attempt.move.guards)
    spoken = (one.guard(attempt) for one in guards if not (attempt.blank and one.reads_data))
    found = {one.rule: one for one in spoken if one is not None}
    return tuple(found[rule] for rule in sorted(found))

"""What conversations and agents are to the engine: requirements over time, keys and capacities, in its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contactcenter.assignment.facts import AgentFact, Work
from contactcenter.assignment.presence import LIVE_CHANNELS, hold_s
from contactcenter.core.logs import get_logger
from contactcenter.queues.hours import opens_at
from contactcenter.queues.models import Queue, RoutingPolicy
from routing import AgentProfile, Needs, Request, Step, handicap

log = get_logger(__name__)

NOBODY: Needs = ()
SECONDS_PER_POINT = 60
LANGUAGE = "language:"

Phase = tuple[datetime, Needs]
"""From this instant on the requirement is this one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A conversation's requirement over time (first phase from its enqueueing) and the offset of its key."""

    phases: tuple[Phase, ...]
    priority: int
    target_s: int

    def at(self, instant: datetime) -> tuple[Needs, tuple[Step, ...]]:
        """The requirement in force at `instant`, and what follows in seconds from there."""
        past = [needs for since, needs in self.phases if since <= instant]
        to_come = [
            ((since - instant).total_seconds(), needs) for since, needs in self.phases if since > instant
        ]
        return past[-1] if past else NOBODY, tuple(to_come)

    @property
    def points(self) -> float:
        """Everything that moves the key against plain arrival, in priority points."""
        return self.priority - self.target_s / SECONDS_PER_POINT


class Definitions:
    """The queues as requirements; read again whenever a definition changes.

    `cooldown_s`: a declined or transferred conversation does not meet the same agent for so long.
    """

    def __init__(self, queues: Sequence[Queue], policy: RoutingPolicy) -> None:
        self.cooldown_s = float(policy.cooldown_s)
        self._handicap_s = float(policy.handicap_s)
        self._queues = {queue.id: queue for queue in queues}
        self._base = {queue.id: _base_needs(queue) for queue in queues}
        self._steps = {queue.id: _checked_steps(queue) for queue in queues}
        self._asked = {skill for queue in queues for skill in _skills_asked(queue, self._steps[queue.id])}

    def plan(self, work: Work, *, target_is_there: bool) -> Plan:
        """What `work` needs and when: team, skills and steps of its queue, a language, one person first, opening hours."""
        queue = self._queues[work.queue_id]
        phases: list[Phase] = [(work.enqueued_at, self._base[queue.id])]
        for after_s, needs in self._steps[queue.id]:
            phases.append((work.enqueued_at + timedelta(seconds=after_s), needs))
        phases = _in_language(work, queue.language_s, phases)
        if work.target_user_id is not None:
            phases = _for_one_person(work, work.target_user_id, phases, alone=target_is_there)
        return Plan(_from_opening(queue, work.enqueued_at, phases), work.priority, queue.target_s)

    def request(self, work: Work, plan: Plan, not_for: frozenset[int]) -> Request:
        """The conversation as a new ticket of the engine, which never gets to `not_for`."""
        needs, steps = plan.at(work.enqueued_at)
        return Request(
            needs=needs,
            steps=steps,
            channel=engine_channel(work.channel),
            priority=plan.priority,
            target=plan.target_s,
            ring=self._queues[work.queue_id].ring_s,
            not_for=not_for,
        )

    def profile(self, agent: AgentFact) -> AgentProfile:
        """The agent as the engine knows him; skills that no queue asks for do not count as a handicap."""
        also = {f"{LANGUAGE}{code}": 1 for code in agent.speaks}
        if agent.team_id is not None:
            also[f"team:{agent.team_id}"] = 1
        counted = sum(1 for skill in agent.skills if skill in self._asked)
        behind_s = handicap(counted, self._handicap_s)
        return AgentProfile(agent.id, {**agent.skills, **also}, agent.caps, behind_s)


def ever_needed(queue: Queue) -> Needs:
    """Every requirement that work of the queue may come to have, from its arrival to its last step."""
    return (*_base_needs(queue), *(needs for _after_s, step in _checked_steps(queue) for needs in step))


def engine_channel(channel: str) -> str:
    """The kind of capacity a channel uses: everything that need not be answered at once counts as e-mail."""
    return channel if channel in LIVE_CHANNELS else "email"


def _base_needs(queue: Queue) -> Needs:
    skills = (f"{required.skill.name}>={required.min_level}" for required in queue.skills)
    return ((f"team:{queue.team_id}", *skills),)


def _checked_steps(queue: Queue) -> tuple[Step, ...]:
    try:
        return tuple(_step(queue, step) for step in queue.steps)
    except (TypeError, ValueError):
        log.warning("queue_steps_ignored", queue_id=queue.id)
        return ()


def _step(queue: Queue, step: Any) -> Step:  # Any: JSON of an administrator
    after_s, alternatives = step
    return float(after_s), tuple(_in_team(queue, tuple(map(str, literals))) for literals in alternatives)


def _in_team(queue: Queue, literals: tuple[str, ...]) -> tuple[str, ...]:
    """A step that names neither a team nor a person stays inside the queue's team."""
    if any(literal.startswith(("team:", "agent:")) for literal in literals):
        return literals
    return (f"team:{queue.team_id}", *literals)


def _skills_asked(queue: Queue, steps: tuple[Step, ...]) -> set[str]:
    literals = {literal for _, needs in steps for alternative in needs for literal in alternative}
    return {required.skill.name for required in queue.skills} | {each.partition(">=")[0] for each in literals}


def _in_language(work: Work, for_s: int, phases: list[Phase]) -> list[Phase]:
    """Whoever speaks the customer's language, for the first `for_s` seconds; then whoever else can."""
    if not for_s:
        return phases
    until = work.enqueued_at + timedelta(seconds=for_s)
    spoken = f"{LANGUAGE}{work.language}"
    first = [
        (since, tuple((*alternative, spoken) for alternative in needs))
        for since, needs in phases
        if since < until
    ]
    in_force = [needs for since, needs in phases if since <= until][-1]
    return [*first, (until, in_force), *(phase for phase in phases if phase[0] > until)]


def _for_one_person(work: Work, user_id: int, phases: list[Phase], *, alone: bool) -> list[Phase]:
    """Him alone while he is there and his time lasts; after that he is one more who may."""
    him = (f"agent:{user_id}",)
    widened = [(since, (him, *needs)) for since, needs in phases]
    if not alone:
        return widened
    until = work.target_until or work.enqueued_at + timedelta(seconds=hold_s(work.channel))
    first: Phase = (work.enqueued_at, (him,))
    return [first, *((max(since, until), needs) for since, needs in widened)]


def _from_opening(queue: Queue, enqueued_at: datetime, phases: list[Phase]) -> tuple[Phase, ...]:
    """Nobody before the queue opens; nobody at all while it is switched off (opening it plans everything anew)."""
    if not queue.open:
        return ((enqueued_at, NOBODY),)
    opening = opens_at(queue.hours, enqueued_at) if queue.hours is not None else enqueued_at
    if opening is None:
        return ((enqueued_at, NOBODY),)
    if opening == enqueued_at:
        return tuple(phases)
    return ((enqueued_at, NOBODY), *((max(since, opening), needs) for since, needs in phases))

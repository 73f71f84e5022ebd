"""The router's memory: the engine, and what the database is known to hold.

Everything enters as facts read from the database; the board works out which event of the engine makes it agree with
them. So a fact may come late, twice or out of order, and what the database refused is mended by reading again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contactcenter.assignment.decisions import Wish
from contactcenter.assignment.facts import AgentFact, Bar, Work
from contactcenter.assignment.kept_reasons import WHOLE_FLOOR_MAX, as_kept
from contactcenter.assignment.lines import Line, Lines
from contactcenter.assignment.plans import Definitions, Plan, engine_channel
from contactcenter.assignment.presence import LIVE_CHANNELS
from contactcenter.conversations.models import OVER, State
from routing import (
    JUST_AFTER,
    AgentSnapshot,
    Config,
    Decision,
    Engine,
    Explanation,
    Request,
    Snapshot,
    TicketSnapshot,
    TicketState,
)

ENGINE_STATE = {
    State.WAITING.value: TicketState.WAITING,
    State.OFFERED.value: TicketState.OFFERED,
    State.ACTIVE.value: TicketState.ACTIVE,
}


class OutOfStepError(Exception):
    """The database holds something this process never decided: memory must be built anew."""


class Board:
    """One shard's live state. Times of the engine are seconds since 1970."""

    def __init__(
        self,
        definitions: Definitions,
        agents: Sequence[AgentFact],
        works: Sequence[Work],
        bars: Sequence[Bar],
        at: datetime,
    ) -> None:
        self._silent = {work.id: work for work in works if work.silent}
        works = [work for work in works if not work.silent]
        self._definitions = definitions
        self._agents = {agent.id: agent for agent in agents}
        self._blind = frozenset(agent.id for agent in agents if not agent.sees_complaints)
        self._works = {work.id: work for work in works}
        self._plans = {work.id: self._plan(work) for work in works}
        self._kept_from = {work.id: self._not_for(work) for work in works}
        self._offer_of = {work.id: work.offer_id for work in works if work.state == State.OFFERED}
        self._misgiven = [work for work in works if work.offered_to in self._kept_from[work.id]]
        self._undecided: list[Decision] = []
        self._lines = Lines()
        self._kept_for: defaultdict[int, set[int]] = defaultdict(set)
        for work in works:
            self._remember(work)
        self._engine = Engine.from_snapshot(
            self._snapshot(bars, at), seconds(at), Config(cooldown=definitions.cooldown_s)
        )

    def _plan(self, work: Work) -> Plan:
        return self._definitions.plan(work, target_is_there=self._target_is_there(work))

    def _request(self, work: Work) -> Request:
        return self._definitions.request(work, self._plans[work.id], self._kept_from[work.id])

    def _target_is_there(self, work: Work) -> bool:
        """A letter waits while its person is on a break; a chat or call does not."""
        target = self._agents.get(work.target_user_id) if work.target_user_id is not None else None
        if target is None:
            return False
        return target.available if work.channel in LIVE_CHANNELS else target.present

    def _not_for(self, work: Work) -> frozenset[int]:
        """Whom a complaint is about, and who may see no complaint at all."""
        return work.not_for | self._blind if work.complaint else frozenset()

    def _snapshot(self, bars: Sequence[Bar], at: datetime) -> Snapshot:
        barred: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for bar in bars:
            barred[bar.conversation_id].append((bar.user_id, seconds(bar.until)))
        return Snapshot(
            agents=tuple(self._agent_snapshot(agent, at) for agent in self._agents.values()),
            tickets=tuple(
                TicketSnapshot(
                    id=work.id,
                    request=self._request(work),
                    enqueued_at=seconds(work.enqueued_at),
                    state=ENGINE_STATE[work.state],
                    agent=work.offered_to if work.state == State.OFFERED else work.agent_id,
                    deadline=seconds(work.deadline_at) if work.deadline_at else None,
                    bars=tuple(barred[work.id]),
                )
                for work in self._works.values()
            ),
        )

    def _agent_snapshot(self, agent: AgentFact, at: datetime) -> AgentSnapshot:
        """A wrap-up that ended while nobody looked made the agent idle at its end, not now."""
        over = agent.wrap_until is not None and agent.wrap_until <= at
        idle_since = agent.wrap_until if over else agent.idle_since
        return AgentSnapshot(
            profile=self._definitions.profile(agent),
            ready=agent.available,
            idle_since=seconds(idle_since) if idle_since else 0.0,
            wrap_until=seconds(agent.wrap_until) if agent.wrap_until and not over else None,
        )

    # ── facts in ────────────────────────────────────────────────────────────────────────────────────────────────

    def knows_agent(self, user_id: int) -> bool:
        """Whether the agent is on the roster."""
        return user_id in self._agents

    def see_agents(self, facts: Sequence[AgentFact], at: datetime) -> None:
        """Bring agents up to date; those who became ready meanwhile become so together."""
        before = {fact.id: self._agents.get(fact.id) for fact in facts}
        for fact in facts:
            self._see_profile(fact, before[fact.id], seconds(at))
            self._agents[fact.id] = fact
        self._see_blind(facts, at)
        for fact in facts:
            self._see_presence(fact, before[fact.id], at)
        ready = [fact.id for fact in facts if fact.available and not self._engine.is_ready(fact.id)]
        if ready:
            self._collect(self._engine.ready(seconds(at), *ready))

    def _see_profile(self, fact: AgentFact, before: AgentFact | None, t: float) -> None:
        profile = self._definitions.profile(fact)
        if before is None:
            self._engine.add_agent(profile)
        elif profile != self._definitions.profile(before):
            self._collect(self._engine.update_agent(t, profile))

    def _see_blind(self, facts: Sequence[AgentFact], at: datetime) -> None:
        """Somebody may see complaints no longer, or again."""
        sighted = {fact.id for fact in facts if fact.sees_complaints}
        blind = self._blind.union(fact.id for fact in facts) - sighted
        if blind != self._blind:
            self._blind = blind
            for work in self._works.values():
                self._keep_away(work, at)

    def _see_presence(self, fact: AgentFact, before: AgentFact | None, at: datetime) -> None:
        if fact.wrap_until is None:
            self._collect(self._engine.end_wrap_up(seconds(at), fact.id))
        if not fact.available and self._engine.is_ready(fact.id):
            self._collect(self._engine.away(seconds(at), fact.id))
        if before is None or (before.present, before.available) != (fact.present, fact.available):
            self._plan_again_for(fact.id, at)

    def _plan_again_for(self, user_id: int, at: datetime) -> None:
        """What was kept for somebody who went away goes to the queue, and comes back to him with him."""
        for conversation_id in list(self._kept_for[user_id]):
            if self._engine.state_of(conversation_id) is TicketState.WAITING:
                self._follow_plan(self._works[conversation_id], at)

    def see_work(self, work: Work, at: datetime) -> None:
        """Make the engine agree with one conversation, by the event that must have happened."""
        if work.silent:
            self._let_go(work, seconds(at))
            return
        if work.id in self._silent:
            self._admit(self._silent.pop(work.id), at)
        state = self._engine.state_of(work.id)
        if work.state in OVER:
            self._finish(work, state, seconds(at))
            return
        if state is None:
            self._admit(work, at)
            return
        if work.state == State.ACTIVE:
            self._settle(work, state, seconds(at))
        elif work.state == State.OFFERED:
            self._compare_offer(work, state)
        elif state is not TicketState.WAITING:
            self._take_back(work, state, at)
        else:
            self._follow_plan(work, at)
        self._remember(work)
        self._keep_away(work, at)

    def _let_go(self, work: Work, t: float) -> None:
        """Its customer is silent: to the engine it is over, until anything happens to it. Then first it is its agent's again."""
        self._finish(work, self._engine.state_of(work.id), t)
        self._silent[work.id] = work

    def _keep_away(self, work: Work, at: datetime) -> None:
        """Tell the engine who may not have it, if that changed: what rings at one of them goes to the next."""
        not_for = self._not_for(work)
        if not_for != self._kept_from[work.id]:
            self._kept_from[work.id] = not_for
            self._collect(self._engine.keep_from(seconds(at), work.id, not_for))

    def _admit(self, work: Work, at: datetime) -> None:
        if work.state == State.OFFERED:
            raise OutOfStepError(f"conversation {work.id} is offered, but not by this router")
        self._plans[work.id], self._kept_from[work.id] = self._plan(work), self._not_for(work)
        request, enqueued_at = self._request(work), seconds(work.enqueued_at)
        if work.state == State.WAITING:
            self._collect(self._engine.enqueue(seconds(at), work.id, request, enqueued_at))
        elif work.agent_id is not None:
            self._collect(self._engine.assign(seconds(at), work.id, work.agent_id, request, enqueued_at))
        self._remember(work)

    def _settle(self, work: Work, state: TicketState, t: float) -> None:
        """Somebody has it: by accepting our offer, or past us."""
        holder = work.agent_id
        if holder is None or (state is TicketState.ACTIVE and self._engine.agent_of(work.id) == holder):
            return
        self._drop_undecided(work.id)
        if state is TicketState.OFFERED and self._engine.agent_of(work.id) == holder:
            self._collect(self._engine.accept(t, work.id, holder))
        else:
            self._collect(self._engine.assign(t, work.id, holder))

    def _compare_offer(self, work: Work, state: TicketState) -> None:
        ours = state is TicketState.OFFERED and self._engine.agent_of(work.id) == work.offered_to
        if not ours or self._offer_of.get(work.id) != work.offer_id:
            raise OutOfStepError(f"conversation {work.id} is offered to somebody else than the router thinks")

    def _take_back(self, work: Work, state: TicketState, at: datetime) -> None:
        """It waits again: declined, transferred, or the offer never reached the database.

        First what it needs from now on: the moment it waits, the engine may give it to the next.
        """
        t = seconds(at)
        ours = self._offer_of.pop(work.id, None)
        declined = work.offer_state == "declined" and work.offer_id == ours
        self._drop_undecided(work.id)
        self._follow_plan(work, at)
        if state is not TicketState.OFFERED:
            self._collect(self._engine.transfer(t, work.id, *self._plans[work.id].at(at)))
        elif declined:
            self._collect(self._engine.reject(t, work.id))
        else:
            self._collect(self._engine.release(t, work.id))

    def _follow_plan(self, work: Work, at: datetime) -> None:
        """Give a ticket its new requirement and key, if they changed; who has it or is asked keeps it."""
        plan = self._plan(work)
        if plan == self._plans[work.id]:
            return
        needs, steps = plan.at(at)
        self._collect(self._engine.require(seconds(at), work.id, needs, steps))
        self._shift(work.id, plan, seconds(at))
        self._plans[work.id] = plan

    def _shift(self, conversation_id: int, plan: Plan, t: float) -> None:
        points = plan.points - self._plans[conversation_id].points
        if points:
            self._collect(self._engine.raise_priority(t, conversation_id, points))

    def _finish(self, work: Work, state: TicketState | None, t: float) -> None:
        self._drop_undecided(work.id)
        if state is TicketState.OFFERED and work.offer_state == "ended":
            self._collect(self._engine.accept(t, work.id))  # accepted and finished since we last looked
            state = TicketState.ACTIVE
        if state is TicketState.ACTIVE:
            wraps = work.state == State.WRAP_UP and work.wrap_until is not None
            wrap_s = max(0.0, seconds(work.wrap_until) - t) if wraps and work.wrap_until else 0.0
            self._collect(self._engine.complete(t, work.id, wrap_s))
        elif state is not None:
            self._collect(self._engine.abandon(t, work.id))
        self._forget(work.id)

    def _remember(self, work: Work) -> None:
        self._forget_target(work.id)
        self._works[work.id] = work
        self._lines.see(work.id, work.queue_id, work.state, work.enqueued_at)
        if work.target_user_id is not None:
            self._kept_for[work.target_user_id].add(work.id)

    def _forget(self, conversation_id: int) -> None:
        self._forget_target(conversation_id)
        self._works.pop(conversation_id, None)
        self._plans.pop(conversation_id, None)
        self._kept_from.pop(conversation_id, None)
        self._offer_of.pop(conversation_id, None)
        self._lines.forget(conversation_id)

    def _forget_target(self, conversation_id: int) -> None:
        before = self._works.get(conversation_id)
        if before is not None and before.target_user_id is not None:
            self._kept_for[before.target_user_id].discard(conversation_id)

    # ── time and decisions ──────────────────────────────────────────────────────────────────────────────────────

    def next_due(self) -> datetime | None:
        """When the engine next acts by itself."""
        due = self._engine.next_due()
        return instant(due) if due is not None else None

    def come_up_to(self, at: datetime) -> None:
        """Before facts are told as of `at`: what is overdue happens, but no offer lapses that may have been answered."""
        self._collect(self._engine.come_up_to(seconds(at)))

    def pass_time(self, at: datetime) -> None:
        """Let everything due by then happen, at once; then take back what the last router gave to who may not have it."""
        self._collect(self._engine.catch_up(seconds(at) + 2 * JUST_AFTER))
        for work in self._misgiven:
            self._collect(self._engine.keep_from(seconds(at), work.id, self._kept_from[work.id]))
        self._misgiven = []

    def take_decisions(self) -> list[Wish]:
        """What is to be written to the database now, in order; each is answered by `written` or left unanswered."""
        wishes = [self._wish(decision) for decision in self._undecided]
        self._undecided = []
        return [wish for wish in wishes if wish.kind == "offer" or wish.offer_id is not None]

    def written(self, wish: Wish, offer_id: int) -> None:
        """The database agreed: the offer stands, or it is over."""
        work = self._works[wish.conversation_id]
        if wish.kind == "offer":
            self._offer_of[work.id] = offer_id
        elif self._offer_of.get(work.id) == offer_id:
            del self._offer_of[work.id]
        state = State.OFFERED if wish.kind == "offer" else State.WAITING
        self._lines.see(work.id, work.queue_id, state, work.enqueued_at)

    def explain(self, conversation_id: int) -> Explanation | None:
        """Why it waits, or why it is with its agent."""
        return self._engine.explain(conversation_id)

    def changed_lines(self) -> list[Line]:
        """The queues whose figures moved since the last call."""
        return self._lines.changed()

    def _wish(self, decision: Decision) -> Wish:
        conversation_id, user_id = int(decision.ticket), int(decision.agent)
        work = self._works[conversation_id]
        channel = engine_channel(work.channel)
        return Wish(
            kind=decision.kind,
            conversation_id=conversation_id,
            user_id=user_id,
            offer_id=self._offer_of.get(conversation_id),
            deadline_at=instant(decision.deadline) if decision.deadline is not None else None,
            channel=channel,
            cap=self._agents[user_id].caps[channel],
            reasons=self._reasons(conversation_id) if decision.kind == "offer" else {},
        )

    def _reasons(self, conversation_id: int) -> dict[str, Any]:  # Any: JSON
        """What the console shows behind "why me?"."""
        large = len(self._agents) > WHOLE_FLOOR_MAX
        explanation = self._engine.explain(conversation_id, only_with_room=large)
        return as_kept(explanation) if explanation is not None else {}

    def _collect(self, decisions: Sequence[Decision]) -> None:
        """Keep what was decided; an offer taken back before anybody knew of it never was."""
        for decision in decisions:
            if decision.kind == "returned" and self._drop_undecided(int(decision.ticket)):
                continue
            self._undecided.append(decision)
            if decision.kind == "missed":
                self._lose(int(decision.agent), decision.t)

    def _lose(self, user_id: int, t: float) -> None:
        """The engine made an agent away: what is kept for him need not wait."""
        self._agents[user_id] = replace(self._agents[user_id], available=False, present=False)
        self._plan_again_for(user_id, instant(t))

    def _drop_undecided(self, conversation_id: int) -> bool:
        for place in reversed(range(len(self._undecided))):
            decision = self._undecided[place]
            if decision.ticket == conversation_id and decision.kind == "offer":
                del self._undecided[place]
                return True
        return False


def seconds(at: datetime) -> float:
    """The engine's clock."""
    return at.timestamp()


def instant(t: float) -> datetime:
    """The database's clock."""
    return datetime.fromtimestamp(t, UTC)

"""The engine: events in, decisions out. The rules R1 to R12 are told in the package docstring."""

from collections.abc import Iterable, Iterator

from routing.explain import Explanation, explain
from routing.floor import Floor, check_plan
from routing.model import (
    JUST_AFTER,
    SECONDS_PER_PRIORITY_POINT,
    AgentProfile,
    Config,
    Decision,
    Id,
    Needs,
    Request,
    Snapshot,
    Step,
    TicketState,
)
from routing.snapshot import restore, take
from routing.state import ACTIVE, OFFERED, WAITING, Ticket


class Engine:
    """Who waits, who is free, and who gets whom.

    Every method that takes a time `t` first fires the timers due by then, applies its event, dispatches once and
    returns all decisions in order. A `t` before the latest one counts as the latest one. An event that no longer fits
    (accepting a missed offer, an unknown ticket or agent) changes nothing.
    """

    def __init__(self, config: Config | None = None, agents: Iterable[AgentProfile] = ()) -> None:
        self._floor = Floor(config or Config())
        for profile in agents:
            self.add_agent(profile)

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, t: float, config: Config | None = None) -> "Engine":
        """Rebuild an engine as of `t`. Nothing is decided yet: call `catch_up(t)` next and publish what it returns."""
        engine = cls(config)
        restore(engine._floor, snapshot, t)
        return engine

    def snapshot(self) -> Snapshot:
        """Everything needed to go on elsewhere."""
        return take(self._floor)

    # ── the roster ──────────────────────────────────────────────────────────────────────────────────────────────

    def add_agent(self, profile: AgentProfile) -> None:
        """Put an agent at the end of the roster, away. ValueError if the id is taken or a capacity names no channel."""
        self._floor.hire(profile)

    def update_agent(self, t: float, profile: AgentProfile) -> list[Decision]:
        """Change what an agent can do; offers and work at hand stay. ValueError if a capacity names no channel."""
        self._floor.caps(profile)
        self._floor.begin(t)
        agent = self._floor.agents.get(profile.id)
        if agent is not None:
            self._floor.retrain(agent, profile)
        return self._floor.dispatch()

    def remove_agent(self, t: float, agent_id: Id) -> list[Decision]:
        """Take an agent off the roster: offers return, active work goes on and can still be completed or released."""
        self._floor.begin(t)
        agent = self._floor.agents.get(agent_id)
        if agent is not None:
            self._floor.dismiss(agent)
        return self._floor.dispatch()

    # ── presence ────────────────────────────────────────────────────────────────────────────────────────────────

    def ready(self, t: float, *agent_ids: Id) -> list[Decision]:
        """Agents become ready, several at once in one dispatch; the idle time of those that were away starts."""
        self._floor.begin(t)
        for agent_id in agent_ids:
            agent = self._floor.agents.get(agent_id)
            if agent is not None and not agent.ready:
                agent.ready = True
                self._floor.free(agent)
        return self._floor.dispatch()

    def away(self, t: float, agent_id: Id) -> list[Decision]:
        """An agent goes away: offers return to their old places, active work stays."""
        self._floor.begin(t)
        agent = self._floor.agents.get(agent_id)
        if agent is not None:
            self._floor.send_away(agent)
        return self._floor.dispatch()

    def end_wrap_up(self, t: float, agent_id: Id) -> list[Decision]:
        """An agent has finished wrapping up before the time is over."""
        self._floor.begin(t)
        agent = self._floor.agents.get(agent_id)
        if agent is not None and agent.wrap_until is not None:
            agent.wrap_until = None
            self._floor.free(agent)
        return self._floor.dispatch()

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────────

    def enqueue(
        self, t: float, ticket_id: Id, request: Request, enqueued_at: float | None = None
    ) -> list[Decision]:
        """A ticket arrives; its key counts from `enqueued_at` (`t` if not given: a command may be told late).

        ValueError if the channel or a literal of a requirement makes no sense.
        """
        floor = self._floor
        floor.check(request)
        floor.begin(t)
        if ticket_id not in floor.tickets:
            floor.wait(floor.admit(ticket_id, request, floor.now if enqueued_at is None else enqueued_at))
        return self._floor.dispatch()

    def accept(self, t: float, ticket_id: Id, agent_id: Id | None = None) -> list[Decision]:
        """The offered agent takes the ticket. With `agent_id`, only if the offer is still this agent's."""
        self._floor.begin(t)
        ticket = self._offered(ticket_id, agent_id)
        if ticket is not None and ticket.agent is not None:
            del ticket.agent.offers[ticket]
            ticket.state = ACTIVE
            ticket.deadline = None
        return self._floor.decisions

    def reject(self, t: float, ticket_id: Id, agent_id: Id | None = None) -> list[Decision]:
        """The offered agent declines: stays ready as the latest idle, and does not meet this ticket for a while."""
        self._floor.begin(t)
        ticket = self._offered(ticket_id, agent_id)
        if ticket is not None:
            self._floor.part(ticket)
        return self._floor.dispatch()

    def complete(self, t: float, ticket_id: Id, wrap: float = 0.0) -> list[Decision]:
        """Active work ends; its agent wraps up for so many seconds. Of two wrap-ups the later end counts."""
        floor = self._floor
        floor.begin(t)
        ticket = self._active(ticket_id)
        if ticket is not None:
            agent = floor.detach(ticket)
            floor.forget(ticket)
            if wrap > 0:
                floor.wrap_up(agent, floor.now + wrap)
            floor.free(agent)
        return self._floor.dispatch()

    def transfer(self, t: float, ticket_id: Id, needs: Needs, steps: tuple[Step, ...] = ()) -> list[Decision]:
        """Active work goes back with a new requirement and its old key, not to the same agent for a while.

        The steps, counted from the transfer, replace those of the request.
        """
        check_plan(needs, steps)
        self._floor.begin(t)
        ticket = self._active(ticket_id)
        if ticket is not None:
            self._floor.replan(ticket, needs, steps)
            self._floor.part(ticket)
        return self._floor.dispatch()

    def release(self, t: float, ticket_id: Id) -> list[Decision]:
        """A ticket leaves its agent without fault, to wait at its old place with its requirement.

        For active work whose agent has vanished, and for an offer that never reached its agent.
        """
        self._floor.begin(t)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None and ticket.agent is not None:
            self._floor.detach(ticket)
            self._floor.wait(ticket)
        return self._floor.dispatch()

    def abandon(self, t: float, ticket_id: Id) -> list[Decision]:
        """The customer gives up while waiting, or while the offer rings: then the agent is freed without penalty."""
        self._floor.begin(t)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None and ticket.state is not ACTIVE:
            if ticket.state is OFFERED:
                self._floor.detach(ticket)
            self._floor.forget(ticket)
        return self._floor.dispatch()

    def raise_priority(self, t: float, ticket_id: Id, points: float) -> list[Decision]:
        """Move a ticket forward by 60 s a point, whatever its state; negative points move it back."""
        self._floor.begin(t)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None:
            ticket.priority += points
            ticket.key -= SECONDS_PER_PRIORITY_POINT * points
            self._wait_anew(ticket)
        return self._floor.dispatch()

    def require(self, t: float, ticket_id: Id, needs: Needs, steps: tuple[Step, ...] = ()) -> list[Decision]:
        """Change the requirement of a ticket (a supervisor's "give this to X" is `agent:X`); an offer stays as it is."""
        check_plan(needs, steps)
        self._floor.begin(t)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None:
            self._floor.replan(ticket, needs, steps)
            self._wait_anew(ticket)
        return self._floor.dispatch()

    def keep_from(self, t: float, ticket_id: Id, agent_ids: Iterable[Id]) -> list[Decision]:
        """These agents, and no others, may not be offered the ticket; if it rings at one of them, that offer returns."""
        self._floor.begin(t)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None:
            self._floor.keep_from(ticket, agent_ids)
        return self._floor.dispatch()

    def assign(
        self,
        t: float,
        ticket_id: Id,
        agent_id: Id,
        request: Request | None = None,
        enqueued_at: float | None = None,
    ) -> list[Decision]:
        """Give a ticket to an agent by hand, active at once, whatever requirement, presence and capacity say.

        With a `request` the ticket may be new to the engine (an outbound call, a chat that comes back); should it wait
        some day, its key counts from `enqueued_at` (`t` if not given).
        """
        floor = self._floor
        if request is not None:
            floor.check(request)
        floor.begin(t)
        agent = floor.agents.get(agent_id)
        ticket = floor.tickets.get(ticket_id)
        if ticket is None and agent is not None and request is not None:
            ticket = floor.admit(ticket_id, request, floor.now if enqueued_at is None else enqueued_at)
        if ticket is not None and agent is not None:
            if ticket.agent is not None:
                floor.detach(ticket)
            floor.attach(ticket, agent)
            ticket.state = ACTIVE
            floor.lanes.list_idle(agent)
        return self._floor.dispatch()

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def now(self) -> float:
        """The time of the latest event or timer; minus infinity before the first."""
        return self._floor.now

    def next_due(self) -> float | None:
        """When the next timer fires, if nothing else happens before."""
        return self._floor.timers.next_due()

    def advance(self, t: float) -> list[Decision]:
        """Let time pass: every timer due by `t` fires at its own moment."""
        self._floor.begin(t)
        return self._floor.decisions

    def come_up_to(self, t: float) -> list[Decision]:
        """Like `catch_up`, but offers that should have lapsed by `t` lapse just after it.

        So a process that comes late hears first what was answered in time, and nothing is decided for a moment gone by.
        """
        floor = self._floor
        floor.decisions = []
        floor.now = max(floor.now, t)
        due = floor.timers.pop(floor.now)
        floor.fire([timer for timer in due if timer[2] != "deadline"])
        for _due, _n, moment, owner in due:
            if moment == "deadline" and isinstance(owner, Ticket) and owner.deadline is not None:
                owner.deadline = floor.now + JUST_AFTER
                floor.timers.add(owner.deadline, "deadline", owner)
        return floor.dispatch()

    def catch_up(self, t: float) -> list[Decision]:
        """Let everything that is overdue happen now, at once: for a process that was down or stalled.

        Unlike `advance`, it makes no offer in the past that would be missed before anybody could see it.
        """
        floor = self._floor
        floor.decisions = []
        floor.now = max(floor.now, t)
        floor.fire(floor.timers.pop(floor.now))
        return self._floor.dispatch()

    # ── questions ───────────────────────────────────────────────────────────────────────────────────────────────

    def explain(self, ticket_id: Id, *, only_with_room: bool = False) -> Explanation | None:
        """Why this ticket waits, or why it is with its agent; None if it is unknown. Costs a look at every agent.

        `only_with_room`: says nothing of agents who have no room for it; a tenth of the cost where most are busy.
        """
        ticket = self._floor.tickets.get(ticket_id)
        return explain(self._floor, ticket, only_with_room=only_with_room) if ticket is not None else None

    def state_of(self, ticket_id: Id) -> TicketState | None:
        """Where a ticket stands; None if it is unknown."""
        ticket = self._floor.tickets.get(ticket_id)
        return ticket.state if ticket is not None else None

    def agent_of(self, ticket_id: Id) -> Id | None:
        """Whom a ticket is offered to or worked on by."""
        ticket = self._floor.tickets.get(ticket_id)
        return ticket.agent.id if ticket is not None and ticket.agent is not None else None

    def load_of(self, agent_id: Id) -> dict[str, int]:
        """The work of an agent by channel, offers included; empty if the agent is unknown."""
        agent = self._floor.agents.get(agent_id)
        return dict(zip(self._floor.channels, agent.load, strict=True)) if agent is not None else {}

    def is_ready(self, agent_id: Id) -> bool:
        """Whether an agent is present for work (perhaps busy or wrapping up)."""
        agent = self._floor.agents.get(agent_id)
        return agent is not None and agent.ready

    def waiting(self) -> Iterator[Id]:
        """The tickets that wait, in no particular order."""
        return (ticket.id for ticket in self._floor.tickets.values() if ticket.state is WAITING)

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _wait_anew(self, ticket: Ticket) -> None:
        if ticket.state is WAITING:
            self._floor.wait(ticket)

    def _offered(self, ticket_id: Id, agent_id: Id | None) -> Ticket | None:
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is None or ticket.agent is None or ticket.state is not OFFERED:
            return None
        return ticket if agent_id is None or ticket.agent.id == agent_id else None

    def _active(self, ticket_id: Id) -> Ticket | None:
        ticket = self._floor.tickets.get(ticket_id)
        return ticket if ticket is not None and ticket.state is ACTIVE else None

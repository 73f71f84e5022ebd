"""The floor: agents, tickets, lanes and timers, and the few moves every event is made of. Known only inside the package."""

from collections.abc import Iterable
from functools import lru_cache

from routing.dispatch import round_of
from routing.lanes import Lanes
from routing.model import AgentProfile, Config, Decision, Id, Needs, Request, Step
from routing.requirements import parse_literal
from routing.state import OFFERED, WAITING, Agent, Plan, Ticket
from routing.timers import Timer, Timers


class Floor:
    """All live state. A move marks what it changes; `dispatch` then looks at nothing else."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.now = float("-inf")
        self.channels = {channel.name: number for number, channel in enumerate(config.channels)}
        self._rings = [config.ring_by_channel.get(name, config.ring) for name in self.channels]
        self.lanes = Lanes(config.channels)
        self.timers = Timers()
        self.agents: dict[Id, Agent] = {}
        self.tickets: dict[Id, Ticket] = {}
        self.decisions: list[Decision] = []
        self._arrivals = 0
        self._hired = 0
        self._changed_agents: dict[Agent, None] = {}
        self._changed_tickets: dict[Ticket, None] = {}

    # ── agents ──────────────────────────────────────────────────────────────────────────────────────────────────

    def hire(self, profile: AgentProfile) -> Agent:
        """Put an agent at the end of the roster, away."""
        if profile.id in self.agents:
            raise ValueError(f"agent {profile.id!r} is already there")
        agent = Agent(profile, self._hired, self.caps(profile))
        self._hired += 1
        self.agents[profile.id] = agent
        self.lanes.join(agent)
        return agent

    def retrain(self, agent: Agent, profile: AgentProfile) -> None:
        """Change what an agent can do."""
        caps = self.caps(profile)
        self.lanes.leave(agent)
        agent.change(profile, caps)
        self.lanes.join(agent)
        self._changed_agents[agent] = None

    def dismiss(self, agent: Agent) -> None:
        """Take an agent off the roster; its active work keeps it alive until that ends."""
        self.send_away(agent)
        self.lanes.leave(agent)
        del self.agents[agent.id]

    def caps(self, profile: AgentProfile) -> list[int]:
        """The capacity for each channel (R4). ValueError if one is named that does not exist."""
        if profile.caps is None:
            return [channel.cap for channel in self.config.channels]
        for name in profile.caps:
            self.channel(name)
        return [profile.caps.get(name, 0) for name in self.channels]

    def channel(self, name: str) -> int:
        """The number of a channel. ValueError if there is none of that name."""
        if name not in self.channels:
            raise ValueError(f"there is no channel {name!r}")
        return self.channels[name]

    def free(self, agent: Agent) -> None:
        """The agent's idle time starts now (R5)."""
        agent.idle_since = self.now
        self._changed_agents[agent] = None

    def send_away(self, agent: Agent) -> None:
        """Make the agent away; what it was offered returns to its old place (R11)."""
        agent.ready = False
        self._changed_agents[agent] = None
        for ticket in list(agent.offers):
            self._return(ticket, agent)

    def _return(self, ticket: Ticket, agent: Agent) -> None:
        """Withdraw an offer: the ticket waits at its old place."""
        self.decisions.append(Decision(self.now, "returned", ticket.id, agent.id))
        self.detach(ticket)
        self.wait(ticket)

    def wrap_up(self, agent: Agent, until: float) -> None:
        """Keep the agent from new work until then; of two wrap-ups the later end counts."""
        if agent.wrap_until is None or until > agent.wrap_until:
            agent.wrap_until = until
            self.timers.add(until, "wrap_until", agent)

    # ── tickets ─────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self, request: Request) -> None:
        """ValueError if the channel or a literal of a requirement makes no sense."""
        self.channel(request.channel)
        check_plan(request.needs, request.steps)

    def admit(self, ticket_id: Id, request: Request, enqueued_at: float) -> Ticket:
        """Make a ticket known, with all that will change it by itself (R2, R9). It does not wait yet."""
        ticket = Ticket(ticket_id, request, self._arrivals, enqueued_at)
        channel = ticket.channel = self.channels[request.channel]
        ticket.ring = self._rings[channel] if request.ring is None else request.ring
        self._arrivals += 1
        self.tickets[ticket_id] = ticket
        if request.steps or request.prefer is not None or request.opens_at is not None:
            plan = ticket.plan = Plan(request.steps, enqueued_at)
            plan.opens_at = request.opens_at
            preferred = self.agents.get(request.prefer) if request.prefer is not None else None
            if preferred is not None and preferred.ready:
                plan.prefer, plan.prefer_until = preferred.id, enqueued_at + request.prefer_for
            self.set_change_timer(ticket)
        return ticket

    def keep_from(self, ticket: Ticket, agent_ids: Iterable[Id]) -> None:
        """Keep the ticket from these agents and no others; one who is being offered it loses the offer."""
        ticket.keep_from(agent_ids)
        agent = ticket.agent
        if ticket.state is OFFERED and agent is not None and agent.id in ticket.not_for:
            self._return(ticket, agent)
        elif ticket.state is WAITING:
            self.wait(ticket)

    def replan(self, ticket: Ticket, needs: Needs, steps: tuple[Step, ...]) -> None:
        """Give the ticket another requirement; steps, preference and opening time of the old one are void."""
        ticket.needs = needs
        ticket.plan = Plan(steps, self.now)
        self.set_change_timer(ticket)

    def forget(self, ticket: Ticket) -> None:
        """The ticket is over: its timers die with it."""
        ticket.place = ticket.next_change = ticket.bar_end = None
        del self.tickets[ticket.id]

    def wait(self, ticket: Ticket) -> None:
        """Let the ticket wait; where, the next dispatch finds out."""
        ticket.state = WAITING
        ticket.place = None
        self._changed_tickets[ticket] = None

    def attach(self, ticket: Ticket, agent: Agent) -> None:
        """Count the ticket as this agent's work. The agent's idle entries need an update after that."""
        ticket.place = None
        ticket.agent = agent
        agent.take(ticket.channel)

    def detach(self, ticket: Ticket) -> Agent:
        """Take an offered or active ticket from its agent."""
        agent = ticket.agent
        if agent is None:
            raise AssertionError(f"ticket {ticket.id!r} has no agent")
        if ticket.state is OFFERED:
            del agent.offers[ticket]
        ticket.agent = ticket.deadline = None
        agent.drop(ticket.channel)
        self._changed_agents[agent] = None
        return agent

    def part(self, ticket: Ticket) -> None:
        """Return the ticket to its old place and bar it from the agent that had it for the cooldown (R8)."""
        agent = self.detach(ticket)
        if self.config.cooldown > 0:
            ticket.bar(agent, self.now + self.config.cooldown)
            self.set_bar_timer(ticket)
        self.free(agent)
        self.wait(ticket)

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self, t: float) -> None:
        """Before an event at `t`: every timer due by then fires at its own instant, each with its dispatch (R1)."""
        self.decisions = []
        if t > self.now:
            if self.timers.first <= t:
                self._let_pass(t)
            self.now = t

    def _let_pass(self, t: float) -> None:
        while (due := self.timers.next_due()) is not None and due <= t:
            self.now = max(self.now, due)
            self.fire(self.timers.pop(due))
            self.dispatch()

    def fire(self, timers: list[Timer]) -> None:
        """Handle timers of one instant together. All offers that lapse now are missed, whoever rang first (R7)."""
        gone: dict[Agent, None] = {}
        for due, _, moment, owner in timers:
            if getattr(owner, moment) != due:
                continue
            if isinstance(owner, Agent):
                owner.wrap_until = None
                self.free(owner)
            elif moment == "deadline":
                agent = self.detach(owner)
                self.decisions.append(Decision(self.now, "missed", owner.id, agent.id))
                self.wait(owner)
                gone[agent] = None
            elif moment == "bar_end":
                self._lift_bars(owner)
            else:
                self._change(owner)
        for agent in gone:
            self.send_away(agent)

    def set_change_timer(self, ticket: Ticket) -> None:
        """Wake up when the requirement next changes by itself."""
        ticket.next_change = ticket.plan.change_after(self.now) if ticket.plan is not None else None
        if ticket.next_change is not None:
            self.timers.add(ticket.next_change, "next_change", ticket)

    def set_bar_timer(self, ticket: Ticket) -> None:
        """Wake up when the first bar ends."""
        ticket.bar_end = min(ticket.bars.values()) if ticket.bars else None
        if ticket.bar_end is not None:
            self.timers.add(ticket.bar_end, "bar_end", ticket)

    def _lift_bars(self, ticket: Ticket) -> None:
        ticket.lift_bars(self.now)
        self.set_bar_timer(ticket)
        if ticket.state is WAITING:
            self.wait(ticket)

    def _change(self, ticket: Ticket) -> None:
        self.set_change_timer(ticket)
        if ticket.state is WAITING:
            self.wait(ticket)

    # ── dispatch ────────────────────────────────────────────────────────────────────────────────────────────────

    def dispatch(self) -> list[Decision]:
        """Offer what can be offered now that something changed (R6), and say all that was decided since `begin`.

        One ticket or one agent needs no matching.
        """
        tickets, agents = self._changed_tickets, self._changed_agents
        if not agents and len(tickets) == 1:
            self._serve_ticket(tickets.popitem()[0])
        elif not tickets and len(agents) == 1:
            self._serve_agent(agents.popitem()[0])
        elif tickets or agents:
            self._changed_tickets, self._changed_agents = {}, {}
            self._serve_several(list(tickets), list(agents))
        return self.decisions

    def _serve_agent(self, agent: Agent) -> None:
        while (ticket := self.lanes.best_ticket(agent, self.now)) is not None:
            self._offer(ticket, agent)
        self.lanes.list_idle(agent)

    def _serve_ticket(self, ticket: Ticket) -> None:
        ticket.lanes = self.lanes.resolve(ticket.channel, ticket.needs_at(self.now))
        agent = self.lanes.best_agent(ticket, self.now)
        if agent is None:
            self.lanes.place(ticket)
        else:
            self._offer(ticket, agent)
            self.lanes.list_idle(agent)

    def _serve_several(self, tickets: list[Ticket], changed: list[Agent]) -> None:
        """The same when several changed. Those that only lost room are out of it at once."""
        for agent in changed:
            self.lanes.list_idle(agent)
        agents = [agent for agent in changed if self.lanes.room(agent)]
        if not agents and len(tickets) == 1:
            self._serve_ticket(tickets[0])
        elif tickets or agents:
            self._serve_jointly(tickets, agents)

    def _serve_jointly(self, tickets: list[Ticket], agents: list[Agent]) -> None:
        for ticket in tickets:
            ticket.lanes = self.lanes.resolve(ticket.channel, ticket.needs_at(self.now))
            self.lanes.place(ticket)
        while pairs := round_of(self.lanes, tickets, agents, self.now):
            for ticket, agent in pairs:
                self._offer(ticket, agent)
                self.lanes.list_idle(agent)
            tickets, agents = [], [agent for _, agent in pairs]

    def _offer(self, ticket: Ticket, agent: Agent) -> None:
        """Make the offer and note what spoke for the agent."""
        ticket.decided_at = self.now
        ticket.share = agent.share(ticket.channel)
        ticket.since = agent.idle_since
        self.attach(ticket, agent)
        ticket.state = OFFERED
        agent.offers[ticket] = None
        if ticket.ring > 0:
            ticket.deadline = self.now + ticket.ring
            self.timers.add(ticket.deadline, "deadline", ticket)
        self.decisions.append(Decision(self.now, "offer", ticket.id, agent.id, ticket.deadline))


def check_plan(needs: Needs, steps: tuple[Step, ...]) -> None:
    """ValueError if a literal of a requirement makes no sense."""
    check_needs(needs)
    for _, later in steps:
        check_needs(later)


@lru_cache(maxsize=4096)
def check_needs(needs: Needs) -> None:
    """ValueError if a literal of the requirement makes no sense; remembered, so that it costs next to nothing."""
    for alternative in needs:
        for literal in alternative:
            parse_literal(literal)

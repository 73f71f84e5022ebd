"""Taking the state out of an engine and putting it into a new one."""

from routing.floor import Floor
from routing.model import AgentProfile, AgentSnapshot, Request, Snapshot, TicketSnapshot
from routing.state import OFFERED, WAITING, Agent, Plan, Ticket, agent_literal


def take(floor: Floor) -> Snapshot:
    """All agents in roster order and all tickets in order of arrival."""
    return Snapshot(
        agents=tuple(_agent(floor, agent) for agent in floor.agents.values()),
        tickets=tuple(_ticket(floor, ticket) for ticket in floor.tickets.values()),
    )


def restore(floor: Floor, snapshot: Snapshot, t: float) -> None:
    """Fill an empty floor. What is overdue at `t` stays overdue; every ticket that waits counts as changed."""
    floor.now = t
    for stored_agent in snapshot.agents:
        _restore_agent(floor, stored_agent)
    for stored in snapshot.tickets:
        _restore_ticket(floor, stored)


def _agent(floor: Floor, agent: Agent) -> AgentSnapshot:
    own = agent_literal(agent.id)
    skills = {name: level for name, level in agent.levels.items() if name != own}
    caps = dict(zip(floor.channels, agent.caps, strict=True))
    profile = AgentProfile(agent.id, skills, caps, agent.handicap)
    return AgentSnapshot(profile, agent.ready, agent.idle_since, agent.wrap_until)


def _ticket(floor: Floor, ticket: Ticket) -> TicketSnapshot:
    plan = ticket.plan or Plan((), floor.now)
    request = Request(
        needs=plan.base_at(floor.now, ticket.needs),
        channel=floor.config.channels[ticket.channel].name,
        priority=ticket.priority,
        target=ticket.target,
        steps=tuple((at - ticket.enqueued_at, needs) for at, needs in plan.steps if at > floor.now),
        prefer=plan.prefer,
        prefer_for=plan.prefer_until - ticket.enqueued_at if plan.prefer is not None else 0.0,
        opens_at=plan.opens_at,
        ring=ticket.ring,
        not_for=ticket.not_for,
    )
    bars = tuple((agent.id, until) for agent, until in (ticket.bars or {}).items())
    agent_id = ticket.agent.id if ticket.agent is not None else None
    return TicketSnapshot(
        ticket.id, request, ticket.enqueued_at, ticket.state, agent_id, ticket.deadline, bars
    )


def _restore_agent(floor: Floor, stored: AgentSnapshot) -> None:
    agent = floor.hire(stored.profile)
    agent.ready = stored.ready
    floor.free(agent)
    agent.idle_since = stored.idle_since
    if stored.wrap_until is not None:
        floor.wrap_up(agent, stored.wrap_until)


def _restore_ticket(floor: Floor, stored: TicketSnapshot) -> None:
    ticket = floor.admit(stored.id, stored.request, stored.enqueued_at)
    if ticket.plan is not None and stored.request.prefer is not None:
        ticket.plan.prefer = stored.request.prefer
        ticket.plan.prefer_until = stored.enqueued_at + stored.request.prefer_for
        floor.set_change_timer(ticket)
    for agent_id, until in stored.bars:
        if agent_id in floor.agents:
            ticket.bar(floor.agents[agent_id], until)
    floor.set_bar_timer(ticket)
    agent = floor.agents.get(stored.agent) if stored.agent is not None else None
    if stored.state is WAITING:
        floor.wait(ticket)
        return
    if agent is None:
        if stored.state is OFFERED:
            floor.wait(ticket)
        return
    floor.attach(ticket, agent)
    ticket.state = stored.state
    if stored.state is OFFERED:
        agent.offers[ticket] = None
        if stored.deadline is not None:
            ticket.deadline = stored.deadline
            floor.timers.add(stored.deadline, "deadline", ticket)

"""The slow, obvious reference: rules R1 to R12 written down from scratch over plain dictionaries, nothing remembered.

It shares no code with the engine. Everything that depends on time is asked again at every instant, and every choice
is made by trying all possibilities; four agents and a few dozen tickets are as much as it can bear.
"""

from typing import Any

CAPS = {"voice": 1, "chat": 3, "email": 5}
BLOCKED_BY = {"voice": ("voice", "chat"), "chat": ("voice",), "email": ("voice",)}

# What a scenario file holds: JSON values, so `Any`.
Json = dict[str, Any]
Line = tuple[float, str, Any, Any]


class Oracle:
    def __init__(self, config: Json, agents: list[Json]) -> None:
        self.ring = config.get("ring", 20.0)
        self.cooldown = config.get("cooldown", 30.0)
        self.now = float("-inf")
        self.lines: list[Line] = []
        self.arrivals = 0
        self.tickets: dict[Any, Json] = {}
        self.bars: list[tuple[Any, Any, float]] = []
        self.agents: dict[Any, Json] = {}
        for order, agent in enumerate(agents):
            caps = (
                {channel: agent["cap"].get(channel, 0) for channel in CAPS} if "cap" in agent else dict(CAPS)
            )
            self.agents[agent["id"]] = {
                "id": agent["id"],
                "skills": agent.get("skills", {}),
                "cap": caps,
                "handicap": agent.get("handicap", 0),
                "order": order,
                "ready": False,
                "idle_since": 0.0,
                "wrap_until": float("-inf"),
            }

    # R1: timers first, instant by instant, then the event, then one dispatch.

    def event(self, event: list[Any]) -> list[Line]:
        t, verb, *values = event
        before = len(self.lines)
        while (due := self.next_moment()) is not None and due <= t:
            self.now = due
            self.instant()
            self.dispatch()
        self.now = t
        getattr(self, f"on_{verb}")(*values)
        self.dispatch()
        return self.lines[before:]

    def next_moment(self) -> float | None:
        moments = [agent["wrap_until"] for agent in self.agents.values()]
        moments += [until for _, _, until in self.bars]
        for ticket in self.tickets.values():
            moments += [ticket["deadline"]] if ticket["state"] == "offered" and ticket["deadline"] else []
            moments += [moment for moment in ticket["moments"] if moment is not None]
        return min((moment for moment in moments if moment > self.now), default=None)

    def instant(self) -> None:
        for agent in self.agents.values():
            if agent["wrap_until"] == self.now:
                agent["idle_since"] = self.now
        lapsed = [t for t in self.tickets.values() if t["state"] == "offered" and t["deadline"] == self.now]
        gone = [ticket["agent"] for ticket in lapsed]
        for ticket in lapsed:
            self.lines.append((self.now, "missed", ticket["id"], ticket["agent"]))
            self.back_to_queue(ticket)
        for agent_id in gone:
            self.on_away(agent_id)

    # Events.

    def on_tick(self) -> None:
        pass

    def on_ready(self, agent_ids: Any) -> None:
        for agent_id in agent_ids if isinstance(agent_ids, list) else [agent_ids]:
            agent = self.agents[agent_id]
            if not agent["ready"]:
                agent["ready"] = True
                agent["idle_since"] = self.now

    def on_away(self, agent_id: Any) -> None:
        self.agents[agent_id]["ready"] = False
        for ticket in self.tickets.values():
            if ticket["state"] == "offered" and ticket["agent"] == agent_id:
                self.back_to_queue(ticket)

    def on_end_wrap_up(self, agent_id: Any) -> None:
        agent = self.agents[agent_id]
        if agent["wrap_until"] > self.now:
            agent["wrap_until"] = self.now
            agent["idle_since"] = self.now

    def on_enqueue(self, ticket_id: Any, request: Json) -> None:
        if ticket_id in self.tickets:
            return
        prefer = request.get("prefer")
        present = prefer in self.agents and self.agents[prefer]["ready"]
        prefer_until = self.now + request.get("prefer_for", 20) if prefer is not None and present else None
        steps = sorted(
            ((self.now + after, needs) for after, needs in request.get("steps", [])), key=lambda s: s[0]
        )
        self.tickets[ticket_id] = {
            "id": ticket_id,
            "channel": request.get("channel", "voice"),
            "key": self.now + request.get("target", 0) - 60 * request.get("priority", 0),
            "arrival": self.arrivals,
            "needs": request["needs"],
            "steps": steps,
            "prefer": prefer,
            "prefer_until": prefer_until,
            "opens_at": request.get("opens_at"),
            "ring": request.get("ring", self.ring),
            "not_for": request.get("not_for", []),
            "moments": [at for at, _ in steps] + [prefer_until, request.get("opens_at")],
            "state": "waiting",
            "agent": None,
            "deadline": None,
        }
        self.arrivals += 1

    def on_accept(self, ticket_id: Any) -> None:
        if self.state_of(ticket_id) == "offered":
            self.tickets[ticket_id]["state"] = "active"

    def on_reject(self, ticket_id: Any) -> None:
        if self.state_of(ticket_id) == "offered":
            self.part(self.tickets[ticket_id])

    def on_complete(self, ticket_id: Any, wrap: float = 0) -> None:
        if self.state_of(ticket_id) == "active":
            agent = self.agents[self.tickets.pop(ticket_id)["agent"]]
            agent["idle_since"] = self.now
            agent["wrap_until"] = max(agent["wrap_until"], self.now + wrap)

    def on_transfer(self, ticket_id: Any, needs: Any) -> None:
        if self.state_of(ticket_id) == "active":
            self.tickets[ticket_id] |= {"needs": needs, "steps": [], "prefer_until": None, "moments": []}
            self.part(self.tickets[ticket_id])

    def on_release(self, ticket_id: Any) -> None:
        if self.state_of(ticket_id) in ("offered", "active"):
            self.back_to_queue(self.tickets[ticket_id])

    def on_abandon(self, ticket_id: Any) -> None:
        if self.state_of(ticket_id) in ("waiting", "offered"):
            del self.tickets[ticket_id]

    def on_priority(self, ticket_id: Any, points: float) -> None:
        if ticket_id in self.tickets:
            self.tickets[ticket_id]["key"] -= 60 * points

    def on_keep_from(self, ticket_id: Any, agent_ids: list[Any]) -> None:
        if ticket_id not in self.tickets:
            return
        ticket = self.tickets[ticket_id]
        ticket["not_for"] = agent_ids
        if ticket["state"] == "offered" and ticket["agent"] in agent_ids:
            self.back_to_queue(ticket)

    def state_of(self, ticket_id: Any) -> str | None:
        return self.tickets[ticket_id]["state"] if ticket_id in self.tickets else None

    def part(self, ticket: Json) -> None:
        agent = self.agents[ticket["agent"]]
        agent["idle_since"] = self.now
        self.bars.append((ticket["id"], agent["id"], self.now + self.cooldown))
        self.back_to_queue(ticket)

    def back_to_queue(self, ticket: Json) -> None:
        ticket |= {"state": "waiting", "agent": None, "deadline": None}

    # R3, R4, R5, R9: who could take what, now.

    def needs_now(self, ticket: Json) -> Any:
        needs = [ticket["needs"], *(needs for at, needs in ticket["steps"] if at <= self.now)][-1]
        if ticket["opens_at"] is not None and self.now < ticket["opens_at"]:
            return []
        if ticket["prefer_until"] is not None and self.now < ticket["prefer_until"]:
            return [[*alternative, f"agent:{ticket['prefer']}"] for alternative in needs]
        return needs

    def has(self, agent: Json, literal: str) -> bool:
        if literal.startswith("agent:"):
            return literal == f"agent:{agent['id']}"
        name, _, level = literal.partition(">=")
        return bool(agent["skills"].get(name, 0) >= int(level or 1))

    def is_capable(self, ticket: Json, agent: Json) -> bool:
        if agent["id"] in ticket["not_for"]:
            return False
        if any(bar[:2] == (ticket["id"], agent["id"]) and bar[2] > self.now for bar in self.bars):
            return False
        return any(
            all(self.has(agent, literal) for literal in alternative) for alternative in self.needs_now(ticket)
        )

    def load(self, agent: Json, channel: str) -> int:
        return sum(t["agent"] == agent["id"] and t["channel"] == channel for t in self.tickets.values())

    def has_room(self, agent: Json, channel: str) -> bool:
        if not agent["ready"] or agent["wrap_until"] > self.now:
            return False
        if any(self.load(agent, other) for other in BLOCKED_BY[channel]):
            return False
        return self.load(agent, channel) < int(agent["cap"][channel])

    def takers(self, ticket: Json) -> list[Any]:
        """The agents that could be offered the ticket now, best first."""
        channel = ticket["channel"]
        able = [a for a in self.agents.values() if self.is_capable(ticket, a) and self.has_room(a, channel)]
        able.sort(
            key=lambda a: (
                self.load(a, channel) / a["cap"][channel],
                a["idle_since"] + a["handicap"],
                a["order"],
            )
        )
        return [agent["id"] for agent in able]

    # R6: rounds of the lexicographically best served set, then of the lexicographically best assignment.

    def dispatch(self) -> None:
        while True:
            waiting = [ticket for ticket in self.tickets.values() if ticket["state"] == "waiting"]
            waiting.sort(key=lambda ticket: (ticket["key"], ticket["arrival"]))
            takers = {ticket["id"]: self.takers(ticket) for ticket in waiting}
            served: list[Any] = []
            for ticket in waiting:
                if can_serve([*served, ticket["id"]], takers, set()):
                    served.append(ticket["id"])
            if not served:
                return
            for ticket_id, agent_id in best_assignment(served, takers).items():
                ring = self.tickets[ticket_id]["ring"]
                deadline = self.now + ring if ring else None
                self.tickets[ticket_id] |= {"state": "offered", "agent": agent_id, "deadline": deadline}
                self.lines.append((self.now, "offer", ticket_id, agent_id))


def can_serve(tickets: list[Any], takers: dict[Any, list[Any]], taken: set[Any]) -> bool:
    """Whether all these tickets can be served at once by agents not yet taken: try everything."""
    if not tickets:
        return True
    first, *rest = tickets
    return any(can_serve(rest, takers, taken | {agent}) for agent in takers[first] if agent not in taken)


def best_assignment(served: list[Any], takers: dict[Any, list[Any]]) -> dict[Any, Any]:
    assignment: dict[Any, Any] = {}
    for position, ticket in enumerate(served):
        rest = served[position + 1 :]
        for agent in takers[ticket]:
            taken = set(assignment.values())
            if agent not in taken and can_serve(rest, takers, taken | {agent}):
                assignment[ticket] = agent
                break
    return assignment

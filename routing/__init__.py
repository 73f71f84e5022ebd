"""Candor's routing engine: who gets which call, chat or e-mail, and why. Pure: no I/O, time is an argument.

How a live process drives it (one writer per shard; all times are seconds on one clock, for instance Unix time)::

    from routing import AgentProfile, Config, Engine, Request

    engine = Engine(Config(ring=20.0, ring_by_channel={"email": 0.0}))          # or Engine.from_snapshot(…), see below
    engine.add_agent(AgentProfile(7, {"billing": 4, "lang:zh": 1}, {"voice": 1, "chat": 3}, handicap=10.0))
    decisions = engine.ready(now, 7)
    decisions += engine.enqueue(now, 12, Request(needs=(("billing>=3", "lang:zh"),), channel="chat", target=60.0))
    for decision in decisions:            # Decision(t, kind, ticket, agent, deadline); kind: offer, missed, returned
        ...                               # write them in one transaction, then publish
    engine.accept(now, 12, 7)
    engine.complete(now, 12, wrap=15.0)

    due = engine.next_due()               # sleep until then or until a command arrives …
    decisions = engine.advance(now)       # … and let the timers fire

After a restart rebuild it from the database and let everything overdue happen at once::

    engine = Engine.from_snapshot(Snapshot(agents=(AgentSnapshot(…), …), tickets=(TicketSnapshot(…), …)), now, config)
    decisions = engine.catch_up(now)

`catch_up` also serves a process that stalled: it makes no offer in the past. Where commands may have waited with it,
`come_up_to(now)` goes before them and `catch_up` after: an offer accepted in time is not missed because nobody listened.

The rules: (1) Timers due before an event fire first, those of one instant together; one dispatch follows each instant
and each event. (2) Key = enqueue + target − 60·priority, smaller first, then arrival. (3) A requirement is a list of
alternatives of `skill`, `skill>=n`, `agent:id`. (4) Offers count as load; voice is blocked by voice and chat, chat and
e-mail by voice. (5) Agents in order of load share, then idle_since + handicap, then roster. (6) Several tickets and
agents are matched jointly, in rounds. (7) An offer not accepted in `ring` seconds is missed and its agent away. (8) A
refused or transferred ticket does not meet the same agent for `cooldown` seconds. (9) Steps, a preferred agent and an
opening time change the requirement, never the key; `not_for` keeps persons away for good. (10) Abandoning frees the offered agent. (11) Away returns offers;
wrap-up keeps from new work. (12) Decisions of one instant are a set.
"""

from routing.engine import Engine
from routing.explain import AgentKey, Candidate, Explanation, Obstacle, TicketKey
from routing.model import (
    CHANNELS,
    JUST_AFTER,
    AgentProfile,
    AgentSnapshot,
    Channel,
    Config,
    Decision,
    Id,
    Needs,
    Request,
    Snapshot,
    Step,
    TicketSnapshot,
    TicketState,
    handicap,
)

__all__ = [
    "CHANNELS",
    "JUST_AFTER",
    "AgentKey",
    "AgentProfile",
    "AgentSnapshot",
    "Candidate",
    "Channel",
    "Config",
    "Decision",
    "Engine",
    "Explanation",
    "Id",
    "Needs",
    "Obstacle",
    "Request",
    "Snapshot",
    "Step",
    "TicketKey",
    "TicketSnapshot",
    "TicketState",
    "handicap",
]

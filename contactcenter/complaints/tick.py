"""Let time act on a case, in memory: each due act goes through the same `decide` as everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contactcenter.complaints.acts import Act, due_acts
from contactcenter.complaints.clocks import clocks_of
from contactcenter.complaints.decide import Accepted, decide
from contactcenter.complaints.folding import fold
from contactcenter.complaints.model import SYSTEM, Context, Event, Proposal

ACTS_MAX = 500  # a case with more undone acts than this goes round in circles


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done, and what came of it."""

    act: Act
    accepted: Accepted


def let_time_act(
    events: Sequence[Event], context: Context, now: datetime, *, at_its_instant: bool = False
) -> list[Done]:
    """Do everything undone whose instant is ≤ now, in order; what a rule refuses waits for people, or for another act.

    A real clock stamps acts when they are done; a replay (`at_its_instant`) when they fell due.
    """
    done: list[Done] = []
    refused: set[tuple[str, str, str]] = set()
    while len(done) < ACTS_MAX:
        chain = [*events, *(one.accepted.event for one in done)]
        act = _first(chain, context, now, refused)
        if act is None:
            break
        at = max(act.at, chain[-1].at) if at_its_instant else now
        outcome = decide(chain, Proposal(act.name, SYSTEM, act.data, at), context)
        if isinstance(outcome, Accepted):
            done.append(Done(act, outcome))
            refused.clear()  # a pause that ended, say, lets through what it held back
        else:
            refused.add(act.key)
    return done


def _first(
    events: Sequence[Event], context: Context, now: datetime, refused: set[tuple[str, str, str]]
) -> Act | None:
    facts = fold(events, context.machine)
    due = due_acts(facts, clocks_of(facts, context, now), context, now)
    return next((act for act in due if act.key not in refused), None)

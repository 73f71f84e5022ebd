"""Why me, and why is this waiting: the engine's facts as sentences for people."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment import facts
from contactcenter.assignment.board import Board
from contactcenter.assignment.models import Offer
from contactcenter.assignment.plans import LANGUAGE, Definitions
from contactcenter.assignment.queries import live_offer
from contactcenter.assignment.waiting import place_of
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.core.i18n import (
    LANGUAGE_NAMES,
    format_datetime,
    format_duration,
    format_list,
    format_time,
    ngettext,
)
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.policy import read_policy
from routing import Candidate, Explanation, Obstacle
from routing.requirements import parse_literal

NEVER = {Obstacle.LACKS, Obstacle.KEPT_AWAY}
TOLD_FIRST = (Obstacle.AWAY, Obstacle.WRAP_UP, Obstacle.BLOCKED, Obstacle.FULL, Obstacle.BARRED)


def why_me(offer: Offer) -> list[str]:
    """Sentences in the reader's language that say why this agent was offered it."""
    reasons = offer.reasons
    if reasons.get("by_hand"):
        return [_("It was taken or given by hand.")]
    chosen = reasons.get("chosen")
    if not chosen:
        return [_("Why it was offered was not kept.")]
    lines = []
    if reasons["needs"] == [[f"agent:{offer.user_id}"]]:
        lines.append(_("It was kept for you."))
    needed = _skills_needed(reasons["needs"])
    if needed:
        lines.append(_("You can do what it needs: %(skills)s.", skills=format_list(needed)))
    lines.append(_why_before_others(chosen, reasons["others_able"]))
    waited = reasons["decided_at"] - reasons["key"]["enqueued_at"]
    lines.append(_("The customer had waited %(time)s.", time=format_duration(waited)))
    return lines


def _why_before_others(chosen: dict[str, Any], others: int) -> str:  # Any: JSON
    if not others:
        return _("Nobody else could take it at that moment.")
    since = format_time(datetime.fromtimestamp(chosen["idle_since"], UTC))
    if chosen["load_share"]:
        used = round(100 * chosen["load_share"])
        return ngettext(
            "%(n)s other agent could, too; you had the most room (%(used)s%% in use) or had been free longest (since %(time)s).",
            "%(n)s other agents could, too; you had the most room (%(used)s%% in use) or had been free longest (since %(time)s).",
            others,
            used=used,
            time=since,
        )
    return ngettext(
        "%(n)s other agent could, too; you had been free longest, since %(time)s.",
        "%(n)s other agents could, too; you had been free longest, since %(time)s.",
        others,
        time=since,
    )


def _skills_needed(needs: Sequence[Sequence[str]]) -> list[str]:
    first = needs[0] if needs else ()
    return [_worded(literal) for literal in first if not literal.startswith(("team:", "agent:"))]


def _worded(literal: str) -> str:
    """A skill by its name and least level, a language by its own name."""
    name, level = parse_literal(literal)
    if name.startswith(LANGUAGE):
        code = name.removeprefix(LANGUAGE)
        return LANGUAGE_NAMES.get(code, code)
    return _("%(skill)s (level %(level)s or above)", skill=name, level=level) if level > 1 else name


def why_here(session: Session, reader: User, conversation: Conversation) -> list[str]:
    """Why an open conversation is where it is: why it waits, or why it is with `reader`; else with whom it is."""
    offer = live_offer(session, conversation.id)
    if offer is None:
        return why_waiting(session, conversation)
    if offer.user_id == reader.id:
        return why_me(offer)
    if offer.state == "offered":
        return [_("It rings at %(name)s now.", name=offer.user.name)]
    return [_("%(name)s has it.", name=offer.user.name)]


def why_waiting(session: Session, conversation: Conversation) -> list[str]:
    """Sentences that say why a conversation still waits: who could take it, and what keeps each of them from it."""
    if conversation.state != State.WAITING:
        return []
    explanation = _explain(session, conversation.id)
    if explanation is None:
        return []
    if not explanation.needs:
        return [_closed(explanation)]
    lines = []
    kept_for = _kept_for(session, explanation)
    if kept_for:
        lines.append(kept_for)
    place = place_of(session, conversation)
    if place is not None and place.position > 1:
        ahead = place.position - 1
        lines.append(ngettext("%(n)s is ahead of it.", "%(n)s are ahead of it.", ahead))
    return lines + _obstacles(explanation)


def _explain(session: Session, conversation_id: int) -> Explanation | None:
    """What the engine says, asked of a board that knows the agents, what they hold, and this conversation."""
    definitions = Definitions(facts.read_queues(session), read_policy(session))
    board = Board(
        definitions,
        facts.read_agents(session),
        facts.read_held_work(session) + facts.read_work(session, [conversation_id]),
        facts.read_bars(session, definitions.cooldown_s, conversation_id),
        clock.now(),
    )
    return board.explain(conversation_id)


def _closed(explanation: Explanation) -> str:
    if explanation.next_change_at is None:
        return _("Its queue is closed.")
    opening = datetime.fromtimestamp(explanation.next_change_at, UTC)
    return _("Its queue is closed until %(time)s.", time=format_datetime(opening, "short"))


def _kept_for(session: Session, explanation: Explanation) -> str:
    only = explanation.needs[0] if len(explanation.needs) == 1 else ()
    if len(only) != 1 or not only[0].startswith("agent:"):
        return ""
    user = session.get_one(User, int(only[0].removeprefix("agent:")))
    if explanation.next_change_at is None:
        return _("It is kept for %(name)s.", name=user.name)
    until = datetime.fromtimestamp(explanation.next_change_at, UTC)
    return _("It is kept for %(name)s until %(time)s.", name=user.name, time=format_time(until, "medium"))


def _obstacles(explanation: Explanation) -> list[str]:
    able = [each for each in explanation.candidates if not NEVER & set(each.obstacles)]
    if not able:
        if any(Obstacle.LACKS not in each.obstacles for each in explanation.candidates):
            return [_("Whoever could take it may not see this complaint.")]
        needed = _skills_needed(explanation.needs)
        if needed:
            return [_("Nobody has what it needs: %(skills)s.", skills=format_list(needed))]
        return [_("Nobody works in its team.")]
    counts = Counter(_first_obstacle(each) for each in able)
    by_nearness = (None, *reversed(TOLD_FIRST))
    return [_counted(obstacle, counts[obstacle]) for obstacle in by_nearness if counts[obstacle]]


def _first_obstacle(candidate: Candidate) -> Obstacle | None:
    """The one that says most: who is away is not also busy."""
    return next((obstacle for obstacle in TOLD_FIRST if obstacle in candidate.obstacles), None)


def _counted(obstacle: Obstacle | None, n: int) -> str:
    if obstacle is Obstacle.AWAY:
        return ngettext("%(n)s who could take it is not there.", "%(n)s who could take it are not there.", n)
    if obstacle is Obstacle.WRAP_UP:
        return ngettext("%(n)s is wrapping up.", "%(n)s are wrapping up.", n)
    if obstacle is Obstacle.BLOCKED:
        return ngettext("%(n)s is in a call or chat.", "%(n)s are in a call or chat.", n)
    if obstacle is Obstacle.FULL:
        return ngettext("%(n)s has all hands full.", "%(n)s have all hands full.", n)
    if obstacle is Obstacle.BARRED:
        return ngettext("%(n)s has just declined it.", "%(n)s have just declined it.", n)
    return ngettext(
        "%(n)s can take it now: it is about to ring.", "%(n)s can take it now: it is about to ring.", n
    )

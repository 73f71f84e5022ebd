"""Whether an agent takes work: what people choose, what the system does to them, and how much they take.

Lock order everywhere on this floor: conversation, then ticket, then presence, then offer. Only the router takes offers
back when somebody goes away, so that one writer decides who gets them next.
"""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import may_supervise
from contactcenter.assignment.events import CapacityChanged, PresenceChanged, WrapUpEnded
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.models import AgentCapacity, Offer, Presence, PresenceState
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.core.errors import Invalid, NotAllowed
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext
from contactcenter.core.timers import cancel_timer, set_timer

BREAK_REASONS = (
    lazy_gettext("Short break"),
    lazy_gettext("Lunch"),
    lazy_gettext("Meeting"),
    lazy_gettext("Training"),
    lazy_gettext("Technical problem"),
)
AWAY_REASONS = (lazy_gettext("Out of office"), lazy_gettext("End of shift"))
MISSED_OFFER = lazy_gettext("Missed an offer")
CONNECTION_LOST = lazy_gettext("Connection lost")

CHOSEN = (PresenceState.READY, PresenceState.BREAK, PresenceState.AWAY)
LIVE_CHANNELS = ("chat", "voice")
DEFAULT_CAPACITY = {"voice": 1, "chat": 3, "email": 5}
CAPACITY_MAX = {"voice": 1, "chat": 12, "email": 50}
"""Nobody hears two callers at once; beyond a dozen chats each customer waits minutes for a word; more than fifty e-mails
in one hand are a queue of their own, which nobody sees and nobody else can take from."""

HOLD_S = {"voice": 30, "chat": 60}
HOLD_OTHERS_S = 3600
WRAP_UP_TIMER = "assignment.wrap_up_over"
REASON_MAX = 80


def set_presence(session: Session, user: User, state: str, reason: str = "", *, by: str) -> Presence:
    """A person chooses `ready`, `break` or `away`; the latter two need a reason. Raises Invalid otherwise.

    Choosing ready ends a wrap-up, and a break that was planned begins then. Offers that ring are taken back by the router.
    """
    wanted, why = _checked(state, reason)
    presence = lock_presence(session, user.id)
    if wanted is not PresenceState.READY:
        presence.then_break = None
    leave_wrap_up(session, presence)
    change_state(session, presence, wanted, why, by=by)
    go_on_planned_break(session, presence)
    tell_router(session, "agent", user.id)
    return presence


def finish_then_break(session: Session, user: User, reason: str, *, by: str) -> Presence:
    """No new work from now on; the break begins when the last chat and call is done (at once if there is none)."""
    _state, why = _checked(PresenceState.BREAK, reason)
    presence = lock_presence(session, user.id)
    if presence.state not in {PresenceState.READY, PresenceState.WRAP_UP}:
        raise Invalid(_("You are not taking work now, so there is nothing to finish."), field="state")
    presence.then_break = why
    announce_presence(session, presence, by=by)
    go_on_planned_break(session, presence)
    tell_router(session, "agent", user.id)
    return presence


def cancel_planned_break(session: Session, user: User, *, by: str) -> Presence:
    """The agent goes on working after all."""
    presence = lock_presence(session, user.id)
    if presence.then_break is not None:
        presence.then_break = None
        announce_presence(session, presence, by=by)
        tell_router(session, "agent", user.id)
    return presence


def force_presence(session: Session, supervisor: User, user: User, state: str, reason: str) -> Presence:
    """A supervisor of the agent's team sets the state, whatever was planned. Raises NotAllowed for anybody else."""
    if not may_supervise(session, supervisor, user.team_id):
        raise NotAllowed(_("Only a supervisor of this person's team may do that."))
    cancel_planned_break(session, user, by=supervisor.actor)
    return set_presence(session, user, state, reason, by=supervisor.actor)


def set_capacity(session: Session, user_id: int, channel: str, cap: int, *, by: str) -> None:
    """How many conversations of `channel` (voice, chat, email) an agent takes at once; 0 = none of it."""
    if channel not in DEFAULT_CAPACITY:
        raise Invalid(_("Capacity is set for voice, chat and e-mail."), field="channel")
    most = CAPACITY_MAX[channel]
    if not 0 <= cap <= most:
        raise Invalid(_("Choose a number from 0 to %(most)s.", most=most), field=channel)
    insertion = insert(AgentCapacity).values(user_id=user_id, channel=channel, cap=cap)
    session.execute(insertion.on_conflict_do_update(index_elements=["user_id", "channel"], set_={"cap": cap}))
    event = CapacityChanged(user_id, channel, cap, by)
    record(session, event, actor=by, subject=Subject(user_id=user_id))
    tell_router(session, "agent", user_id)


def lock_presence(session: Session, user_id: int) -> Presence:
    """The agent's row, held until the unit of work ends; an agent seen for the first time is away."""
    newcomer = {"user_id": user_id, "state": PresenceState.AWAY, "since": clock.now()}
    session.execute(insert(Presence).values(newcomer).on_conflict_do_nothing())
    return session.get_one(Presence, user_id, with_for_update={"of": Presence}, populate_existing=True)


def change_state(session: Session, presence: Presence, state: PresenceState, reason: str, *, by: str) -> None:
    """Move a locked presence and announce it; the same state and reason again change nothing."""
    if presence.state == state and presence.reason == reason:
        return
    was, presence.state, presence.reason = presence.state, state.value, reason
    presence.since = clock.now()
    if state is PresenceState.READY and was != PresenceState.READY:
        presence.idle_since = presence.since
    announce_presence(session, presence, by=by)


def announce_presence(session: Session, presence: Presence, *, by: str) -> None:
    """Record what the agent's state is now."""
    event = PresenceChanged(presence.user_id, presence.state, presence.reason, by, presence.then_break)
    record(session, event, actor=by, subject=Subject(user_id=presence.user_id))


def begin_wrap_up(session: Session, presence: Presence, seconds: int) -> bool:
    """Keep a working agent from new work for `seconds`; of two wrap-ups the later end counts. False: none needed."""
    if seconds <= 0 or presence.state not in {PresenceState.READY, PresenceState.WRAP_UP}:
        return False
    until = clock.after(seconds)
    presence.wrap_until = max(presence.wrap_until or until, until)
    change_state(session, presence, PresenceState.WRAP_UP, "", by="system")
    set_timer(
        session, WRAP_UP_TIMER, str(presence.user_id), presence.wrap_until, {"user_id": presence.user_id}
    )
    return True


def end_wrap_up(session: Session, user: User) -> Presence:
    """The agent is done early: ready again, or on the break that was planned."""
    presence = lock_presence(session, user.id)
    _finish_wrap_up(session, presence, early=True, by=user.actor)
    return presence


def on_wrap_up_over(session: Session, args: dict[str, int]) -> None:
    """Timer: the time to wrap up has run out."""
    presence = lock_presence(session, args["user_id"])
    if presence.wrap_until is not None and presence.wrap_until <= clock.now():
        _finish_wrap_up(session, presence, early=False, by="system")


def _finish_wrap_up(session: Session, presence: Presence, *, early: bool, by: str) -> None:
    if presence.state != PresenceState.WRAP_UP:
        return
    over_at = clock.now() if early else presence.wrap_until
    leave_wrap_up(session, presence, early=early)
    change_state(session, presence, PresenceState.READY, "", by=by)
    presence.idle_since = over_at
    go_on_planned_break(session, presence)
    tell_router(session, "agent", presence.user_id)


def leave_wrap_up(session: Session, presence: Presence, *, early: bool = True) -> None:
    """End the conversations the agent was wrapping up; his next state is the caller's to set."""
    if presence.state != PresenceState.WRAP_UP:
        return
    presence.wrap_until = None
    cancel_timer(session, WRAP_UP_TIMER, str(presence.user_id))
    finished = update(Conversation).where(
        Conversation.agent_id == presence.user_id, Conversation.state == State.WRAP_UP
    )
    lasted_until = func.least(Conversation.wrap_until, clock.now())
    over = finished.values(state=State.ENDED, wrap_until=lasted_until).returning(Conversation)
    for conversation in session.scalars(over):
        event = WrapUpEnded(conversation.id, presence.user_id, early)
        subject = Subject(conversation.ticket_id, conversation.id, conversation.customer_id, presence.user_id)
        record(session, event, actor=f"user:{presence.user_id}", subject=subject)


def go_on_planned_break(session: Session, presence: Presence) -> None:
    """Begin the break of "finish, then break" if no chat, call or wrap-up is left."""
    if presence.then_break is None or presence.state == PresenceState.WRAP_UP:
        return
    if not _has_live_work(session, presence.user_id):
        reason, presence.then_break = presence.then_break, None
        change_state(session, presence, PresenceState.BREAK, reason, by=f"user:{presence.user_id}")


def _has_live_work(session: Session, user_id: int) -> bool:
    held = (
        select(Offer.id).join(Offer.conversation).where(Offer.user_id == user_id, Offer.state == "accepted")
    )
    live = held.where(Conversation.channel.in_(LIVE_CHANNELS), Conversation.silent_at.is_(None))
    return session.scalar(live.limit(1)) is not None


def hold_s(channel: str) -> int:
    """How long work given to one person waits for him alone before his whole queue may take it, in seconds."""
    return HOLD_S.get(channel, HOLD_OTHERS_S)


def _checked(state: str, reason: str) -> tuple[PresenceState, str]:
    if state not in set(CHOSEN):
        raise Invalid(_("Choose ready, break or away."), field="state")
    why = " ".join(reason.split())
    if state == PresenceState.READY:
        return PresenceState.READY, ""
    if not why:
        raise Invalid(_("Say why: a break or absence needs a reason."), field="reason")
    if len(why) > REASON_MAX:
        raise Invalid(_("Keep the reason under %(n)s characters.", n=REASON_MAX), field="reason")
    return PresenceState(state), why

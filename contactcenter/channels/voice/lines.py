"""The two lines of a call, the caller's and the agent's: each lives while any socket of it does, in whichever process.

A line without a socket has GRACE_S to come back; then its timer fires. Only rows say what lives: no process knows all.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from contactcenter.assignment.connection import process_name
from contactcenter.assignment.events import WebProcessGone
from contactcenter.channels.voice.models import Call, VoiceSocket
from contactcenter.conversations.models import Conversation, State
from contactcenter.core import clock
from contactcenter.core.events import Recorded
from contactcenter.core.timers import cancel_timer, set_timer

GONE_TIMER = "voice.line_gone"
GRACE_S = 10  # a reload of the page takes less
SETTLED = timedelta(seconds=30)  # by then an opening socket is either held or gone
CALLER, AGENT = "visitor", "agent"


def caller_line(visitor: str) -> str:
    """The line of a visitor's sockets, and their room."""
    return f"{CALLER}:{visitor}"


def agent_line(user_id: int) -> str:
    """The line of an agent's sockets, and their room."""
    return f"{AGENT}:{user_id}"


def call_on(session: Session, line: str) -> Call | None:
    """The caller's call that has not ended, or the one that the agent talks in."""
    kind, _, who = line.partition(":")
    if kind == CALLER:
        return session.scalar(select(Call).where(Call.visitor == who, Call.state != "ended"))
    talking = select(Call).join(Conversation).where(Call.state == "talking")
    his = talking.where(Conversation.agent_id == int(who), Conversation.state == State.ACTIVE)
    return session.scalar(his.order_by(Call.id.desc()).limit(1))


def is_callers(line: str) -> bool:
    """Whether this is a caller's line; else it is an agent's."""
    return line.startswith(f"{CALLER}:")


def is_connected(session: Session, line: str) -> bool:
    """Whether any socket of it lives, in whichever process."""
    return session.scalar(select(VoiceSocket.sid).where(VoiceSocket.line == line).limit(1)) is not None


def socket_opened(session: Session, sid: str, line: str) -> None:
    """A socket of this process belongs to `line`, which is there (again)."""
    session.add(VoiceSocket(sid=sid, process=process_name(), line=line, opened_at=clock.now()))
    cancel_timer(session, GONE_TIMER, line)
    note_caller(session, line, None)


def socket_closed(session: Session, sid: str) -> None:
    """It is gone; if no other of its line lives anywhere, the grace begins."""
    _strike_off(session, VoiceSocket.sid == sid, clock.now())


def forget_lost_sockets(session: Session, held: Collection[str]) -> None:
    """This process holds only `held`: what else is written down in its name broke while nobody could write that."""
    mine = VoiceSocket.process == process_name()
    settled = VoiceSocket.opened_at < clock.now() - SETTLED
    _strike_off(session, mine & settled & VoiceSocket.sid.not_in(held), clock.now())


def on_web_process_gone(session: Session, recorded: Recorded[WebProcessGone]) -> None:
    """A web process died with its sockets; whoever was to come back on another one has had the time."""
    event = recorded.event
    last_heard_at = datetime.fromisoformat(event.last_heard_at)
    _strike_off(session, VoiceSocket.process == event.process, last_heard_at)


def expect(session: Session, line: str) -> None:
    """Somebody must be on this line within GRACE_S, if nobody is yet."""
    if not is_connected(session, line):
        _give_grace(session, line, clock.now())


def note_caller(session: Session, line: str, gone_at: datetime | None) -> None:
    """Write on the caller's running call since when he is away (None: he is there); an agent's line changes nothing."""
    call = call_on(session, line) if is_callers(line) else None
    if call is not None:
        call.visitor_gone_at = gone_at


def _strike_off(session: Session, which: ColumnElement[bool], gone_at: datetime) -> None:
    """Delete sockets; each line in a call that has none left gets its grace from `gone_at` on.

    All sockets of a line are locked first: of two that close at once, the later one must see that it is the last.
    """
    lines = set(session.scalars(select(VoiceSocket.line).where(which)))
    whole = select(VoiceSocket.sid).where(VoiceSocket.line.in_(lines)).order_by(VoiceSocket.sid)
    session.execute(whole.with_for_update())
    session.execute(delete(VoiceSocket).where(which))
    for line in sorted(lines):
        if not is_connected(session, line) and call_on(session, line) is not None:
            _give_grace(session, line, gone_at)
            note_caller(session, line, gone_at)


def _give_grace(session: Session, line: str, since: datetime) -> None:
    set_timer(session, GONE_TIMER, line, since + timedelta(seconds=GRACE_S), {"line": line})

"""Signalling between the two browsers of a call. Nobody names a socket or a room: the server knows the other side.

Callers: call {name?} · agents: resume. Both: ready {call} · signal {call, data} · hang_up {call}.
`signal` carries one SDP description or ICE candidate, at most SIGNAL_MAX bytes, relayed as it is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User, UserSession
from contactcenter.accounts.sessions import find_session
from contactcenter.channels.voice import lines, service
from contactcenter.channels.voice.lines import agent_line, call_on, caller_line
from contactcenter.channels.voice.models import Call
from contactcenter.channels.voice.push import NAMESPACE, agent_room, agent_view, caller_view, visitor_room
from contactcenter.core import push
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, Invalid, NotAllowed
from contactcenter.core.i18n import LANGUAGES, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.knocking import on_connection, refusal_of, sid
from contactcenter.edge.limits import check_rate
from contactcenter.edge.sessions import COOKIE
from contactcenter.edge.sids import Sids
from contactcenter.edge.visitors import Visitor, visitor_of

Data = dict[str, Any]  # Any: JSON from a browser, checked field by field
SIGNAL_MAX = 64 * 1024
PACE_OF_CALLS = "10 per minute"  # each is a ticket


@dataclass(frozen=True, slots=True)
class Side:
    """Who is behind a socket: a caller or (by session) an agent; `line` is also the room of his sockets."""

    visitor: Visitor | None
    token: str
    session_id: int | None
    language: str
    line: str


Handler = Callable[[Session, Side, User | None, Data], Data]
LetIn = Callable[[Callable[[], str | None], Callable[[str], None], Callable[[str], None]], bool]


def register(socketio: SocketIO, sids: "Sids[Side]", let_in: LetIn) -> None:
    """Put the voice handlers on the server; `sids` remembers who each socket of this process is.

    `let_in` asks for the room again when rights changed while he was entering it.
    """

    def connect(auth: object) -> bool:
        known = auth if isinstance(auth, dict) else {}

        def authorise() -> str | None:
            sids.remove(sid())
            with unit_of_work() as session:
                side = _side(session, known)
            if side is not None:
                sids.add(sid(), side)
            return side.line if side else None

        if not let_in(authorise, join_room, leave_room):
            return False
        side = sids.get(sid())
        if side is not None:
            with unit_of_work() as session:
                lines.socket_opened(session, sid(), side.line)
        return side is not None

    def disconnect(gone: str) -> None:
        if sids.remove(gone) is not None:
            with unit_of_work() as session:
                lines.socket_closed(session, gone)

    on_connection(socketio, NAMESPACE, connect, disconnect)
    for name, handler in HANDLERS.items():
        socketio.on_event(name, _answering(sids, handler), namespace=NAMESPACE)


def _side(session: Session, auth: Data) -> Side | None:
    """A visitor by his token, else an agent by the cookie of his session, else nobody."""
    visitor = visitor_of(auth.get("token"))
    if visitor is not None:
        language = auth.get("language")
        return Side(visitor, "", None, language if language in LANGUAGES else "en", caller_line(visitor.id))
    token = request.cookies.get(COOKIE, "")
    found = _agents_session(session, token)
    return Side(None, token, found.id, found.user.language, agent_line(found.user_id)) if found else None


def _agents_session(session: Session, token: str) -> UserSession | None:
    found = find_session(session, token) if token else None
    return found if found and found.user.has(Role.AGENT) else None


def _answering(sids: "Sids[Side]", handler: Handler) -> Callable[..., Data]:
    """The handler in a unit of work, its refusals as one sentence in the language of that side."""

    def handle(data: object = None) -> Data:
        side = sids.get(sid())
        if side is None:
            return {"error": _("Sign in again."), "code": "not_signed_in"}
        with speaking(side.language):
            try:
                sids.check_pace(sid())
                with unit_of_work() as session:
                    found = _agents_session(session, side.token)
                    user = found.user if found else None
                    return handler(session, side, user, data if isinstance(data, dict) else {})
            except (DomainError, OperationalError) as error:
                return refusal_of(error)

    return handle


def _call(session: Session, side: Side, _user: User | None, data: Data) -> Data:
    if side.visitor is None:
        raise NotAllowed(_("Only visitors call."))
    check_rate(PACE_OF_CALLS, "voice-call", side.visitor.id)
    name = data.get("name", "")
    call = service.start_call(
        session, side.visitor, language=side.language, name=name if isinstance(name, str) else ""
    )
    return {**caller_view(call, call.conversation.agent), "ice": ice_servers()}


def _resume(session: Session, side: Side, user: User | None, _data: Data) -> Data:
    """After a reload: the call that is still running, if there is one."""
    call = call_on(session, side.line) if side.visitor or user else None
    if call is None:
        return {"call": None}
    view = caller_view(call, call.conversation.agent) if side.visitor else agent_view(call)
    return {**view, "ice": ice_servers()}


def _ready(session: Session, side: Side, user: User | None, data: Data) -> Data:
    """This side can hear now; the caller then makes the (new) offer."""
    call = service.access_call(session, data.get("call"), visitor=side.visitor, user=user)
    push.emit("ready", {"call": call.public_id}, room=_other(side, call), namespace=NAMESPACE)
    return {"ok": True}


def _signal(session: Session, side: Side, user: User | None, data: Data) -> Data:
    call = service.access_call(session, data.get("call"), visitor=side.visitor, user=user)
    signal = data.get("data")
    if not isinstance(signal, dict) or len(json.dumps(signal)) > SIGNAL_MAX:
        raise Invalid(_("This is no signal of a call."), field="data")
    payload = {"call": call.public_id, "data": signal}
    push.emit("signal", payload, room=_other(side, call), namespace=NAMESPACE)
    return {"ok": True}


def _hang_up(session: Session, side: Side, user: User | None, data: Data) -> Data:
    call = service.access_call(session, data.get("call"), visitor=side.visitor, user=user)
    actor = user.actor if user else f"customer:{call.conversation.customer_id}"
    service.hang_up(session, call, by="agent" if user else "customer", actor=actor)
    return {"ok": True}


def _other(side: Side, call: Call) -> str:
    if side.visitor is None:
        return visitor_room(call.visitor)
    return agent_room(call.conversation.agent_id or 0)


def ice_servers() -> list[Any]:  # Any: RTCIceServer dictionaries
    """ICE_SERVERS as the browsers want them; none by default (the same network, or a TURN server by setting)."""
    found: list[Any] = json.loads(get_settings().ice_servers)
    return found


HANDLERS: dict[str, Handler] = {
    "call": _call,
    "resume": _resume,
    "ready": _ready,
    "signal": _signal,
    "hang_up": _hang_up,
}

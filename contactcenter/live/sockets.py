"""The console's socket: who is there, which rooms they join, who views and types.

Every event is a dict; one that is not understood is answered `{"error": sentence}` and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.assignment.presence import socket_connected, socket_gone
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import speaking
from contactcenter.edge.sessions import SESSION_COOKIE, user_of_token
from contactcenter.live.fragments import tell
from contactcenter.live.rooms import NAMESPACE, room_for
from contactcenter.live.sids import Sids

Data = dict[str, Any]  # Any: JSON from a browser, checked field by field
Answer = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Who:
    """Behind a socket: the session it was opened with, and its user."""

    token: str
    user_id: int
    name: str


def register(socketio: SocketIO, sids: "Sids[Who]") -> None:
    """Put the console's handlers on the server; `sids` remembers who each socket of this process is."""

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(_auth: object = None) -> bool:
        token = request.cookies.get(SESSION_COOKIE, "")
        with unit_of_work() as session:
            user = user_of_token(session, token)
            if user is None:
                return False
            sids.add(request.sid, Who(token, user.id, user.name))  # type: ignore[attr-defined]  # added by Flask-SocketIO
            if user.has(Role.AGENT):
                socket_connected(session, user)
        return True

    @socketio.on("disconnect", namespace=NAMESPACE)
    def disconnect(_reason: object = None) -> None:
        who = sids.remove(request.sid)  # type: ignore[attr-defined]  # added by Flask-SocketIO
        if who is None or any(other.user_id == who.user_id for other in sids.values()):
            return
        with unit_of_work() as session:
            socket_gone(session, session.get_one(User, who.user_id))

    @socketio.on("join", namespace=NAMESPACE)
    def join(data: Data) -> Answer:
        return _in_room(sids, data, join_room)

    @socketio.on("leave", namespace=NAMESPACE)
    def leave(data: Data) -> Answer:
        return _in_room(sids, data, leave_room)

    @socketio.on("viewing", namespace=NAMESPACE)
    def viewing(data: Data) -> Answer:
        return _tell_others(sids, "viewing", data)

    @socketio.on("typing", namespace=NAMESPACE)
    def typing(data: Data) -> Answer:
        return _tell_others(sids, "typing", data)


def _in_room(sids: "Sids[Who]", data: Data, act: Callable[[str], None]) -> Answer:
    room = data.get("room") if isinstance(data, dict) else None
    with unit_of_work() as session:
        user = _user(session, sids)
        if user is None:
            return {"error": _("Sign in again.")}
        found = room_for(session, user, room) if isinstance(room, str) else None
        if found is None:
            with speaking(user.language):
                return {"error": _("You may not listen to that.")}
    act(found)
    return {"ok": True}


def _tell_others(sids: "Sids[Who]", event: str, data: Data) -> Answer:
    """Pass on who views or types, to those who may see that ticket, if the teller may himself."""
    ticket = data.get("ticket") if isinstance(data, dict) else None
    with unit_of_work() as session:
        user = _user(session, sids)
        if user is None or not isinstance(ticket, int) or room_for(session, user, f"ticket:{ticket}") is None:
            return {"error": _("You may not listen to that.")}
        note = {"ticket": ticket, "user_id": user.id, "name": user.name, "on": bool(data.get("on", True))}
    tell(f"ticket:{ticket}", event, note)
    return {"ok": True}


def _user(session: Session, sids: "Sids[Who]") -> User | None:
    who = sids.get(request.sid)  # type: ignore[attr-defined]  # added by Flask-SocketIO
    return user_of_token(session, who.token) if who else None

"""The console's socket: who is there, which rooms they join, who views and types.

Every event is a dict; one that is not understood is answered `{"error": sentence}` and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.sessions import find_session
from contactcenter.assignment.connection import socket_connected, socket_gone
from contactcenter.channels.chat.views import first_name
from contactcenter.conversations import signals
from contactcenter.conversations.models import Author, Conversation
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import LANGUAGES, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.sessions import COOKIE
from contactcenter.edge.sids import Sids
from contactcenter.live.fragments import tell
from contactcenter.live.rooms import NAMESPACE, in_language, room_for

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

    def connect(_auth: object = None) -> bool:
        token = request.cookies.get(COOKIE, "")
        with unit_of_work() as session:
            signed_in = find_session(session, token)
            if signed_in is None:
                return False
            user = signed_in.user
            sids.add(request.sid, Who(token, user.id, user.name))  # type: ignore[attr-defined]  # added by Flask-SocketIO
            if user.has(Role.AGENT):
                socket_connected(session, user)
        return True

    def disconnect(_reason: object = None) -> None:
        who = sids.remove(request.sid)  # type: ignore[attr-defined]  # added by Flask-SocketIO
        if who is None or any(other.user_id == who.user_id for other in sids.values()):
            return
        with unit_of_work() as session:
            socket_gone(session, session.get_one(User, who.user_id))

    handlers: dict[str, Callable[..., object]] = {
        "connect": connect,
        "disconnect": disconnect,
        "join": partial(_into_room, sids),
        "leave": partial(_out_of_room, sids),
        "viewing": partial(_tell_others, sids, "viewing"),
        "typing": partial(_tell_others, sids, "typing"),
    }
    for name, handler in handlers.items():
        socketio.on_event(name, handler, namespace=NAMESPACE)


def _into_room(sids: "Sids[Who]", data: object = None) -> Answer:
    room = data.get("room") if isinstance(data, dict) else None
    with unit_of_work() as session:
        user = _user(session, sids)
        if user is None:
            return {"error": _("Sign in again.")}
        found = room_for(session, user, room) if isinstance(room, str) else None
        if found is None:
            with speaking(user.language):
                return {"error": _("You may not listen to that.")}
    join_room(found)
    return {"ok": True}


def _out_of_room(sids: "Sids[Who]", data: object = None) -> Answer:
    """Leaving needs no right: who may no longer listen must be able to stop."""
    room = data.get("room") if isinstance(data, dict) else None
    if sids.get(request.sid) is None or not isinstance(room, str):  # type: ignore[attr-defined]  # added by Flask-SocketIO
        return {"error": _("You may not listen to that.")}
    for language in LANGUAGES:
        leave_room(in_language(room, language))
    return {"ok": True}


def _tell_others(sids: "Sids[Who]", event: str, data: object = None) -> Answer:
    """Pass on who views or types, to those who may see that ticket, if the teller may himself.

    The customer sees it, too, when the agent of his `conversation` types a reply.
    """
    given: Data = data if isinstance(data, dict) else {}
    ticket = given.get("ticket")
    with unit_of_work() as session:
        user = _user(session, sids)
        if user is None or not isinstance(ticket, int) or room_for(session, user, f"ticket:{ticket}") is None:
            return {"error": _("You may not listen to that.")}
        note = {"ticket": ticket, "user_id": user.id, "name": user.name, "on": bool(given.get("on", True))}
        answered = session.get(Conversation, _row_id(given.get("conversation")))
        seen = answered is not None and answered.agent_id == user.id and answered.ticket_id == ticket
    tell(f"ticket:{ticket}", event, note)
    if answered is not None and seen and event == "typing":
        name = first_name(user)
        signals.send(
            signals.Signal("typing", ticket, answered.id, Author.AGENT, on=bool(note["on"]), name=name)
        )
    return {"ok": True}


def _row_id(value: object) -> int:
    """An id from a browser, 0 for anything that is none."""
    return value if isinstance(value, int) and 0 < value < 2**63 else 0


def _user(session: Session, sids: "Sids[Who]") -> User | None:
    who = sids.get(request.sid)  # type: ignore[attr-defined]  # added by Flask-SocketIO
    signed_in = find_session(session, who.token) if who else None
    return signed_in.user if signed_in else None

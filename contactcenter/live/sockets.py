"""The console's socket: who is there, which rooms they join, who views and types.

Every event is a dict; one that is not understood is answered `{"error": sentence}` and changes nothing.
"""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.sessions import find_session
from contactcenter.assignment.connection import socket_connected
from contactcenter.channels.chat.views import first_name
from contactcenter.conversations import signals
from contactcenter.conversations.models import Author, Conversation
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import LANGUAGES, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.knocking import Answer, on_connection, refusal_of, sid
from contactcenter.edge.sessions import COOKIE
from contactcenter.edge.sids import Sids
from contactcenter.live.attendance import here, note_gone
from contactcenter.live.door import Door
from contactcenter.live.fragments import tell
from contactcenter.live.rooms import NAMESPACE, Who, in_language, room_for

Data = dict[str, Any]  # Any: JSON from a browser, checked field by field


def register(socketio: SocketIO, sids: Sids[Who], door: Door) -> None:
    """Put the console's handlers on the server; `sids` remembers who each socket of this process is."""
    consoles = Consoles(sids, door)
    on_connection(socketio, NAMESPACE, consoles.connect, consoles.disconnect)
    handlers: dict[str, Callable[[Data], Answer]] = {
        "join": consoles.join,
        "leave": consoles.leave,
        "viewing": consoles.viewing,
        "typing": consoles.typing,
    }
    for name, handler in handlers.items():
        socketio.on_event(name, _answering(handler), namespace=NAMESPACE)


def _answering(handler: Callable[[Data], Answer]) -> Callable[..., Answer]:
    def handle(data: object = None) -> Answer:
        try:
            return handler(data if isinstance(data, dict) else {})
        except (DomainError, OperationalError) as error:
            return refusal_of(error)

    return handle


class Consoles:
    """What the consoles of one process may ask."""

    def __init__(self, sids: Sids[Who], door: Door) -> None:
        self._sids, self._door = sids, door

    def connect(self, _auth: object) -> bool:
        token = request.cookies.get(COOKIE, "")
        with unit_of_work() as session:
            signed_in = find_session(session, token)
            if signed_in is None:
                return False
            user = signed_in.user
            self._sids.add(sid(), Who(token, signed_in.id, user.id, user.name))
            if user.has(Role.AGENT):
                socket_connected(session, user)
        return True

    def disconnect(self, gone: str) -> None:
        who = self._sids.remove(gone)
        if who is not None and who.user_id not in here(self._sids):
            with unit_of_work() as session:
                note_gone(session, self._sids, who.user_id)

    def join(self, data: Data) -> Answer:
        """Into the room of a subject, if he may listen to it. Raises TooMany: a page knocks again then."""
        self._sids.check_pace(sid())
        refused: Answer = {}

        def authorise() -> str | None:
            with unit_of_work() as session:
                user = self._user(session)
                subject = data.get("room")
                if user is None:
                    refused["error"] = _("Sign in again.")
                    return None
                with speaking(user.language):
                    refused["error"] = _("You may not listen to that.")
                return room_for(session, user, subject) if isinstance(subject, str) else None

        return {"ok": True} if self._door.let_in(authorise, join_room, leave_room) else refused

    def leave(self, data: Data) -> Answer:
        """Leaving needs no right and has no pace: who may no longer listen must be able to stop."""
        subject = data.get("room")
        if self._sids.get(sid()) is None or not isinstance(subject, str):
            return {"error": _("You may not listen to that.")}
        for language in LANGUAGES:
            leave_room(in_language(subject, language))
        return {"ok": True}

    def viewing(self, data: Data) -> Answer:
        return self._tell_others("viewing", data)

    def typing(self, data: Data) -> Answer:
        return self._tell_others("typing", data)

    def _tell_others(self, event: str, data: Data) -> Answer:
        """Pass on who views or types, to those who may see that ticket, if the teller may himself.

        The customer sees it, too, when the agent of his `conversation` types a reply. Raises TooMany.
        """
        self._sids.check_pace(sid())
        ticket = _row_id(data.get("ticket"))
        with unit_of_work() as session:
            user = self._user(session)
            if user is None or room_for(session, user, f"ticket:{ticket}") is None:
                return {"error": _("You may not listen to that.")}
            note = {"ticket": ticket, "user_id": user.id, "name": user.name, "on": bool(data.get("on", True))}
            answered = session.get(Conversation, _row_id(data.get("conversation")))
            seen = answered is not None and answered.agent_id == user.id and answered.ticket_id == ticket
        tell(f"ticket:{ticket}", event, note)
        if answered is not None and seen and event == "typing":
            name = first_name(user)
            signals.send(
                signals.Signal("typing", ticket, answered.id, Author.AGENT, on=bool(note["on"]), name=name)
            )
        return {"ok": True}

    def _user(self, session: Session) -> User | None:
        who = self._sids.get(sid())
        signed_in = find_session(session, who.token) if who else None
        return signed_in.user if signed_in else None


def _row_id(value: object) -> int:
    """An id from a browser, 0 for anything that is none; to Python true is a number, to the database it is not."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else 0

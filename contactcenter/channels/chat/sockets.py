"""The widget's socket. A visitor can name no conversation but his own; every event is answered.

open {body, client_id, name?, email?} → {conversation, seq, ticket, state} · message {client_id, body} → {seq} ·
replay {after} → {messages, state} · typing {on} · got {seq} · read {seq} · rate {rating, comment?} · complain · leave.
What cannot be done is answered {"error": one sentence, "code"}.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_socketio import SocketIO, join_room
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.channels.chat import service
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE, room
from contactcenter.channels.chat.views import message_view, state_view
from contactcenter.channels.chat.visitors import access_conversation, current_conversation
from contactcenter.conversations import signals
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.queries import REPLAY_MAX, replay
from contactcenter.conversations.service import mark_got, mark_read
from contactcenter.core.db import after_commit, unit_of_work
from contactcenter.core.errors import DomainError, Invalid
from contactcenter.core.i18n import LANGUAGES, speaking
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.knocking import on_connection, refusal_of, sid
from contactcenter.edge.limits import check_rate
from contactcenter.edge.sids import Sids
from contactcenter.edge.visitors import Visitor, visitor_of

PACE_OF_OPENING = "10 per minute"  # each may be a ticket; new visitors are counted by their address

Data = dict[str, Any]  # Any: JSON from a browser, checked field by field
Handler = Callable[[Session, "Guest", Data], Data]


@dataclass(frozen=True, slots=True)
class Guest:
    """A connected widget: whose it is and which language it speaks."""

    visitor: Visitor
    language: str


def register(socketio: SocketIO) -> None:
    """Put the widget's handlers on the server."""
    sids: Sids[Guest] = Sids()

    def connect(auth: object) -> bool:
        given = auth if isinstance(auth, dict) else {}
        visitor = visitor_of(given.get("token"))
        if visitor is None:
            return False
        language = given.get("language")
        with unit_of_work() as session:
            conversation = current_conversation(session, visitor)
        sids.add(sid(), Guest(visitor, language if language in LANGUAGES else "en"))
        if conversation is not None:
            join_room(room(conversation.id))
        return True

    def disconnect(gone: str) -> None:
        sids.remove(gone)

    on_connection(socketio, NAMESPACE, connect, disconnect)
    for name, handler in HANDLERS.items():
        socketio.on_event(name, _answering(sids, handler), namespace=NAMESPACE)


def _answering(sids: "Sids[Guest]", handler: Handler) -> Callable[..., Data]:
    """The handler in a unit of work, its refusals as one sentence in the visitor's language."""

    def handle(data: object = None) -> Data:
        guest = sids.get(sid())
        if guest is None:
            return {"error": _("This chat session has ended. Start again."), "code": "not_allowed"}
        with speaking(guest.language):
            try:
                sids.check_pace(sid())
                with unit_of_work() as session:
                    answer = handler(session, guest, data if isinstance(data, dict) else {})
            except (DomainError, OperationalError) as error:
                return refusal_of(error)
        if "conversation" in answer:
            join_room(room(answer["conversation"]))  # there is none before the commit
        return answer

    return handle


def _open(session: Session, guest: Guest, data: Data) -> Data:
    key = session.get(WidgetKey, guest.visitor.key_id)
    if key is None or not key.active:
        raise Invalid(_("This chat does not exist (any more)."))
    opening = service.Opening(
        body=_text(data, "body"),
        client_id=_text(data, "client_id"),
        language=guest.language,
        name=_text(data, "name"),
        email=_text(data, "email"),
    )
    check_rate(PACE_OF_OPENING, "chat-open", guest.visitor.id)
    received = service.start_chat(session, guest.visitor, key, opening)
    conversation = session.get_one(Conversation, received.conversation_id)
    if conversation.channel != service.NAME:
        return {"left": True, "ticket": received.ticket_id}
    return {
        "conversation": conversation.id,
        "seq": received.seq,
        "ticket": received.ticket_id,
        "state": state_view(session, conversation),
    }


def _message(session: Session, guest: Guest, data: Data) -> Data:
    conversation = access_conversation(session, guest.visitor)
    join_room(room(conversation.id))
    received = service.say(session, conversation, _text(data, "body"), _text(data, "client_id"))
    return {"seq": received.seq}


def _replay(session: Session, guest: Guest, data: Data) -> Data:
    conversation = current_conversation(session, guest.visitor)
    if conversation is None:
        return {"messages": [], "state": None}
    join_room(room(conversation.id))  # first join, then read: nothing falls between
    messages = replay(session, conversation.id, _number(data, "after"))
    return {
        "conversation": conversation.id,
        "messages": [message_view(message) for message in messages],
        "more": len(messages) == REPLAY_MAX,
        "state": state_view(session, conversation),
    }


def _typing(session: Session, guest: Guest, data: Data) -> Data:
    conversation = access_conversation(session, guest.visitor)
    _signal(session, conversation, "typing", on=bool(data.get("on")))
    return {"ok": True}


def _got(session: Session, guest: Guest, data: Data) -> Data:
    conversation, seq = access_conversation(session, guest.visitor), _number(data, "seq")
    was = mark_got(session, conversation.id, seq)
    if was is not None:
        _signal(session, conversation, "got", after=was, seq=seq)
    return {"ok": True}


def _read(session: Session, guest: Guest, data: Data) -> Data:
    conversation, seq = access_conversation(session, guest.visitor), _number(data, "seq")
    was = mark_read(session, conversation.id, seq, by=Author.CUSTOMER)
    if was is not None:
        _signal(session, conversation, "read", after=was, seq=seq)
    return {"ok": True}


def _rate(session: Session, guest: Guest, data: Data) -> Data:
    conversation = access_conversation(session, guest.visitor)
    service.rate_chat(session, conversation, _number(data, "rating"), _text(data, "comment"))
    return {"ok": True}


def _complain(session: Session, guest: Guest, _data: Data) -> Data:
    service.call_it_complaint(session, access_conversation(session, guest.visitor))
    return {"ok": True}


def _leave(session: Session, guest: Guest, _data: Data) -> Data:
    service.leave(session, access_conversation(session, guest.visitor))
    return {"ok": True}


def _signal(
    session: Session,
    conversation: Conversation,
    kind: signals.Kind,
    *,
    on: bool = True,
    after: int = 0,
    seq: int = 0,
) -> None:
    """Told after the commit: who hears of it looks up how far the customer has read."""
    ticket_id = conversation.ticket_id
    signal = signals.Signal(kind, ticket_id, conversation.id, Author.CUSTOMER, on=on, after=after, seq=seq)
    after_commit(session, partial(signals.send, signal))


def _text(data: Data, name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise Invalid(_("%(field)s must be text.", field=name), field=name)
    return value


def _number(data: Data, name: str) -> int:
    value = data.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Invalid(_("%(field)s must be a number.", field=name), field=name)
    return value


HANDLERS: dict[str, Handler] = {
    "open": _open,
    "message": _message,
    "replay": _replay,
    "typing": _typing,
    "got": _got,
    "read": _read,
    "rate": _rate,
    "complain": _complain,
    "leave": _leave,
}

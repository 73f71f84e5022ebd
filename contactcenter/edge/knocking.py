"""Sockets while the database is away: who connects is sent off so that he comes back by himself, and nobody sees a trace."""

from collections.abc import Callable

from flask import request
from flask_socketio import SocketIO
from socketio import Server
from sqlalchemy.exc import OperationalError

from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import gettext as _
from contactcenter.core.logs import get_logger

log = get_logger(__name__)

Answer = dict[str, object]  # JSON


def on_connection(
    socketio: SocketIO,
    namespace: str,
    connect: Callable[[object], bool],
    disconnect: Callable[[str], None],
) -> None:
    """Let `connect(auth)` and `disconnect(sid)` look after the sockets of `namespace`.

    A refused socket does not try again; a transport that closes does, and brings all its namespaces along.
    """

    def connected(auth: object = None) -> bool:
        try:
            return connect(auth)
        except OperationalError as error:
            _note(error)
            disconnect_quietly()
            _break_off(socketio.server, namespace)
            return False

    def disconnect_quietly(_reason: object = None) -> None:
        try:
            disconnect(sid())
        except OperationalError as error:
            _note(error)

    socketio.on_event("connect", connected, namespace=namespace)
    socketio.on_event("disconnect", disconnect_quietly, namespace=namespace)


def _break_off(server: Server, namespace: str) -> None:
    """Close the transport as if the line broke: a goodbye would count as a refusal."""
    transport = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid(), namespace))
    if transport is not None:
        transport.close(wait=False, abort=True)


def refusal_of(error: DomainError | OperationalError) -> Answer:
    """What a socket is answered: one sentence and a code; `not_ready` and `too_many` are worth trying again."""
    if isinstance(error, DomainError):
        return {"error": error.message, "code": error.code}
    _note(error)
    return {"error": _("Candor is not ready just now. Try again in a moment."), "code": "not_ready"}


def sid() -> str:
    """The socket that asks."""
    return str(request.sid)  # type: ignore[attr-defined]  # added by Flask-SocketIO


def _note(error: OperationalError) -> None:
    log.warning("database_away", reason=type(error.orig).__name__)

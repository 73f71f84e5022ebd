"""The door of a web process's rooms: who was let in is put out when his rights may have changed, and knocks again.

Joining is authorised each time, so that only those who may still listen come back; what was pushed meanwhile they fetch,
as after a break. Nobody is asked anything here: putting out needs no database, and cannot be late because of it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from socketio import Server

from contactcenter.channels.chat.push import NAMESPACE as CHAT
from contactcenter.channels.voice.lines import agent_line
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.channels.voice.sockets import Side
from contactcenter.core.fanout import GAP
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.push import Payload
from contactcenter.edge.sids import Sids
from contactcenter.live.fragments import AGAIN
from contactcenter.live.rights import CHANGED, Change, concerned
from contactcenter.live.rooms import NAMESPACE, Who, in_language, subject_of

REMEMBERED_N = 1000
SPREAD_MS = 3000  # over which clients fetch what a gap made them miss


class Door:
    """Of one web process: of its consoles and its phones."""

    def __init__(self, server: Server, consoles: Sids[Who], phones: Sids[Side]) -> None:
        self._server, self._consoles, self._phones = server, consoles, phones
        self._guard = threading.Lock()
        self._turn = 0
        self._known: OrderedDict[str, None] = OrderedDict()

    def let_in(
        self, authorise: Callable[[], str | None], enter: Callable[[str], None], leave: Callable[[str], None]
    ) -> bool:
        """Enter the room that `authorise` names; it is asked again if rights changed while it looked."""
        while True:
            turn = self._turn
            room = authorise()
            if room is None:
                return False
            if turn != self._turn:
                continue
            enter(room)
            if turn == self._turn:
                return True
            leave(room)

    def hear(self, word: str, notice: Payload) -> None:
        """What processes tell each other."""
        if word == CHANGED:
            self.put_out(Change(**notice))
        elif word == GAP:
            self.let_all_catch_up()

    def put_out(self, change: Change) -> bool:
        """Take everybody whom `change` concerns out of his rooms; False if that was done already."""
        with self._guard:
            if change.key in self._known:
                return False
            self._known[change.key] = None
            if len(self._known) > REMEMBERED_N:
                self._known.popitem(last=False)
            self._turn += 1
            put_out = self._seats_of(change)  # after the turn: who enters later than this looks again
            for sid, room in put_out:
                self._server.leave_room(sid, room, namespace=NAMESPACE)
            self._hang_up(change)
        for sid, room in put_out:
            note = {"room": subject_of(room), "within_ms": 0}
            self._server.emit(AGAIN, note, to=sid, namespace=NAMESPACE, ignore_queue=True)
        return True

    def let_all_catch_up(self) -> None:
        """Something may not have reached us: all stay where they are, and fetch what they missed, not all at once."""
        for namespace in (NAMESPACE, CHAT, VOICE):
            self._server.emit(AGAIN, {"within_ms": SPREAD_MS}, namespace=namespace, ignore_queue=True)

    def _seats_of(self, change: Change) -> list[tuple[str, str]]:
        whom = concerned(change)
        seats = [
            (sid, room)
            for subject in whom.subjects
            for room in (in_language(subject, language) for language in LANGUAGES)
            for sid, _transport in self._server.manager.get_participants(NAMESPACE, room)
        ]
        for sid, who in self._consoles.items():
            if whom.users is None or who.user_id in whom.users or who.session_id in whom.sessions:
                seats += [(sid, room) for room in self._rooms_of(sid)]
        return seats

    def _hang_up(self, change: Change) -> None:
        whom = concerned(change)
        lost = {agent_line(user_id) for user_id in whom.off_the_phone}
        for sid, side in self._phones.items():
            if side.line in lost or side.session_id in whom.sessions:
                self._server.leave_room(sid, side.line, namespace=VOICE)

    def _rooms_of(self, sid: str) -> list[str]:
        return [room for room in self._server.rooms(sid, namespace=NAMESPACE) if room != sid]

"""What a socket is sent, as far as a page of ours would send it. Anything else counts as its goodbye, and is raised to nobody."""

import json
import math
from functools import partial
from typing import Any, NoReturn

from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

from contactcenter.core.text import storable

DEPTH_MAX = 32  # what is passed on must be writable again, and writing goes deeper than reading
GOODBYE = str(DISCONNECT)
LIBRARYS_OWN = ("connect", "disconnect")


class Parcel(Packet):  # type: ignore[misc]  # a library without types
    """One packet, without attachments. An event is a name and at most one argument, its texts fit for the database.

    The library tells us by events of its own who comes and goes. A client's event of such a name would be taken for
    that: its socket, forgotten here and still in its rooms, would go on listening when its session has ended.
    """

    json: Any  # a module's shape: what reads and what writes
    data: Any  # JSON

    def __init__(
        self,
        *arguments: Any,  # Any: the library's own, as are the options
        encoded_packet: str | bytes | None = None,
        **options: Any,
    ) -> None:
        empty = encoded_packet in ("", b"")  # to the library as if there were nothing to read
        super().__init__(*arguments, encoded_packet=GOODBYE if empty else encoded_packet, **options)

    def decode(self, encoded_packet: str | bytes) -> int:
        """Read it; how many attachments follow: none."""
        try:
            attachments_n: int = super().decode(encoded_packet)
            self.data = _fit(self.data, DEPTH_MAX)
            ours = attachments_n == 0 and self._is_ours()
        except (ValueError, TypeError, RecursionError):
            ours = False
        if not ours:
            self.packet_type, self.id, self.data = DISCONNECT, None, None
        return 0

    def _is_ours(self) -> bool:
        if self.packet_type != EVENT:
            return self.packet_type in (CONNECT, DISCONNECT, ACK)
        match self.data:
            case [str(name), *_more]:
                self.data = self.data[:2]
                return name not in LIBRARYS_OWN
        return False


def _fit(value: object, depth: int) -> object:
    """The same with every text made fit for the database: a handler may look up or keep what it is sent.

    Raises ValueError if lists and objects lie in each other further than `depth`.
    """
    if depth == 0:
        raise ValueError("too deep")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_fit(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {storable(name): _fit(one, depth - 1) for name, one in value.items()}
    return value


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


def _finite(written: str) -> float:
    number = float(written)
    return number if math.isfinite(number) else _no_number(written)


class StrictJson:
    """JSON as browsers read it: they break off a line on which NaN or an infinity comes."""

    loads = staticmethod(partial(json.loads, parse_constant=_no_number, parse_float=_finite))
    dumps = staticmethod(json.dumps)


Parcel.json = StrictJson

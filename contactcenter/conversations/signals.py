"""What is said and forgotten: who types, how far somebody has read. No event, no row, no promise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from contactcenter.conversations.models import Author

Kind = Literal["typing", "got", "read"]


@dataclass(frozen=True, slots=True)
class Signal:
    """`author` types (or stopped), has got or has read what is after `after` up to `seq`. `name` is who types of staff."""

    kind: Kind
    ticket_id: int
    conversation_id: int
    author: Author
    on: bool = True
    after: int = 0
    seq: int = 0
    name: str = ""


_listeners: list[Callable[[Signal], None]] = []


def listen(listener: Callable[[Signal], None]) -> None:
    """Hear every signal; asking twice is asking once."""
    if listener not in _listeners:
        _listeners.append(listener)


def send(signal: Signal) -> None:
    """Let everybody who listens know."""
    for listener in _listeners:
        listener(signal)

"""What was accepted, written down outside the system: a line per input, on disk before anybody is told."""

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One input that the system said it has. `key` is what it is known by there, `place` where (a ticket, a case)."""

    kind: str
    key: str
    body: str
    place: str
    said_at: float
    accepted_at: float


class Ledger:
    """Append only; several threads write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._entries: list[Entry] = []
        self._guard = threading.Lock()

    def write(self, kind: str, key: str, body: str, place: str, said_at: float) -> None:
        entry = Entry(kind, key, body, place, said_at, time.monotonic())
        line = json.dumps([entry.kind, entry.key, entry.body, entry.place])
        with self._guard:
            self._file.write(line + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._entries.append(entry)

    def of(self, kind: str) -> list[Entry]:
        with self._guard:
            return [entry for entry in self._entries if entry.kind == kind]

    def first_since(self, kind: str, since: float) -> Entry | None:
        """The first input of that kind that was said after `since` and accepted."""
        return next((entry for entry in self.of(kind) if entry.said_at >= since), None)

    def kinds(self) -> Iterator[tuple[str, int]]:
        for kind in dict.fromkeys(entry.kind for entry in self._entries):
            yield kind, len(self.of(kind))

    def close(self) -> None:
        self._file.close()

"""Tamper evidence that survives erasure (SPEC §2.4): canonical JSON, hash chain, sealed values."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contactcenter.complaints.model import Data, Event, Proposal
from contactcenter.core.security import commit_to

GENESIS = bytes(32)
SEALED = "sealed"

# What people say or are: never in an event, only a commitment to it.
PRIVATE = frozenset(
    [
        "text",
        "contact",
        "representative",
        "reason",
        "reasons",
        "key_points",
        "facts",
        "grounds",
        "conditions",
        "remedy_sought",
        "waiting_for",
        "cause",
        "value",
        "factor",
        "deviation_reason",
        "accepted_by",
    ]
)
# Codes that share a name with private words; clocks and statistics need them after an erasure.
PUBLIC = frozenset({("hold", "reason"), ("reopen", "reason")})


def append(events: Sequence[Event], proposal: Proposal, key: bytes) -> Event:
    """The event that would follow `events`, linked to their head."""
    seq = len(events) + 1
    sealed = seal(proposal.name, proposal.data, key)
    unlinked = Event(seq, proposal.at, proposal.name, proposal.by, proposal.data, sealed, "")
    return replace(unlinked, digest=link(head_of(events), _body(unlinked)))


def head_of(events: Sequence[Event]) -> str:
    """The hash that stands for everything so far, 64 hex digits."""
    return events[-1].digest if events else GENESIS.hex()


def first_broken(events: Sequence[Event]) -> int | None:
    """The sequence number of the first event that was changed, moved or left out; None if the chain holds."""
    head = GENESIS.hex()
    for expected, event in enumerate(events, start=1):
        head = link(head, _body(event))
        if event.seq != expected or event.digest != head:
            return expected
    return None


def link(head: str, body: bytes) -> str:
    """hash_n = SHA-256(hash_{n-1} ‖ event)."""
    return hashlib.sha256(bytes.fromhex(head) + body).hexdigest()


def canonical(value: object) -> bytes:
    """Sorted keys, no spaces, UTF-8: one spelling per value."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def stamp(at: datetime) -> str:
    """An instant as the chain and the replay write it: UTC, `Z`, microseconds only if there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def seal(event: str, data: Data, key: bytes) -> dict[str, Any]:  # Any: JSON
    """`data` with every personal value replaced by `{"sealed": HMAC}`."""
    return {name: _sealed(event, name, value, key) for name, value in data.items()}


def _sealed(event: str, name: str, value: Any, key: bytes) -> Any:  # Any: JSON
    if name in PRIVATE and (event, name) not in PUBLIC:
        return {SEALED: commit_to(key, canonical(value).decode())}
    if isinstance(value, dict):
        return seal(event, value, key)
    if isinstance(value, list):
        return [seal(event, item, key) if isinstance(item, dict) else item for item in value]
    return value


def _body(event: Event) -> bytes:
    return canonical(
        {"seq": event.seq, "at": stamp(event.at), "event": event.name, "by": event.by, "data": event.sealed}
    )

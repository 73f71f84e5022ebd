"""What lies sealed in the database, wherever that is, and how it is brought under a new key.

A column says so itself: `info=SEALED`, or `info=sealed_at("name")` for one entry of a JSON column. Nothing else has to
know of it; a test looks for sealed values in columns that do not say so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Row, Select, Text, cast, func, select, update
from sqlalchemy.orm import Session

from contactcenter.core.config import get_settings
from contactcenter.core.security import seal, unseal

_MARK = "sealed"
SEALED = {_MARK: ""}
BATCH = 500
CURRENT, OLDER, LOST = "current", "older", "lost"
"""Under which key something lies: the one that seals now, one that is only read, or none that we have."""


def sealed_at(name: str) -> dict[str, str]:
    """The entry `name` of this JSON column is sealed, where it is there."""
    return {_MARK: name}


@dataclass(frozen=True, slots=True)
class Place:
    """One column whose values are sealed; `entry` is the one within JSON, or empty."""

    column: Column[Any]  # Any: text or JSON
    entry: str

    @property
    def value(self) -> ColumnElement[str]:
        """The sealed text."""
        return self.column[self.entry].astext if self.entry else self.column

    def with_value(self, sealed: str) -> Any:  # Any: text, or an expression for JSON
        """What the column is set to."""
        if not self.entry:
            return sealed
        return self.column.concat(func.jsonb_build_object(cast(self.entry, Text), cast(sealed, Text)))


@dataclass(frozen=True, slots=True)
class Done:
    """One batch: its last row (None: nothing is left), and under which keys its values lay."""

    last_id: int | None
    keys: Counter[str]


def sealed_places(metadata: MetaData) -> Iterator[Place]:
    """All of them, by table."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if _MARK in column.info:
                yield Place(column, column.info[_MARK])


def count_keys(session: Session, metadata: MetaData) -> Counter[str]:
    """How many values lie under which key."""
    found: Counter[str] = Counter()
    for place in sealed_places(metadata):
        after: int | None = 0
        while after is not None:
            done = _judged(session.execute(_batch(place, after)).all())
            found += done.keys
            after = done.last_id
    return found


def reseal(session: Session, place: Place, after: int) -> Done:
    """Bring the next rows beyond `after` under the current key. What is there already, and what no key opens, stays."""
    rows = session.execute(_batch(place, after).with_for_update(key_share=True)).all()
    table, settings = place.column.table, get_settings()
    for row_id, sealed in rows:
        if _key_of(sealed) == OLDER:
            plain = unseal(settings.secret_keys, sealed) or ""
            again = place.with_value(seal(settings.secret_key, plain))
            session.execute(update(table).where(table.c.id == row_id).values({place.column: again}))
    return _judged(rows)


def _batch(place: Place, after: int) -> Select[int, str]:
    row_id = place.column.table.c.id
    there = select(row_id, place.value).where(row_id > after, place.value != "")  # nor what is NULL
    return there.order_by(row_id).limit(BATCH)


def _judged(rows: Sequence[Row[int, str]]) -> Done:
    keys = Counter(_key_of(sealed) for _id, sealed in rows)
    return Done(rows[-1][0] if len(rows) == BATCH else None, keys)


def _key_of(sealed: str) -> str:
    settings = get_settings()
    if unseal(settings.secret_key, sealed) is not None:
        return CURRENT
    return LOST if unseal(settings.secret_keys[1:], sealed) is None else OLDER

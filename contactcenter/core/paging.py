"""Keyset paging: page 600 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Subquery, select, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.base import ExecutableOption

from contactcenter.core.db import plan_for_values
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.text import storable

LIMIT, MAX_LIMIT = 50, 100  # rows of a page: where nobody says how many, and at most
CURSOR_MAX = 500  # ours are far shorter; a huge one could only be meant to hurt


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; `next` is the cursor of the page behind it, or None at the end."""

    items: Sequence[T]
    next: str | None


def clamp_limit(limit: int | None, default: int = LIMIT) -> int:
    """A page size between 1 and `MAX_LIMIT`."""
    return max(1, min(limit or default, MAX_LIMIT))


def fetch_page(
    session: Session,
    query: Select[T],
    *,
    keys: Sequence[InstrumentedAttribute[Any]],
    after: str | None = None,
    limit: int | None = None,
    descending: bool = True,
    ways: Sequence[ColumnElement[bool]] = (),
    shown: Sequence[ExecutableOption] = (),
) -> Page[T]:
    """Run `query` ordered by `keys` (the last one unique), starting behind the cursor `after`.

    All keys run in one direction, so that one row-wise comparison uses one index. Rows come by any of `ways`, if there are some:
    each is asked for a page by itself, and so by its own index, where one condition with OR would look at every row. What
    is loaded with each row (`shown`) is joined to the page alone, for a search may find thousands. Raises Invalid for a
    cursor that is not one of ours.
    """
    size = clamp_limit(limit)
    if after:
        edge, row = tuple_(*keys), tuple_(*_decode(after, keys))
        query = query.where(edge < row if descending else edge > row)
    order: list[ColumnElement[Any]] = [key.desc() if descending else key.asc() for key in keys]
    page = query.order_by(*order).limit(size + 1)
    if ways:
        plan_for_values(session)
    if ways or shown:
        found = _found(page.with_only_columns(keys[-1]), ways)
        page = select(keys[-1].class_).join(found, found.c[0] == keys[-1]).options(*shown)
        page = page.order_by(*order).limit(size + 1)
    rows = session.scalars(page).all()
    more = len(rows) > size
    return Page(rows[:size], _encode(rows[size - 1], keys) if more else None)


def _found(page: Select[Any], ways: Sequence[ColumnElement[bool]]) -> Subquery:
    if not ways:
        return page.subquery()
    return union(*(page.where(way) for way in ways)).subquery()


def _encode(row: object, keys: Sequence[InstrumentedAttribute[Any]]) -> str:
    values = [getattr(row, key.key) for key in keys]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        if len(cursor) > CURSOR_MAX:
            raise ValueError(len(cursor))
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        pairs = list(zip(keys, plain, strict=True))
        return [_typed(key, value) for key, value in pairs]
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid(_("The cursor is not one this list has given out."), field="after") from error


def _typed(key: InstrumentedAttribute[Any], value: Any) -> Any:
    wanted = key.type.python_type
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if type(value) is not wanted:  # a bool is an int to Python, and not to PostgreSQL
        raise TypeError(key.key)
    too_large = isinstance(value, int) and abs(value) >= 2**63
    if too_large or (isinstance(value, str) and value != storable(value)):
        raise ValueError(key.key)
    return value

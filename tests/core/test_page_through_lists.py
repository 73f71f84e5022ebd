"""Paging by key: every row once, however equal the keys; a cursor that is not ours is refused with a sentence."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contactcenter.core.errors import Invalid
from contactcenter.core.outbox import OutboxRow
from contactcenter.core.paging import MAX_LIMIT, clamp_limit, fetch_page

KEYS = (OutboxRow.created_at, OutboxRow.id)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fill(session: Session, seconds: list[int]) -> None:
    """One row for each, created so many seconds after NOON."""
    rows = [{"task": "t", "args": {}, "created_at": NOON + timedelta(seconds=second)} for second in seconds]
    session.execute(insert(OutboxRow), rows)


def walk(session: Session, limit: int, *, descending: bool) -> list[int]:
    """The ids of all pages, one after the other."""
    seen: list[int] = []
    after: str | None = None
    while True:
        page = fetch_page(
            session, select(OutboxRow), keys=KEYS, after=after, limit=limit, descending=descending
        )
        seen += [row.id for row in page.items]
        assert len(seen) == len(set(seen)), "a row came twice"
        after = page.next
        if after is None:
            return seen


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_row_comes_once_under_equal_keys(db_session: Session, limit: int, *, descending: bool) -> None:
    fill(db_session, [0, 5, 5, 5, 5, 3, 3, 9, 9, 9, 0, 5])
    order = [column.desc() if descending else column.asc() for column in KEYS]
    whole = list(db_session.scalars(select(OutboxRow.id).order_by(*order)))
    assert walk(db_session, limit, descending=descending) == whole


def test_row_that_arrives_while_one_pages_moves_nobody(db_session: Session) -> None:
    fill(db_session, [1, 2, 3, 4])
    first = fetch_page(db_session, select(OutboxRow), keys=KEYS, limit=2)
    fill(db_session, [9])
    second = fetch_page(db_session, select(OutboxRow), keys=KEYS, limit=2, after=first.next)
    moments = [(row.created_at - NOON).seconds for page in (first, second) for row in page.items]
    assert moments == [4, 3, 2, 1]
    assert second.next is None


def test_page_that_is_exactly_full_is_the_last(db_session: Session) -> None:
    fill(db_session, [1, 2])
    assert fetch_page(db_session, select(OutboxRow), keys=KEYS, limit=2).next is None


@pytest.mark.parametrize(
    "foreign",
    [
        "!!!",
        "é",
        "e30",
        cursor("ab"),
        cursor(["2026-01-01T00:00:00+00:00"]),
        cursor(["yesterday", 1]),
        cursor([1, 1]),
        cursor(["2026-01-01T00:00:00+00:00", "1"]),
        cursor(["2026-01-01T00:00:00+00:00", True]),
        cursor(["2026-01-01T00:00:00+00:00", 2**63]),
        cursor(["2026-01-01T00:00:00+00:00", 1.5]),
        cursor(["2026-01-01T00:00:00+00:00", None]),
        base64.urlsafe_b64encode(b"[" * 300_000).decode(),
    ],
)
def test_foreign_cursor_is_refused_with_a_sentence(db_session: Session, foreign: str) -> None:
    with pytest.raises(Invalid, match="cursor is not one this list has given out"):
        fetch_page(db_session, select(OutboxRow), keys=KEYS, after=foreign)


@pytest.mark.parametrize("word", ["a\0b", "a\ud800b"])
def test_cursor_with_what_no_text_holds_is_refused(db_session: Session, word: str) -> None:
    with pytest.raises(Invalid):
        fetch_page(
            db_session, select(OutboxRow), keys=(OutboxRow.task, OutboxRow.id), after=cursor([word, 1])
        )


@given(st.one_of(st.none(), st.integers()))
def test_page_size_is_always_sensible(limit: int | None) -> None:
    assert 1 <= clamp_limit(limit) <= MAX_LIMIT

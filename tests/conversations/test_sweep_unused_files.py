"""Files that nothing names go at night; what is named, young or stored again stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.conversations import unused_files
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.clock import frozen
from contactcenter.core.config import get_settings
from contactcenter.core.storage import file_path, store_file
from contactcenter.core.timers import TimerRow
from tests.world import World

NIGHT = datetime(2026, 11, 24, unused_files.NIGHT_HOUR, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    get_settings.cache_clear()


def written(path: Path, at: datetime) -> Path:
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def stored(content: bytes, at: datetime) -> Path:
    return written(file_path(store_file(content, "a.txt").sha256), at)


def sweep(session: Session) -> None:
    with frozen(NIGHT):
        unused_files.on_sweep(session, {})


def test_what_is_not_named_goes_once_it_is_more_than_a_day_old(db_session: Session) -> None:
    at_the_edge = stored(b"young", NIGHT - unused_files.YOUNG)
    over = stored(b"old", NIGHT - unused_files.YOUNG - timedelta(seconds=1))
    draft = over.with_name("tmpx1")
    draft.write_bytes(b"half")
    written(draft, NIGHT - timedelta(days=2))
    sweep(db_session)
    assert (at_the_edge.exists(), over.exists(), draft.exists()) == (True, False, False)


def test_what_a_row_names_stays_however_old(db_session: Session, world: World) -> None:
    sender = Sender("email", "wang.li@example.cn")
    receive(db_session, Inbound("email", world.support.id, sender, "See", files=(File("a.txt", b"kept"),)))
    kept = stored(b"kept", NIGHT - timedelta(days=900))
    sweep(db_session)
    assert kept.read_bytes() == b"kept"


def test_what_is_stored_again_is_young_again(db_session: Session) -> None:
    path = stored(b"twice", NIGHT - timedelta(days=2))
    before = path.stat().st_mtime
    store_file(b"twice", "b.txt")
    assert path.stat().st_mtime != before


def test_it_comes_again_the_next_night_also_where_there_are_no_files(db_session: Session) -> None:
    sweep(db_session)
    waiting = select(TimerRow.due_at).where(TimerRow.kind == unused_files.SWEEP, TimerRow.done_at.is_(None))
    assert db_session.scalars(waiting).all() == [NIGHT + timedelta(days=1)]

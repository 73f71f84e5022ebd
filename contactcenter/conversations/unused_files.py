"""Files that no row names: an upload whose transaction failed, a draft of a killed process. They go the next night.

A file lies on the disk before its row is committed, so only what is a day old is looked at; storing the same content
again makes a file young.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.conversations.models import Attachment
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.logs import get_logger
from contactcenter.core.timers import set_timer

SWEEP = "files.sweep"
NIGHT_HOUR = 4
YOUNG = timedelta(days=1)
log = get_logger(__name__)


def plan_nightly(session: Session) -> None:
    """Let the sweep run at the next NIGHT_HOUR (UTC); a clock process asks for it when it starts."""
    now = clock.now()
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    set_timer(session, SWEEP, "all", tonight if tonight > now else tonight + timedelta(days=1))


def on_sweep(session: Session, _args: Mapping[str, Any]) -> None:  # Any: JSON of the timer
    """Timer: one folder after the other, each with one question; nothing is locked."""
    removed_n = sum(_sweep(session, folder) for folder in _folders())
    if removed_n:
        log.info("files_removed", files_n=removed_n)
    plan_nightly(session)


def _folders() -> Iterator[Path]:
    root = get_settings().files_dir
    return (path for path in sorted(root.iterdir()) if path.is_dir()) if root.is_dir() else iter(())


def _sweep(session: Session, folder: Path) -> int:
    old = [path for path in folder.iterdir() if _is_old(path)]
    named = _named(session, [path.name for path in old])
    unused = [path for path in old if path.name not in named and _is_old(path)]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _named(session: Session, names: Sequence[str]) -> set[str]:
    return (
        set(session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_(names))))
        if names
        else set()
    )


def _is_old(path: Path) -> bool:
    """By the disk's own clock, which may be another machine's."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, tz=clock.now().tzinfo)
    except FileNotFoundError:
        return False
    return clock.now() - written_at > YOUNG

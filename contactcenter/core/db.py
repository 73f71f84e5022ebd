"""The database: declarative base, engine, and the unit of work that only edges open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Engine,
    Identity,
    MetaData,
    Text,
    create_engine,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.sql.dml import UpdateBase

from contactcenter.core import clock
from contactcenter.core.lines import postgres_options
from contactcenter.core.logs import get_logger

log = get_logger(__name__)

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), default=clock.now)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]  # Any: whatever JSON holds


class Base(DeclarativeBase):
    """Parent of every model; a model lies beside its feature's services."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[str]: JSONB,
    }


Hook = Callable[[], None]
Row = TypeVar("Row")


def _at_once(hook: Hook) -> None:
    """The work is done and stays done: a page that cannot be told must not make it look undone, nor stop the next."""
    try:
        hook()
    except Exception:  # telling is best effort, whatever fails in it
        log.exception("telling_failed")


_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_run_hook: Callable[[Hook], None] = _at_once


def connect(url: str, *, pool_n: int = 10, idle_in_transaction_s: float = 0) -> Engine:
    """Bind this process's units of work to `url` (postgresql+psycopg://…) and return the engine.

    `idle_in_transaction_s`: a unit of work that is silent for so long loses its locks, and fails (0: never).
    """
    engine = create_engine(
        url,
        pool_size=pool_n,
        max_overflow=pool_n,
        pool_pre_ping=True,
        hide_parameters=True,  # an error is logged with its statement: without what people wrote
        connect_args=postgres_options(idle_in_transaction_s=idle_in_transaction_s),
    )
    _sessions.configure(bind=engine)
    return engine


def bind(connection: Any, **options: Any) -> None:  # Any: sessionmaker's own keyword surface
    """Point units of work at one open connection: tests roll everything back through it."""
    _sessions.configure(bind=connection, **options)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commit on leaving, roll back on any error, then tell who waits for the commit.

    Only edges (request, socket handler, job, command) open one; services below never commit.
    Raises OperationalError while the database is away, or no connection to it is free.
    """
    try:
        with _sessions() as session:
            with session.begin():
                yield session
            hooks: dict[Hook, None] = session.info.pop("after_commit", {})
    except NoConnectionFree as error:
        raise OperationalError(None, None, error) from error
    for hook in hooks:
        _run_hook(hook)


def run_hooks_with(runner: Callable[[Hook], None]) -> None:
    """Let `runner` call what waits for this process's commits: on another thread, where telling must not delay work."""
    global _run_hook  # noqa: PLW0603  the process's one way, set once by its entry point
    _run_hook = runner


def after_commit(session: Session, hook: Hook, *, first: bool = False) -> None:
    """Run `hook` once this unit of work is durable; never, if it rolls back. `first`: before those that wait already.

    A hook that equals one that waits already adds nothing.
    """
    waiting: dict[Hook, None] = session.info.setdefault("after_commit", {})
    if first:
        session.info["after_commit"] = {hook: None, **waiting}
    else:
        waiting[hook] = None


def tell_nobody(session: Session) -> None:
    """Drop what waits for this unit of work's commit: for masses of made-up rows, which no open page could follow."""
    session.info.pop("after_commit", None)


def lock_row(session: Session, model: type[Row], row_id: int) -> Row | None:
    """The row as it is now, kept so until this unit of work ends: of two who compare its version one comes second.

    Who only points at it with a foreign key need not wait.
    """
    return session.get(
        model, row_id, populate_existing=True, with_for_update={"of": model, "key_share": True}
    )


def rows_changed(session: Session, statement: UpdateBase) -> int:
    """Run a guarded UPDATE or DELETE and say how many rows it met: 0 means somebody was faster."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101  what SQLAlchemy returns for data-changing statements
    return result.rowcount


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Wake LISTENers of `channel` when this transaction commits (PostgreSQL folds repeats)."""
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})

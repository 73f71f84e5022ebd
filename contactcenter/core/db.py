"""The database: declarative base, engine, and the unit of work that only edges open."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from fcntl import ioctl
from termios import FIONREAD
from typing import Annotated, Any, ClassVar, TypeVar

import psycopg
from psycopg.pq import ConnStatus
from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Engine,
    Identity,
    MetaData,
    Text,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError, OperationalError
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


_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_looks: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_shared: ContextVar[Session | None] = ContextVar("shared look", default=None)
_NOW = select(func.now())


def connect(url: str, *, pool_n: int = 10, idle_in_transaction_s: float = 0) -> Engine:
    """Bind this process's units of work to `url` (postgresql+psycopg://…) and return the engine.

    `idle_in_transaction_s`: a unit of work that is silent for so long loses its locks, and fails (0: never).
    """
    engine = create_engine(
        url,
        pool_size=pool_n,
        max_overflow=pool_n,
        hide_parameters=True,  # an error is logged with its statement: without what people wrote
        connect_args=postgres_options(idle_in_transaction_s=idle_in_transaction_s),
    )
    event.listen(engine, "checkout", _refuse_dead)
    _sessions.configure(bind=engine)
    _looks.configure(bind=engine.execution_options(isolation_level="AUTOCOMMIT"))
    return engine


def _refuse_dead(connection: Any, _record: object, _proxy: object) -> None:  # Any: psycopg's connection
    """Have the pool open another connection where the server has hung up.

    That lies in the socket; only if it has said something unasked, perhaps its goodbye, is it asked.
    """
    line = connection.pgconn
    try:
        unread_n = int.from_bytes(ioctl(line.socket, FIONREAD, bytes(4)), sys.byteorder)
        line.consume_input()
        if unread_n:
            line.exec_(b"")
    except psycopg.OperationalError as error:
        raise DisconnectionError from error
    if line.status != ConnStatus.OK:
        raise DisconnectionError


def bind(connection: Any, **options: Any) -> None:  # Any: sessionmaker's own keyword surface
    """Point units of work at one open connection: tests roll everything back through it."""
    _sessions.configure(bind=connection, **options)
    _looks.configure(bind=connection, **options)


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
    if hooks:
        _run_hooks(hooks)


def tell(hooks: Iterable[Hook]) -> None:
    """Call them. The work is done and stays done: a page that cannot be told must not make it look undone, nor stop the next."""
    with one_look():
        for hook in hooks:
            try:
                hook()
            except Exception:  # telling is best effort, whatever fails in it
                log.exception("telling_failed")


_run_hooks: Callable[[Iterable[Hook]], None] = tell


def run_hooks_with(runner: Callable[[Iterable[Hook]], None]) -> None:
    """Let `runner` call what waited for one commit: on another thread, where telling must not delay work."""
    global _run_hooks  # noqa: PLW0603  the process's one way, set once by its entry point
    _run_hooks = runner


@contextmanager
def one_look() -> Iterator[None]:
    """Whoever looks in here shares one session, which forgets nothing that was read."""
    with _looks() as session:
        event.listen(session, "loaded_as_persistent", _keep)
        before = _shared.set(session)
        try:
            yield
        finally:
            _shared.reset(before)


@contextmanager
def reading() -> Iterator[Session]:
    """Like `look`, for who passes nothing on: a session of its own that nobody need be able to date."""
    try:
        with _looks() as session:
            yield session
    except NoConnectionFree as error:
        raise OperationalError(None, None, error) from error


@contextmanager
def look() -> Iterator[Session]:
    """Read only, outside of any transaction: each statement sees what is committed then.

    Those who are told of one commit share one session: what the first of them has read the others need not ask for again.
    Raises OperationalError like `unit_of_work`.
    """
    try:
        shared = _shared.get()
        if shared is not None:
            yield _begun(shared)
            return
        with _looks() as session:
            yield _begun(session)
    except NoConnectionFree as error:
        raise OperationalError(None, None, error) from error
    except Exception:
        if shared is not None:
            shared.rollback()  # whoever is told next asks on a connection that works
        raise


def memory() -> dict[Any, Any] | None:  # Any: whoever keeps something names and types it
    """What those who are told of one commit may keep for each other; None outside of such a telling."""
    shared = _shared.get()
    return None if shared is None else shared.info.setdefault("memory", {})


def _keep(session: Session, row: object) -> None:
    session.info.setdefault("kept", []).append(row)


def as_of(session: Session) -> datetime:
    """When the first thing in this look was read, or later things at the earliest: by the database's clock, one for all processes."""
    began: datetime = session.info["as_of"]
    return began


def _begun(session: Session) -> Session:
    if "as_of" not in session.info:
        session.info["as_of"] = session.execute(_NOW).scalar_one()
    return session


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


def plan_for_values(session: Session) -> None:
    """What this unit of work asks from here on is planned for its own values: a search, whose best way depends on the word.

    Else PostgreSQL settles, after ten times, on one plan for all words.
    """
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Wake LISTENers of `channel` when this transaction commits (PostgreSQL folds repeats)."""
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})

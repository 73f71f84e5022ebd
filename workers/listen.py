"""Sleep until PostgreSQL says something happened."""

from types import TracebackType
from typing import Self

import psycopg

from contactcenter.core.lines import connect_apart
from contactcenter.core.logs import get_logger

log = get_logger(__name__)


class Listener:
    """A connection of its own that LISTENs to one channel; it comes back by itself when the database does."""

    def __init__(self, database_url: str, channel: str) -> None:
        self._url = database_url
        self._channel = channel
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, seconds: float) -> bool:
        """True as soon as a notification comes, False after `seconds` without one."""
        try:
            connection = self._connection or self._connect()
            return any(True for _ in connection.notifies(timeout=seconds, stop_after=1))
        except psycopg.OperationalError as error:
            log.warning("listener_lost", channel=self._channel, reason=type(error).__name__)
            self.close()
            return False

    def close(self) -> None:
        """End the connection; a later `wait` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        connection = connect_apart(self._url)
        connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self._channel)))
        self._connection = connection
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

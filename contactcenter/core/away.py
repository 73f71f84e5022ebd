"""For commands: a database that is not there is one sentence for the person at the terminal, not a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, OperationalError

from contactcenter.core.errors import DomainError


class Unavailable(DomainError):
    """What is needed does not answer now."""

    status = 503
    code = "unavailable"


@contextmanager
def said_plainly() -> Iterator[None]:
    """Raises Unavailable for a database that is away, or an address that is none; psycopg's first line has the reason."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Unavailable(f"The database does not answer: {reason}.") from error
    except ArgumentError as error:
        raise Unavailable(
            "DATABASE_URL (or MIGRATION_URL) is no address like postgresql+psycopg://user@host/name."
        ) from error

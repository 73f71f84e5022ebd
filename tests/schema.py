"""The schema for tests: what the models say."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from contactcenter.compose import metadata


def create_schema(owner: Engine) -> None:
    """Create every table and let the application's role use them."""
    with owner.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            text("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO candor_app")
        )
        connection.execute(text("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO candor_app"))


def empty_tables(owner: Engine) -> None:
    """Delete every row, once nobody writes any more. For a few rows this takes a tenth of TRUNCATE's time.

    A process that is just being stopped may hold one table and want another: then once more, a few times.
    """
    for last in (False, False, False, True):
        try:
            _empty(owner)
        except OperationalError:  # a deadlock
            if last:
                raise
        else:
            return


def _empty(owner: Engine) -> None:
    names = [table.name for table in metadata.sorted_tables]
    look = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no order, no triggers
        connection.execute(text(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE"))
        for name in connection.scalars(text(look)).all():
            connection.execute(text(f"DELETE FROM {name}"))

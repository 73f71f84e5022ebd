"""The schema for tests: what the models say."""

from sqlalchemy import create_engine, text

from contactcenter.compose import metadata


def create_schema(owner_url: str) -> None:
    """Create every table and let the application's role use them."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            text("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO candor_app")
        )
        connection.execute(text("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO candor_app"))
    engine.dispose()

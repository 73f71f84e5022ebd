"""Where words can lie: every column of every table, every file, everything in Valkey. Taken from the catalogue, so that
a table that is made tomorrow is searched, too."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from redis import Redis
from sqlalchemy import Engine, text

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position"
)


def in_tables(owner: Engine, words: Sequence[str]) -> Iterator[str]:
    """`table.column: word` for each that is found: as text, within JSON, in search words, or as bytes."""
    with owner.connect() as connection:
        for table in connection.scalars(text(TABLES)).all():
            for column in connection.scalars(text(COLUMNS), {"table": table}).all():
                for word in words:
                    query = f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE :word OR "{column}"::text LIKE :hex'
                    given = {"word": f"%{word}%", "hex": f"%{word.encode().hex()}%"}
                    if connection.scalar(text(f"{query} LIMIT 1"), given):
                        yield f"{table}.{column}: {word}"


def in_files(folder: Path, words: Sequence[str], *, but: Sequence[str] = ()) -> Iterator[str]:
    """The same for the content and the names of all files below `folder`, except in folders called like `but`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(but) & set(path.relative_to(folder).parts):
            content = path.read_bytes() + str(path).encode()
            for word in words:
                if word.encode() in content:
                    yield f"{path.relative_to(folder)}: {word}"


def in_valkey(redis: Redis, words: Sequence[str]) -> Iterator[str]:
    """The same for its keys and what they hold, as a dump of each key writes it."""
    for key in redis.scan_iter():
        held = bytes(key) + (redis.dump(key) or b"")
        for word in words:
            if word.encode() in held:
                yield f"{key!r}: {word}"

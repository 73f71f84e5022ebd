"""`backup FILE` and `restore FILE`: database, files and the embedded secret key in one archive."""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import psycopg

from contactcenter.core.clock import now
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.migrate import upgrade
from contactcenter.embedded import running
from contactcenter.embedded.attach import attach_or_start
from contactcenter.embedded.binaries import postgres_bin
from contactcenter.embedded.errors import EngineError

FORMAT = 1
CARD, DATABASE, FILES, KEY = "card.json", "database.dump", "files", "secret_key"
FILE_NAME = re.compile(rf"{FILES}/[0-9a-f]{{2}}/([0-9a-f]{{64}})")


def backup(arguments: list[str]) -> int:
    """The system may run meanwhile: the database comes first, so every file that it names is in the archive."""
    target = parse("backup", "where to write the archive", arguments)
    with attach_or_start(get_settings()) as settings, tempfile.TemporaryDirectory(prefix="candor-") as name:
        folder = Path(name)
        run_tool("pg_dump", settings, "--format=custom", "--no-owner", f"--file={folder / DATABASE}")
        (folder / CARD).write_text(json.dumps({"format": FORMAT, "made_at": now().isoformat()}))
        write_archive(
            target, [folder / CARD, folder / DATABASE, settings.files_dir, settings.state_dir / KEY]
        )
    print(f"{target}: {target.stat().st_size // 1024} KiB, the secret key included: keep it safe.")
    return 0


def restore(arguments: list[str]) -> int:
    """Only into an installation that nobody uses yet: what is there is never overwritten."""
    source = parse("restore", "an archive that `backup` wrote", arguments)
    with tempfile.TemporaryDirectory(prefix="candor-") as name:
        folder = Path(name)
        unpack(source, folder)
        with attach_or_start(get_settings()) as settings:
            refuse_if_used(settings)
            restore_database(folder / DATABASE, settings)
            restore_files(folder, settings)
    print(f"{source} is restored. `python app.py complaints verify` checks the log of complaints.")
    return 0


def parse(command: str, purpose: str, arguments: list[str]) -> Path:
    parser = argparse.ArgumentParser(prog=f"app.py {command}", description=__doc__)
    parser.add_argument("file", type=Path, help=purpose)
    file: Path = parser.parse_args(arguments).file
    return file


def run_tool(tool: str, settings: Settings, *words: str) -> None:
    """pg_dump or pg_restore as the owner; with a server of one's own, the machine's tools go first."""
    embedded = postgres_bin() / tool
    program = embedded if "host=/" in settings.database_url else Path(shutil.which(tool) or embedded)
    done = subprocess.run(
        [program, f"--dbname={owner_url(settings)}", *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EngineError(f"{tool} failed: {done.stderr.strip().splitlines()[-1]}")


def owner_url(settings: Settings) -> str:
    """The owner's address as libpq writes it."""
    return (settings.migration_url or settings.database_url).replace("+psycopg", "")


def write_archive(target: Path, parts: list[Path]) -> None:
    """Readable for us alone, and under its name only once it is whole."""
    draft = target.with_name(f".{target.name}.draft")
    try:
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
            tarfile.open(fileobj=raw, mode="w:gz") as archive,
        ):
            for part in parts:
                add_files(archive, part)
    except OSError as error:
        raise EngineError(f"Cannot write {target}: {error.strerror}.") from error
    draft.replace(target)


def add_files(archive: tarfile.TarFile, part: Path) -> None:
    """A file, or those of a folder that are whole: a draft that is being written is no file yet, and one may go meanwhile."""
    for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
        name = str(path.relative_to(part.parent))
        if part.name != FILES or FILE_NAME.fullmatch(name):
            with contextlib.suppress(FileNotFoundError):
                archive.add(path, arcname=name)


def unpack(source: Path, folder: Path) -> None:
    """Take out only what we know by name, files only with the content that their name promises."""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                stream = archive.extractfile(member)
                if stream is not None and (
                    member.name in {CARD, DATABASE, KEY} or FILE_NAME.fullmatch(member.name)
                ):
                    path = folder / member.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        shutil.copyfileobj(stream, file)
    except (tarfile.TarError, EOFError):
        raise EngineError(f"Cannot read {source}: it is no archive, or not a whole one.") from None
    except OSError as error:
        raise EngineError(f"Cannot read {source}: {error.strerror or error}.") from error
    check_contents(source, folder)


def check_contents(source: Path, folder: Path) -> None:
    card = folder / CARD
    if not card.exists() or json.loads(card.read_text()).get("format") != FORMAT:
        raise EngineError(f"{source} is no archive that this version's `backup` wrote.")
    for path in (path for path in (folder / FILES).rglob("*") if path.is_file()):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            raise EngineError(f"{source} is damaged: the file {path.name[:12]}… has other content.")


def refuse_if_used(settings: Settings) -> None:
    system = running.read(settings.state_dir)
    if system is not None and system.url:
        raise EngineError(f"Candor runs at {system.url}; stop it before you restore.")
    with psycopg.connect(owner_url(settings)) as connection:
        known = connection.execute("SELECT to_regclass('user_account')").fetchone()
        used = known != (None,) and connection.execute("SELECT 1 FROM user_account LIMIT 1").fetchone()
    if used:
        raise EngineError(
            "This installation is in use; restore into an empty one (another STATE_DIR or database)."
        )


def restore_database(dump: Path, settings: Settings) -> None:
    """Into a fresh schema, then forward to this version's; rights come along where the roles are ours."""
    with psycopg.connect(owner_url(settings), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    ours = "host=/" in settings.database_url
    run_tool(
        "pg_restore",
        settings,
        "--no-owner",
        *([] if ours else ["--no-privileges"]),
        "--exit-on-error",
        str(dump),
    )
    upgrade(settings.migration_url or settings.database_url)


def restore_files(folder: Path, settings: Settings) -> None:
    if (folder / FILES).exists():
        shutil.copytree(folder / FILES, settings.files_dir, dirs_exist_ok=True)
    if (folder / KEY).exists():
        put_key_back((folder / KEY).read_text(), settings.state_dir / KEY)


def put_key_back(key: str, path: Path) -> None:
    """Without it, sealed secrets and signed links of the archive would be lost."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)

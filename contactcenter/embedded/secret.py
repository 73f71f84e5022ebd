"""The keys that sign tokens and seal secrets: given, or made and kept beside the embedded database, the newest first."""

import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from contactcenter.core.config import Settings
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import open_state_dir

SECRET_KEY_MIN = 32
FILE = "secret_key"


def secret_key(settings: Settings) -> str:
    """The one that signs and seals now."""
    return secret_keys(settings)[0]


def secret_keys(settings: Settings) -> Sequence[str]:
    """Those given; with the embedded database those of its file, the first one made at the first start and kept 0600."""
    if settings.secret_key:
        return settings.secret_keys
    if settings.database_url:
        raise EngineError(
            f"Set SECRET_KEY (at least {SECRET_KEY_MIN} random characters): DATABASE_URL is set, so others run too."
        )
    path = open_state_dir(settings.state_dir) / FILE
    with contextlib.suppress(FileExistsError):
        _write(path, [new_key()], os.O_EXCL)
    return path.read_text().split()


def key_environment(settings: Settings) -> dict[str, str]:
    """What every process of this installation is told of them."""
    current, *older = secret_keys(settings)
    return {"SECRET_KEY": current, "SECRET_KEY_OLD": ",".join(older)}


def new_key() -> str:
    """As random as a key can be."""
    return secrets.token_urlsafe(48)


def keep_keys(state_dir: Path, keys: Sequence[str]) -> None:
    """Replace the file in one step: a process that starts meanwhile reads the old keys or the new ones."""
    draft = state_dir / f".{FILE}.draft"
    _write(draft, keys, os.O_TRUNC)
    draft.replace(state_dir / FILE)


def _write(path: Path, keys: Sequence[str], how: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(descriptor)

"""The key that signs tokens and seals secrets: given, or made once and kept beside the embedded database."""

import contextlib
import os
import secrets

from contactcenter.core.config import Settings
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import open_state_dir

SECRET_KEY_MIN = 32


def secret_key(settings: Settings) -> str:
    """The given one; with the embedded database one made at the first start and kept 0600."""
    if settings.secret_key:
        return settings.secret_key
    if settings.database_url:
        raise EngineError(
            f"Set SECRET_KEY (at least {SECRET_KEY_MIN} random characters): DATABASE_URL is set, so others run too."
        )
    path = open_state_dir(settings.state_dir) / "secret_key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

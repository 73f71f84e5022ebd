"""Whose rights the engines run with: our own, or nobody's when we are root (PostgreSQL refuses root)."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from contactcenter.embedded.errors import EngineError


class PopenAccount(TypedDict, total=False):
    """The part of subprocess.Popen's arguments that changes the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user to run as; without ids, ourselves."""

    uid: int | None = None
    gid: int | None = None

    def popen(self) -> PopenAccount:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None:
            shutil.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets into `folder` through all its parents; asked of the kernel, not guessed."""
        if self.uid is None:
            return True
        return subprocess.run(["test", "-x", folder], check=False, cwd="/", **self.popen()).returncode == 0  # noqa: S607  `test` of the system


def engine_account() -> Account:
    """The user nobody when we are root, else ourselves; raises EngineError for a user that the system does not know."""
    uid = os.geteuid()
    if uid == 0:
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise EngineError(
            f"User id {uid} has no entry in /etc/passwd, without which PostgreSQL does not start;"
            " add one, run as another user, or set DATABASE_URL."
        ) from None
    return Account()

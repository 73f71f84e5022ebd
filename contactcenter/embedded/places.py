"""Where the engines' data and sockets lie, without opening any folder that was closed before."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contactcenter.embedded.account import Account
from contactcenter.embedded.errors import EngineError

SOCKET_PATH_MAX = 100  # bytes; the kernel's limit is 104 on macOS and 108 on Linux
LONGEST_SOCKET = ".s.PGSQL.5432"
SYSTEM_HOME = Path("/var/lib/candor")
POINTER = "engines-live-in"
OWNER_NOTE = "belongs-to"


@dataclass(frozen=True, slots=True)
class Places:
    """All folders of one state directory's engines."""

    state_dir: Path
    home: Path
    """Data, logs and private copies of programs; belongs to the engines' account, 0700."""
    sockets: Path
    """0700, and short enough for a socket's path: whoever enters it owns the database."""
    throwaway: bool

    def leave(self) -> None:
        """Remove what was made for this run only."""
        if self.sockets.parent != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self.throwaway and self.home.parent != self.state_dir:
            shutil.rmtree(self.home, ignore_errors=True)


def open_state_dir(state_dir: Path) -> Path:
    """The absolute state directory, made if missing; raises EngineError when we may not write there."""
    state_dir = state_dir.expanduser().absolute()
    # As root the engines' own user has to pass through it; what is secret in it is 0600 or 0700 itself.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=mode)
    except OSError as error:
        raise EngineError(f"Cannot make the state directory {state_dir}: {error.strerror}.") from error
    if not os.access(state_dir, os.W_OK | os.X_OK):
        raise EngineError(f"The state directory {state_dir} is not writable for user id {os.geteuid()}.")
    return state_dir


def settle(state_dir: Path, account: Account, *, throwaway: bool) -> Places:
    """Choose and make the folders; the same ones again at the next start."""
    home = find_home(state_dir, account, throwaway=throwaway)
    return Places(state_dir, home, make_sockets_folder(home, account), throwaway)


def find_home(state_dir: Path, account: Account, *, throwaway: bool) -> Path:
    """STATE_DIR/engines; where its parents shut the engines' user out (/root), a folder of the system's.

    A file `engines-live-in` then points to it, so that removing STATE_DIR means starting anew.
    """
    pointer = state_dir / POINTER
    with contextlib.suppress(FileNotFoundError):
        elsewhere = Path(pointer.read_text().strip())
        if elsewhere.is_dir():
            return elsewhere
    if account.can_enter(state_dir):
        home = state_dir / "engines"
        home.mkdir(mode=0o700, exist_ok=True)
    else:
        home = make_home_elsewhere(account, temporary=throwaway or is_temporary(state_dir))
        pointer.write_text(f"{home}\n")
        (home / OWNER_NOTE).write_text(f"{state_dir}\n")
    account.own(home)
    return home


def is_temporary(state_dir: Path) -> bool:
    """What lies among temporary files may have its data there too, where the system clears up."""
    return state_dir.is_relative_to(tempfile.gettempdir())


def make_home_elsewhere(account: Account, *, temporary: bool) -> Path:
    candidates = [Path(tempfile.gettempdir()), SYSTEM_HOME] if temporary else [SYSTEM_HOME]
    for parent in candidates:
        with contextlib.suppress(OSError):
            parent.mkdir(mode=0o711, exist_ok=True)
            if account.can_enter(parent):
                return Path(tempfile.mkdtemp(prefix="candor-", dir=parent))
    raise EngineError(
        f"PostgreSQL must not run as root, and its user can enter neither the state directory nor {SYSTEM_HOME};"
        " set STATE_DIR to a folder that everyone may pass through."
    )


def abandoned_homes() -> Iterator[Path]:
    """Homes in the system's folder to which no state directory points any more; a person may remove them."""
    for note in sorted(SYSTEM_HOME.glob(f"*/{OWNER_NOTE}")):
        pointer = Path(note.read_text().strip()) / POINTER
        if not pointer.exists() or pointer.read_text().strip() != str(note.parent):
            yield note.parent


def make_sockets_folder(home: Path, account: Account) -> Path:
    """home/run, or a fresh short folder when that path would be too long for a socket."""
    folder = home / "run"
    if len(os.fsencode(folder / LONGEST_SOCKET)) <= SOCKET_PATH_MAX:
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        folder = Path(tempfile.mkdtemp(prefix="candor-", dir=short_folder()))
    account.own(folder)
    folder.chmod(0o700)
    return folder


def short_folder() -> Path:
    """The user's run-time folder where there is one, else /tmp; mkdtemp's 0700 keeps others out of both."""
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = own and os.geteuid() != 0 and len(own) < SOCKET_PATH_MAX // 2 and os.access(own, os.W_OK)
    return Path(own if usable else "/tmp")  # noqa: S108  the folder made inside it is 0700 and freshly named

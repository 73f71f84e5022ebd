"""The demo in a database of the test run, and the settings it was made with."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from contactcenter.cli.demo import seed_if_empty
from contactcenter.core.config import Settings, get_settings
from tests.passwords import quickly_hashed


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Of this run, with a state directory of the test's own."""
    return get_settings().model_copy(update={"state_dir": tmp_path})


@pytest.fixture
def demo(settings: Settings, clean_database: Engine) -> Settings:
    """The demo, seeded and committed; everything is gone afterwards."""
    with quickly_hashed():
        assert seed_if_empty(settings)
    return settings

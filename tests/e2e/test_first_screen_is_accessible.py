"""The page that an empty house shows, which makes the first administrator."""

import contextlib

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from contactcenter.cli.system import System
from tests.e2e.conftest import Organisation, Stage, empty
from tests.e2e.looks import judge_again, judge_all

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_for_the_first_administrator_is_clean(
    system: System, database: Engine, chromium: Browser, language: str
) -> None:
    empty(database)
    house = Organisation(system.url, "", system.settings.state_dir, database)
    with contextlib.closing(Stage(chromium, house, language)) as stage:
        page = stage.window()
        page.goto(f"{system.url}/")
        expect(page).to_have_url(f"{system.url}/first-administrator")
        (judge_all if language == "en" else judge_again)(page)

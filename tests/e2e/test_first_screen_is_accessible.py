"""The page that an empty house shows, which makes the first administrator."""

import contextlib

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from contactcenter.cli.system import System
from tests.e2e.conftest import Organisation, Stage, empty
from tests.e2e.test_screens_are_accessible import judge, opened_for

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True], ids=["desk, light", "phone, dark"])
def test_page_for_the_first_administrator_is_clean(
    system: System, database: Engine, chromium: Browser, *, phone: bool
) -> None:
    empty(database)
    stage = Stage(chromium, Organisation(system.url, "", system.settings.state_dir, database))
    with contextlib.closing(stage):
        page = opened_for(stage, "", phone=phone)
        page.goto(f"{system.url}/")
        expect(page).to_have_url(f"{system.url}/first-administrator")
        judge(page, phone=phone)

"""Every screen in English and Chinese, light and dark, on a desk and on a telephone: no fault for a screen reader, nothing
blocked, nothing cut off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from contactcenter.cli.system import System
from contactcenter.core.config import get_settings
from tests.e2e.conftest import fresh_organisation
from tests.e2e.looks import SIZES, judge_again, judge_all
from tests.e2e.screens import SCREENS, Screen
from tests.e2e.town import Town

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(system: System, database: Engine, chromium: Browser) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_KEY", (system.settings.state_dir / "secret_key").read_text())
        get_settings.cache_clear()
        town = Town(chromium, fresh_organisation(system, database))
        yield town
        town.close()
    get_settings.cache_clear()


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_clean(town: Town, name: str) -> None:
    """Come to on a desk, then as small as on a telephone."""
    judge_all(show(town, SCREENS[name], "en", phone=False), phone=SCREENS[name].phone)


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_clean_in_chinese(town: Town, name: str) -> None:
    """Come to on a telephone: what it takes to get there is within reach of a thumb."""
    phone = SCREENS[name].phone
    judge_again(show(town, SCREENS[name], "zh", phone=phone), phone=phone)


def show(town: Town, screen: Screen, language: str, *, phone: bool) -> Page:
    page = town.window(screen.who, language)
    page.set_viewport_size(SIZES["phone" if phone else "desk"])  # type: ignore[arg-type]  # a ViewportSize is these two numbers
    answer = page.goto(town.organisation.url + screen.path.format(**town.places))
    assert answer is not None
    assert answer.status == screen.status
    if screen.path.startswith("/console") and page.locator("#presence").count():
        expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
        expect(page.locator("#presence button").first).to_be_visible()
    screen.prepare(page, town)
    return page

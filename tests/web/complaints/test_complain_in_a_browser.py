"""The public form in real browsers, on a telephone and at a desk, in both languages, by keyboard and without a script."""

import pytest
from playwright.sync_api import expect

from contactcenter.edge.limits import limiter
from tests.web.complaints.test_case_in_a_browser import look_at
from tests.web.served import DESK, PHONE, Served, tab_to
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "size", "dark"), [("en", DESK, False), ("zh", PHONE, True)])
def test_somebody_without_a_name_complains_by_keyboard_alone(
    served: Served, town: World, language: str, size: dict[str, int], *, dark: bool
) -> None:
    limiter.reset()
    page = served.window(size=size, dark=dark)
    page.goto(f"/complain?brand=harbour&lang={language}")
    look_at(page, f"intake-{language}-{size['width']}")
    send = "form[action='/complain'] button[type=submit]"
    tab_to(page, send)
    page.keyboard.press("Enter")
    look_at(page, f"intake-refused-{language}-{size['width']}")
    tab_to(page, "textarea[name=text]")
    page.keyboard.type("The refund of 40.00 never came.")
    tab_to(page, "[name=way]:checked")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=way][value=page]")).to_be_checked()
    tab_to(page, send)
    page.keyboard.press("Enter")
    page.wait_for_url("**/complaint/*")
    expect(page.locator("h1")).to_contain_text("CMP-")
    look_at(page, f"intake-page-{language}-{size['width']}")


def test_the_form_works_without_a_script(served: Served, town: World) -> None:
    limiter.reset()
    page = served.window(size=PHONE, java_script_enabled=False)
    page.goto("/complain?brand=harbour&lang=en")
    page.locator("textarea[name=text]").fill("The refund of 40.00 never came.")
    page.locator("[name=contact]").fill("li@example.org")
    page.locator("form[action='/complain'] button[type=submit]").click()
    page.wait_for_url("**/complaint/*")
    expect(page.get_by_text("Keep its address")).to_be_visible()

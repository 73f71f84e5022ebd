"""Administration as Ada has it before her: by mouse, on a phone, in both languages, without a fault for a screen reader."""

import pytest
from playwright.sync_api import expect

from contactcenter.accounts.models import User
from contactcenter.core.db import unit_of_work
from tests.web.served import PHONE, Served, faults, overflow, tab_to
from tests.world import World

pytestmark = pytest.mark.browser

LISTS = ("people", "teams", "brands", "queues", "hours", "widgets", "mailboxes", "replies")


def screens(town: World) -> list[str]:
    empty_forms = [f"/admin/{kind}/new" for kind in LISTS]
    filled_forms = [
        f"/admin/people/{town.alice.id}",
        f"/admin/teams/{town.team.id}",
        f"/admin/brands/{town.brand.id}",
        f"/admin/queues/{town.support.id}",
        "/admin/routing/",
    ]
    return [
        "/admin",
        *(f"/admin/{kind}/" for kind in LISTS),
        *empty_forms,
        *filled_forms,
        "/admin/tokens/",
        "/admin/sources/",
        "/admin/history/",
    ]


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)])
def test_every_screen_is_clean(served: Served, town: World, language: str, *, dark: bool) -> None:
    with unit_of_work() as session:
        session.get_one(User, town.admin.id).language = language
    page = served.window(town.admin, dark=dark)
    for path in screens(town):
        page.goto(path)
        assert faults(page) == [], path


def test_nothing_is_cut_off_on_a_phone(served: Served, town: World) -> None:
    phone = served.window(town.admin, size=PHONE)
    for path in screens(town):
        phone.goto(path)
        assert overflow(phone) <= 0, path


def test_a_mistake_is_shown_in_place_and_what_was_typed_stays(served: Served, town: World) -> None:
    page = served.window(town.admin)
    page.goto("/admin/brands/new")
    page.fill("[name=name]", "North Gas")
    page.fill("[name=slug]", "north-gas")
    page.fill("[name=zone]", "Nowhere")
    page.click("main button.button--primary")
    summary = page.locator(".form__summary")
    expect(summary).to_contain_text("Time zone: Choose one of the offered values.")
    expect(page.locator("[name=name]")).to_have_value("North Gas")
    assert faults(page) == []
    summary.locator("a").click()
    expect(page.locator("[name=zone]")).to_be_focused()
    page.fill("[name=zone]", "Europe/London")
    page.click("main button.button--primary")
    expect(page.locator(".banner--good")).to_contain_text("Saved.")
    expect(page.locator("tbody")).to_contain_text("North Gas")


def test_a_new_token_is_shown_once(served: Served, town: World) -> None:
    page = served.window(town.admin)
    page.goto("/admin/tokens/")
    page.fill("[name=name]", "web shop")
    page.select_option("[name=role]", "agent")
    page.click("main button.button--primary")
    expect(page.locator("#new-token")).to_contain_text("cdr_")
    page.reload()
    expect(page.locator("tbody")).to_contain_text("web shop")
    expect(page.locator("#new-token")).to_have_count(0)


def test_routing_is_set_up_by_keyboard_alone(served: Served, town: World) -> None:
    page = served.window(town.admin)
    page.goto("/admin/routing/")
    tab_to(page, "input[name=handicap_s]:checked")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("input[name=handicap_s]:checked").input_value()
    tab_to(page, "[name=vip]")
    page.keyboard.type("gold 5")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("input[name=handicap_s]:checked")).to_have_value(chosen)
    expect(page.locator("[name=vip]")).to_have_value("gold 5")
    page.goto(f"/admin/queues/{town.support.id}")
    tab_to(page, "[name=step_1_after]")
    page.keyboard.type("30")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=step_2_after]")
    page.keyboard.type("60")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"/admin/queues/{town.support.id}")
    expect(page.locator("[name=step_1_after]")).to_have_value("30")
    expect(page.locator("[name=step_2_after]")).to_be_visible()
    expect(page.locator("[name=step_2_after]")).to_have_value("60")
    expect(page.locator("[name=step_4_after]")).to_be_hidden()


def test_a_system_that_reports_is_added_and_ended_by_keyboard_alone(served: Served, town: World) -> None:
    page = served.window(town.admin)
    page.goto("/admin/sources/")
    tab_to(page, "[name=name]")
    page.keyboard.type("stripe")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#new-secret")).to_contain_text("cdrs_")
    page.goto("/admin/sources/")
    expect(page.locator("#new-secret")).to_have_count(0)
    tab_to(page, "form[action$='/end']:not([action*='/secrets/']) button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main tbody")).not_to_contain_text("stripe")

"""An offer is declined, another one missed: it goes to the next agent at its old place, and everybody is told why."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.acts import RINGS_WITHIN_MS, Say, become_ready, mail_comes, words_of
from tests.e2e.conftest import Stage

pytestmark = pytest.mark.browser

RING_S = 5


def offer(page: Page, about: str) -> Locator:
    card = page.locator(".offer", has_text=about)
    expect(card).to_be_visible(timeout=RINGS_WITHIN_MS)
    return card


def ring_shortly(ada: Page, play: Stage, say: Say) -> None:
    """An administrator changes a running queue in his browser."""
    ada.goto(f"{play.organisation.url}/admin/queues/")
    ada.get_by_role("link", name="General").click()
    ada.get_by_label(say("Offer rings for (s)")).fill(str(RING_S))
    ada.get_by_role("button", name=say("Save"), exact=True).click()
    expect(ada.get_by_text(say("Saved."))).to_be_visible()


def why(card: Locator, say: Say) -> str:
    card.get_by_text(say("Why me?")).click()
    told = card.locator("[id$=-why] li")
    expect(told).not_to_have_count(0)
    return card.locator("[id$=-why]").inner_text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_declined_then_missed_it_keeps_its_place(
    stage: Callable[[str], Stage], tmp_path: Path, language: str
) -> None:
    play, say = stage(language), words_of(language)
    amy, chen = play.signed_in("amy"), play.signed_in("chen")
    become_ready(amy, say)
    mail_comes(play.organisation.command, "Broken meter?", tmp_path)
    card = offer(amy, "Broken meter")
    told = why(card, say)
    assert say("Nobody else could take it at that moment.") in told
    play.shot(amy, "why-me")
    card.get_by_role("button", name=say("Decline")).click()
    expect(card).to_have_count(0)
    expect(amy.locator("#presence")).to_have_attribute("data-state", "ready")

    ring_shortly(play.signed_in("ada"), play, say)
    become_ready(chen, say)
    expect(offer(chen, "Broken meter")).to_be_visible()
    mail_comes(play.organisation.command, "Younger question?", tmp_path)
    expect(offer(amy, "Younger question")).to_be_visible()
    amy.locator(".offer", has_text="Younger question").get_by_role("button", name=say("Accept")).click()

    expect(chen.locator("#presence")).to_have_attribute("data-state", "away", timeout=4000 * RING_S)
    expect(chen.locator(".offer")).to_have_count(0)
    chen.locator("#presence > button").click()
    expect(chen.locator("#presence-menu")).to_contain_text(say("Missed an offer"))
    play.shot(chen, "missed-an-offer")
    chen.keyboard.press("Escape")
    mail_comes(play.organisation.command, "Youngest question?", tmp_path)
    become_ready(chen, say)
    expect(offer(chen, "Broken meter")).to_be_visible()
    expect(chen.locator(".offer")).to_have_count(1)

"""Calls between real browsers: refused microphones, second tabs, reloads, broken lines, and nobody there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import text

from tests.e2e.acts import accept, become_ready, open_widget, words_of
from tests.e2e.conftest import Stage
from tests.e2e.faults import until
from tests.e2e.looks import judge_again, judge_all

pytestmark = pytest.mark.browser
Play = Callable[[str], Stage]
LONG_WAIT_MS = 30_000
PHONE = {"width": 390, "height": 844}
NOTE_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...how) { super(...how); window.peers.push(this); }
};
"""
HEARS_WITHIN_S = 2
HEARS = """async (within) => {
  const energy = async () => {
    let sum = 0;
    const stats = await window.peers.at(-1)?.getStats() ?? [];
    stats.forEach((one) => { if (one.type === "inbound-rtp") sum += one.totalAudioEnergy; });
    return sum;
  };
  const before = await energy();
  for (const end = Date.now() + within * 1000; Date.now() < end;) {
    await new Promise((later) => setTimeout(later, 50));
    if ((await energy()) - before > 1e-6) return true;
  }
  return false;
}"""
NO_MICROPHONE = (
    "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError') };"
)
NO_HOURS = "UPDATE business_hours SET week = '[[],[],[],[],[],[],[]]'"


def caller_of(play: Stage, script: str = "") -> tuple[Page, Frame]:
    """Somebody on the shop's page with the widget open."""
    page = play.window()
    page.add_init_script(NOTE_PEERS + script)
    return page, open_widget(page, play.organisation.url)


def ring(phone: Frame) -> None:
    phone.click("#chat-call")
    phone.wait_for_selector("#call-bar[data-state=calling]")


def at_work(play: Stage, login: str, script: str = "") -> Page:
    """An agent who is ready."""
    page = play.window()
    page.add_init_script(NOTE_PEERS + script)
    play.sign_in(page, login)
    become_ready(page, words_of(play.language))
    return page


def take(play: Stage, agent: Page, phone: Frame) -> None:
    """The agent accepts, and both see that they talk."""
    accept([agent], words_of(play.language), "")
    talk(agent, phone)


def talk(agent: Page, phone: Frame) -> None:
    phone.wait_for_selector("#call-bar[data-state=connected]")
    expect(agent.locator("cc-call")).to_have_attribute("data-state", "connected")


def hear_each_other(agent: Page, phone: Frame) -> bool:
    return hears(agent) and hears(phone)


def hears(side: Page | Frame) -> bool:
    """Whether any sound arrives there: the false microphone beeps once a second."""
    return bool(side.evaluate(HEARS, HEARS_WITHIN_S))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_they_talk_mute_and_hang_up(language: str, stage: Play) -> None:
    play = stage(language)
    agent = at_work(play, "amy" if language == "en" else "chen")
    page, phone = caller_of(play)
    ring(phone)
    play.shot(page, "call-ringing-caller")
    agent.locator(".offer").wait_for()
    play.shot(agent, "call-ringing-agent")
    take(play, agent, phone)
    assert hear_each_other(agent, phone)
    play.shot(page, "call-talking-caller")
    play.shot(agent, "call-talking-agent")

    phone.click("#call-mute")
    agent.click("cc-call [data-part=mute]")
    expect(agent.locator("cc-call")).to_have_attribute("data-state", "muted")
    phone.wait_for_selector("#call-bar[data-state=muted]")
    until(lambda: not hears(agent), "the agent still hears the caller")
    until(lambda: not hears(phone), "the caller still hears the agent")
    play.shot(page, "call-muted-caller")
    play.shot(agent, "call-muted-agent")
    (judge_all if language == "en" else judge_again)(agent)
    for one in (page, agent):
        one.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a ViewportSize is these two numbers
    assert agent.locator("cc-call [data-part=hang-up]").bounding_box()["x"] > 0  # type: ignore[index]  # it is shown
    agent.click("cc-call [data-part=mute]", trial=True)
    play.shot(page, "call-muted-caller-phone")
    play.shot(agent, "call-muted-agent-phone")

    phone.click("#call-hang-up")
    expect(agent.locator("cc-call")).to_be_hidden()
    expect(phone.locator("#call-bar")).to_be_hidden()
    play.shot(page, "call-ended-caller-phone")
    play.shot(agent, "call-ended-agent-phone")


def test_call_goes_on_through_reloads_other_pages_and_a_broken_line(stage: Play) -> None:
    play = stage("en")
    agent = at_work(play, "amy")
    page, phone = caller_of(play)
    ring(phone)
    take(play, agent, phone)

    agent.reload()
    talk(agent, phone)
    assert hear_each_other(agent, phone), "after the agent's reload"
    agent.goto(f"{play.organisation.url}/customers")
    talk(agent, phone)
    assert hear_each_other(agent, phone), "on another page of the agent's"

    phone = open_widget(page, play.organisation.url)
    talk(agent, phone)
    assert hear_each_other(agent, phone), "after the caller's reload"

    page.context.set_offline(True)
    page.wait_for_timeout(5000)
    play.shot(page, "call-interrupted-caller")
    page.context.set_offline(False)
    talk(agent, phone)
    assert hear_each_other(agent, phone), "after five seconds without a network"


def test_one_of_two_tabs_talks_and_the_other_can_take_over(stage: Play) -> None:
    play = stage("en")
    agent = at_work(play, "amy")
    page, phone = caller_of(play)
    ring(phone)
    take(play, agent, phone)

    tab = page.context.new_page()
    tab.add_init_script(NOTE_PEERS)
    other = open_widget(tab, play.organisation.url)
    other.wait_for_selector("#call-bar[data-state=elsewhere]")
    play.shot(tab, "call-elsewhere-caller")
    second = agent.context.new_page()
    second.add_init_script(NOTE_PEERS)
    second.goto(f"{play.organisation.url}/console")
    expect(second.locator("cc-call")).to_have_attribute("data-state", "elsewhere")
    assert hear_each_other(agent, phone)

    other.click("#call-here")
    talk(agent, other)
    phone.wait_for_selector("#call-bar[data-state=elsewhere]")
    second.click("cc-call [data-part=here]")
    expect(agent.locator("cc-call")).to_have_attribute("data-state", "elsewhere")
    talk(second, other)
    assert hear_each_other(second, other)
    second.close()
    talk(agent, other)
    assert hear_each_other(agent, other), "the tab that is left takes over"


def test_caller_without_microphone_is_told_what_to_do(stage: Play) -> None:
    play = stage("en")
    page, phone = caller_of(play, NO_MICROPHONE)
    phone.click("#chat-call")
    expect(phone.locator("#chat-error")).to_contain_text("write instead")
    expect(phone.locator("#chat-call")).to_be_enabled()
    expect(phone.locator("#call-bar")).to_be_hidden()
    play.shot(page, "call-no-microphone-caller")


def test_agent_without_microphone_is_told_and_hears_the_caller(stage: Play) -> None:
    play = stage("en")
    agent = at_work(play, "amy", NO_MICROPHONE)
    _, phone = caller_of(play)
    ring(phone)
    take(play, agent, phone)
    expect(agent.locator("cc-call")).to_contain_text("No microphone")
    expect(agent.locator(".toasts")).to_contain_text("cannot hear you")
    assert hears(agent)
    play.shot(agent, "call-no-microphone-agent")


def test_declined_call_rings_at_the_next_and_stops_when_the_caller_hangs_up(stage: Play) -> None:
    play = stage("en")
    first, second = at_work(play, "amy"), at_work(play, "sam")
    _, phone = caller_of(play)
    ring(phone)
    until(lambda: offered(first) or offered(second), "it did not ring")
    rings = first if offered(first) else second
    other = second if rings is first else first
    rings.locator(".offer").get_by_role("button", name="Decline").click()
    expect(other.locator(".offer")).to_be_visible()
    expect(rings.locator(".offer")).to_be_hidden()
    phone.click("#call-hang-up")
    expect(other.locator(".offer")).to_be_hidden()
    expect(phone.locator("#chat-state")).to_contain_text("ended")


def offered(page: Page) -> bool:
    return page.locator(".offer").is_visible()


def test_nobody_there_and_nobody_open(stage: Play) -> None:
    play = stage("en")
    page = play.window()
    page.clock.install()
    phone = open_widget(page, play.organisation.url)
    ring(phone)
    expect(phone.locator("#call-hint")).to_be_hidden()
    page.clock.fast_forward(LONG_WAIT_MS)
    expect(phone.locator("#call-hint")).to_be_visible()
    play.shot(page, "call-nobody-caller")
    phone.click("#call-hang-up")
    phone.fill("#chat-text", "Please call me back.")
    phone.press("#chat-text", "Enter")
    expect(phone.locator("#chat-log")).to_contain_text("Please call me back.")
    with play.organisation.database.begin() as connection:
        connection.execute(text(NO_HOURS))
    phone.click("#chat-call")
    expect(phone.locator("#chat-error")).to_contain_text("closed now")
    expect(phone.locator("#call-bar")).to_be_hidden()
    play.shot(page, "call-closed-caller")

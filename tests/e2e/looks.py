"""What is asked of every screen, by day and by night, on a desk and on a telephone."""

from typing import Literal

from playwright.sync_api import Page

from tests.web.served import AXE_RULES, DESK, PHONE, faults, overflow

Size = Literal["desk", "phone"]
SIZES = {"desk": DESK, "phone": PHONE}
COLOURS = ["color-contrast"]
FINGERS = ["target-size"]
SETTLE = """
() => document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
  .forEach((one) => one.finish())
"""
"""What fades in is there at once, even in a window that nobody sees; what turns for ever need not stop."""


def judge(page: Page, size: Size, *, dark: bool, rules: list[str] = AXE_RULES) -> None:
    """No fault for a screen reader, nothing blocked, nothing cut off, as this window becomes."""
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]  # a ViewportSize is these two numbers
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.evaluate(SETTLE)
    where = f"{size}, {'dark' if dark else 'light'}"
    assert overflow(page) <= 0, f"{where}: something is cut off"
    assert faults(page, rules) == [], where


def judge_all(page: Page, *, phone: bool = True) -> None:
    """Everything by day on a desk; then what changes: the colours at night, and on a telephone the width."""
    judge(page, "desk", dark=False)
    judge(page, "desk", dark=True, rules=COLOURS)
    if phone:
        judge(page, "phone", dark=False, rules=FINGERS)


def judge_again(page: Page, *, phone: bool = True) -> None:
    """In another language: everything at night on a telephone; on a desk words may be too long or too large."""
    if phone:
        judge(page, "phone", dark=True)
    judge(page, "desk", dark=False, rules=FINGERS)

"""What a window cuts off: text that ends without a sign or cannot be read in full, and controls beyond its edge."""

from playwright.sync_api import Page

_LOOK = """
() => {
  const found = [];
  const say = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const scrolls = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement) {
      const way = getComputedStyle(box).overflowX;
      if ((way === "auto" || way === "scroll") && box.scrollWidth > box.clientWidth) return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const seen = element.checkVisibility({opacityProperty: true, visibilityProperty: true});
    if (!seen || box.width <= 1 || box.height <= 1 || element.closest("svg, .visually-hidden")) continue;
    const style = getComputedStyle(element);
    const hides = style.overflowX === "hidden" || style.overflowX === "clip";
    if (hides && element.scrollWidth > element.clientWidth + 1 && element.innerText.trim()) {
      element.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
      if (style.textOverflow !== "ellipsis") say("cut without a sign", element);
      else if (!element.closest("[title]")) say("cut and nowhere in full", element);
    }
    const acts = element.matches("a[href], button, input, select, textarea, summary");
    if (acts && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(element)) say("beyond the edge", element);
  }
  return found;
}
"""


def cut_off(page: Page) -> list[str]:
    """Each fault as one line. What scrolls sideways is no fault; an ellipsis is none where a title says the whole."""
    lines: list[str] = page.evaluate(_LOOK)
    return lines

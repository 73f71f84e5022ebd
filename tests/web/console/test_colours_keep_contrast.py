"""Every pair of colours that carries words or outlines a control keeps its contrast (WCAG 2.2, 1.4.3 and 1.4.11)."""

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[3] / "static" / "css" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover")
TONES = ("accent", "good", "warn", "bad", "complaint")

PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-soft", "ink-faint") for ground in GROUNDS),
    *((ink, f"{tone}-soft", TEXT) for ink in ("ink", "ink-soft") for tone in TONES),
    *((f"{tone}-ink", ground, TEXT) for tone in TONES for ground in (*GROUNDS, f"{tone}-soft")),
    *(("on-accent", tone, TEXT) for tone in ("accent", "accent-hover", "good", "bad", "complaint")),
    *(("note-ink", ground, TEXT) for ground in ("note", "canvas", "surface")),
    ("ink", "note", TEXT),
    ("ink-soft", "note", TEXT),
    *(("person-ink", f"person-{number}", TEXT) for number in range(8)),
    *(("line-strong", ground, CONTROL) for ground in ("canvas", "surface", "raised")),
    *(("focus", ground, CONTROL) for ground in GROUNDS),
    *((tone, ground, CONTROL) for tone in TONES for ground in ("canvas", "surface", "raised")),
]


def tokens(appearance: int) -> dict[str, tuple[float, float, float]]:
    """Colour token → linear sRGB; appearance 0 is light, 1 is dark."""
    pattern = r"--color-([\w-]+): light-dark\(oklch\(([^)/]+)\), oklch\(([^)/]+)\)\);"
    found = re.findall(pattern, TOKENS.read_text())
    return {name: linear(values[appearance]) for name, *values in found}


def linear(oklch: str) -> tuple[float, float, float]:
    """Linear sRGB of `L% C Hdeg`, clipped to what a screen can show (Björn Ottosson's matrices)."""
    lightness, chroma, hue = (float(part.rstrip("%deg")) for part in oklch.split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    light = lightness / 100
    long, middle, short = (
        (light + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (light - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (light - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return clip(red), clip(green), clip(blue)


def clip(channel: float) -> float:
    return min(1.0, max(0.0, channel))


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """WCAG's ratio of relative luminances."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_black_on_white_is_21_to_1() -> None:
    assert contrast(linear("0% 0 0deg"), linear("100% 0 0deg")) == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("appearance", [0, 1], ids=["light", "dark"])
def test_every_pair_keeps_its_contrast(appearance: int) -> None:
    colours = tokens(appearance)
    weak = [
        f"{ink} on {ground}: {ratio:.2f} < {least}"
        for ink, ground, least in PAIRS
        if (ratio := contrast(colours[ink], colours[ground])) < least
    ]
    assert not weak, "\n".join(weak)

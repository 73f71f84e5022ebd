"""Addresses that others typed or sent."""

from urllib.parse import SplitResult, urlsplit

NOWHERE = SplitResult("", "", "", "", "")


def read_url(text: str) -> SplitResult:
    """The parts of an address; none at all for what only looks like one (`http://[`)."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # read late, and a mistake too
    except ValueError:
        return NOWHERE
    return parts

"""A JSON value that knows where it stands, so that every complaint about a file can name the place."""

import json
import math
from collections.abc import Iterator


class Malformed(ValueError):
    """The file does not say what it should; the message is one line that begins with the JSON path."""


class Node:
    """A value and its path (`$.agents[0].cap`)."""

    def __init__(self, value: object, path: str = "$") -> None:
        self.value = value
        self.path = path

    def fail(self, expected: str) -> Malformed:
        """Build the complaint: what was expected here and what stands there instead."""
        return Malformed(f"{self.path}: expected {expected}, got {_short(self.value)}")

    def object(self, known: frozenset[str] | None = None) -> dict[str, "Node"]:
        """The members of an object; with `known`, any other member is a mistake."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        members = {key: Node(value, f"{self.path}.{key}") for key, value in self.value.items()}
        for key, member in members.items():
            if known is not None and key not in known:
                raise Malformed(f"{member.path}: unknown member, expected one of {', '.join(sorted(known))}")
        return members

    def member(self, key: str) -> "Node":
        """A member that must be there."""
        members = self.object()
        if key not in members:
            raise Malformed(f"{self.path}.{key}: missing")
        return members[key]

    def items(self) -> list["Node"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.fail("a list")
        return [Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def number(self, minimum: float = -math.inf) -> float:
        """A finite number of at least `minimum`."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise self.fail("a number")
        if value < minimum:
            raise self.fail(f"a number of at least {minimum:g}")
        return float(value)

    def whole(self, minimum: int = 0) -> int:
        """A whole number of at least `minimum`."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < minimum:
            raise self.fail(f"a whole number of at least {minimum}")
        return self.value

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.fail("a string")
        return self.value

    def id(self) -> int | str:
        """The name of a ticket or an agent: a string or a whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | str):
            raise self.fail("an id (a string or a whole number)")
        return self.value

    def is_null(self) -> bool:
        """Whether the value is `null`."""
        return self.value is None

    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.value, list)

    def __iter__(self) -> Iterator["Node"]:
        """Go through the items of a list."""
        return iter(self.items())


def parse(raw: bytes) -> Node:
    """Read JSON. Malformed if it is none (UTF-8, no NaN, no infinity)."""
    try:
        return Node(json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant))
    except UnicodeDecodeError as error:
        raise Malformed(f"$: not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"$: not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise Malformed("$: nested too deeply") from error


def _refuse_constant(name: str) -> float:
    raise Malformed(f"$: {name} is not JSON")


def _is_finite(value: float) -> bool:
    """Whether the value is a finite float, or an integer that has one near it."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}…"

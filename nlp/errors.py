"""What can go wrong.

NlpError
├── EngineUnavailable   the chosen engine cannot run here; the message says what to do
└── BadData             a file to be evaluated cannot be read; the message names the line
"""


class NlpError(Exception):
    """One clear sentence for the person who started it."""


class EngineUnavailable(NlpError):
    pass


class BadData(NlpError):
    pass


def first_line(error: Exception) -> str:
    """What a library says, short enough for a sentence of ours."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")

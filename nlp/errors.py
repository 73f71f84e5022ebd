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

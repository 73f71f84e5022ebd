"""Structured logs: event name first, key=value; ids yes, what people wrote and their addresses never."""

import contextlib
import logging
import re
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

_PERSONAL = {"body", "text", "html", "email", "phone", "address", "password", "token", "subject", "name"}
_DETAIL = re.compile(r"^DETAIL: .*", re.MULTILINE)


def configure_logs(level: str) -> None:
    """Send all logs of this process to stderr as one JSON object a line (readable text on a terminal)."""
    plain = structlog.dev.plain_traceback  # the default shows local variables: people's words and addresses
    readable = structlog.dev.ConsoleRenderer(exception_formatter=plain)
    renderer = readable if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_personal_data,
            structlog.processors.format_exc_info,
            hide_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Outlet(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


class Outlet:
    """A stream for logs that bears a full disk: what a line would have told of goes on without it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def hide_personal_data(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Drop the values of keys that could carry a person's words or address."""
    return {key: "[hidden]" if key in _PERSONAL else value for key, value in line.items()}


def hide_values(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Drop from a trace what PostgreSQL tells of the row in question."""
    if isinstance(line.get("exception"), str):
        line["exception"] = _DETAIL.sub("DETAIL: [hidden]", line["exception"])
    return line


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger bound to the module's name."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(module=name)
    return logger

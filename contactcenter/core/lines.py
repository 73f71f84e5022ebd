"""How long a silent line to PostgreSQL or Redis is believed.

A machine that loses power and a network that swallows everything say no word: without these limits a process would wait
for its answer, and PostgreSQL would keep the locks of the dead, for hours (Linux asks after two).
"""

import socket
from typing import Any

import psycopg
from redis import Redis
from sqlalchemy.engine import make_url

SILENT_S, AGAIN_S, TIMES = 5, 2, 3
"""After so long without a word the other side is asked, so often; then the line is given up: 11 s in all."""
UNHEARD_MS = 10_000
"""What was sent and not acknowledged for so long: the same."""
REACHED_WITHIN_S = 5
NAME = "candor"

Options = dict[str, Any]  # Any: the drivers' own keywords


def postgres_options(*, idle_in_transaction_s: float = 0) -> Options:
    """For `psycopg.connect`. The server gets the same limits as we have, so that it lets go of what a dead client holds.

    `idle_in_transaction_s`: it does so, too, when a transaction says nothing for that long (0: waits for ever).
    """
    server = {
        "timezone": "UTC",
        "tcp_keepalives_idle": SILENT_S,
        "tcp_keepalives_interval": AGAIN_S,
        "tcp_keepalives_count": TIMES,
        "tcp_user_timeout": UNHEARD_MS,
        "idle_in_transaction_session_timeout": int(1000 * idle_in_transaction_s),
    }
    return {
        "application_name": NAME,
        "connect_timeout": REACHED_WITHIN_S,
        "keepalives_idle": SILENT_S,
        "keepalives_interval": AGAIN_S,
        "keepalives_count": TIMES,
        "tcp_user_timeout": UNHEARD_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
    }


def connect_apart(database_url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of one's own beside the pool, without transactions."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True, **postgres_options())


def redis_options(redis_url: str) -> Options:
    """For `Redis.from_url`; a socket of the file system needs none."""
    if redis_url.startswith("unix://"):
        return {}
    limits = {
        "TCP_KEEPIDLE": SILENT_S,
        "TCP_KEEPINTVL": AGAIN_S,
        "TCP_KEEPCNT": TIMES,
        "TCP_USER_TIMEOUT": UNHEARD_MS,
    }
    known = {getattr(socket, name): value for name, value in limits.items() if hasattr(socket, name)}
    return {"socket_keepalive": True, "socket_keepalive_options": known}


def broker(redis_url: str, *, answers_within_s: float) -> Redis:
    """For jobs: RQ waits at the line for the next one."""
    return Redis.from_url(
        redis_url,
        socket_timeout=answers_within_s,
        socket_connect_timeout=REACHED_WITHIN_S,
        **redis_options(redis_url),
    )

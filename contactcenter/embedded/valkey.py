"""The embedded Valkey: broker of jobs and of live updates, kept on disk, reached by a socket."""

import redis

from contactcenter.embedded.account import Account
from contactcenter.embedded.binaries import reachable_valkey, valkey_server
from contactcenter.embedded.child import Program
from contactcenter.embedded.places import Places

NAME = "valkey"
RANK = 1


def prepare(places: Places, account: Account) -> Program:
    """Make its folder and say how to run it; what it loses in a crash (≤ 1 s) the outbox sends again."""
    server = reachable_valkey(valkey_server(), account, places.home)
    data = places.home / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    account.own(data)
    settings = {
        "port": "0",
        "unixsocket": str(places.sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "no" if places.throwaway else "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Program(
        NAME,
        (str(server), *options),
        log=places.home / "valkey.log",
        rank=RANK,
        cwd=data,
        account=account,
    )


def answers(places: Places) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(places.sockets / "valkey.sock")) as client:
            return bool(client.ping())
    except redis.RedisError:  # not there yet, or still loading its log
        return False


def url(places: Places) -> str:
    return f"unix://{places.sockets / 'valkey.sock'}"

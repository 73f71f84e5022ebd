"""Candor's commands: `python app.py COMMAND …`; `python app.py COMMAND --help` tells more about one."""

import importlib
import os
import signal
import sys
from collections.abc import Callable

from contactcenter.core.errors import DomainError
from contactcenter.embedded.errors import EngineError

INTERRUPTED, BROKEN_PIPE = 128 + signal.SIGINT, 128 + signal.SIGPIPE  # as shells say it

# Each command is `module:function`, called with the arguments after its name; it returns the exit status.
# Imported only when asked for: the supervisor carries no Flask, and `token create` no language models.
COMMANDS = {
    "serve": ("contactcenter.cli.serve:main", "run the whole system"),
    "demo": ("contactcenter.cli.demo:main", "fill the database with a believable organisation"),
    "doctor": ("contactcenter.cli.doctor:main", "look for what is wrong here and say what to do"),
    "migrate": ("contactcenter.cli.migrate:main", "bring the database to the newest schema"),
    "worker": ("workers.run:main", "run jobs of a queue: worker default, worker nlp"),
    "clock": ("workers.clock:main", "relay jobs, do what is due, read mailboxes"),
    "router": ("workers.router:main", "offer waiting conversations to agents"),
    "mail": ("contactcenter.cli.mail:main", "mail ingest FILE…, mail parse FILE…"),
    "complaints": ("contactcenter.cli.complaints:main", "complaints replay FILE, complaints verify"),
    "token": ("contactcenter.cli.token:main", "token create --role ROLE"),
    "user": ("contactcenter.cli.user:main", "user add"),
    "customers": ("contactcenter.cli.customers:main", "customers erase NUMBER, customers erase-again FILE"),
    "secrets": ("contactcenter.cli.secrets:main", "change the key that signs and seals"),
    "backup": ("contactcenter.cli.backup:backup", "backup FILE"),
    "restore": ("contactcenter.cli.backup:restore", "restore FILE"),
}


def main(arguments: list[str]) -> int:
    """Run a command; whatever ends it is one line for the person at the terminal, and a status for a script."""
    try:
        status = run(arguments)
        print(
            end="", flush=True
        )  # here, where it can be said that the disk is full, not while Python shuts down
    except (EngineError, DomainError) as error:
        return refuse(str(error))
    except BrokenPipeError:
        return forget_output(BROKEN_PIPE)
    except OSError as error:
        forget_output(1)
        return refuse(": ".join(filter(None, (error.filename, error.strerror or str(error)))))
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def refuse(reason: str) -> int:
    print(f"candor: {reason}", file=sys.stderr)
    return 1


def forget_output(status: int) -> int:
    """What is not yet written will never be read; without this Python complains about it when it ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def run(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        asked_for_help = bool(arguments) and arguments[0] in ("help", "-h", "--help")
        print(overview(), file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2
    return find(arguments[0])(arguments[1:])


def find(name: str) -> Callable[[list[str]], int]:
    module, function = COMMANDS[name][0].split(":")
    command: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
    return command


def overview() -> str:
    lines = [f"  {name:<11} {purpose}" for name, (_, purpose) in COMMANDS.items()]
    return "\n".join(["Usage: python app.py COMMAND …", "", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Passwords: slow on purpose, so never in the thread that serves everybody else."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gevent
from gevent import monkey

from contactcenter.core import security
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _

PASSWORD_MAX = 200
_KNOWN_WEAK = ("password", "candor", "1234567890", "qwertyuiop")

P = ParamSpec("P")
R = TypeVar("R")


def check_password(password: str, *, email: str = "") -> str:
    """The password, if it may be used. Raises Invalid for one that is short, endless or easily guessed."""
    if len(password) < security.PASSWORD_MIN:
        raise Invalid(
            _("A password needs at least %(n)s characters.", n=security.PASSWORD_MIN), field="password"
        )
    if len(password) > PASSWORD_MAX:
        raise Invalid(_("A password has at most %(n)s characters.", n=PASSWORD_MAX), field="password")
    plain = password.lower()
    if plain == email.lower() or len(set(plain)) < 4 or plain.startswith(_KNOWN_WEAK):
        raise Invalid(_("This password is too easy to guess."), field="password")
    return password


def hash_password(password: str) -> str:
    """The argon2id hash of a password that `check_password` let pass."""
    return _aside(security.hash_password, password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is right; None (no such account, or one without a password) takes as long to refuse."""
    return _aside(security.password_fits, hashed or None, password[:PASSWORD_MAX])


def _aside(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    # argon2 holds its thread for tens of milliseconds; under gevent that thread serves every socket.
    if not monkey.is_module_patched("threading"):
        return work(*args, **kwargs)
    done: R = gevent.get_hub().threadpool.apply(work, args, kwargs)
    return done

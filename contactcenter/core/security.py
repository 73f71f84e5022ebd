"""Passwords, secrets at rest, and tokens that cannot be forged."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature, URLSafeTimedSerializer

from contactcenter.core import clock

_HASHER = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=2
)  # argon2id, RFC 9106's second choice
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=2$LmkEqM32m3eJ+LNHNDRbxA$BGyhvj0HK7ScTzKl7rgr0Tf7PdbHZYBhbT4XQrf/c+w"
PASSWORD_MIN = 10

Keys = str | Sequence[str]
"""One key, or several that are tried in turn: the newest first, then those that were used before it."""


def hash_password(password: str) -> str:
    """argon2id with its own salt; takes tens of milliseconds on purpose."""
    return _HASHER.hash(password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is right; an unknown account (None) costs the same time, so nobody can tell."""
    try:
        _HASHER.verify(hashed or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


def digest(token: str) -> str:
    """SHA-256 of a random token, for keeping it at rest (no salt: it has 256 bits of its own)."""
    return hashlib.sha256(token.encode()).hexdigest()


def commit_to(key: bytes, value: str) -> str:
    """HMAC-SHA-256 of a value: proves later what was said, shows nothing now."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def is_signed(key: str, said: bytes, signature: str) -> bool:
    """Whether `signature` is the HMAC-SHA-256 of `said` in hex; takes as long for a wrong one, wherever it is wrong."""
    made = hmac.new(key.encode(), said, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.encode())


def sign(secret_key: str, purpose: str, value: Any) -> str:  # Any: JSON
    """A tamper-proof token of `value`, usable only for `purpose`."""
    return URLSafeTimedSerializer(secret_key, salt=purpose).dumps(value)


def unsign(keys: Keys, purpose: str, token: str, *, max_age_s: int | None = None) -> Any | None:
    """The signed value, or None if the token is forged, for another purpose or older than `max_age_s`.

    One that was signed while the clock was ahead is not older than anything: it is ours, and stays good.
    """
    try:
        value, at = URLSafeTimedSerializer(oldest_first(keys), salt=purpose).loads(
            token, return_timestamp=True
        )
    except (BadSignature, UnicodeEncodeError):  # JSON may carry lone surrogates; no token of ours has them
        return None
    is_old = max_age_s is not None and clock.now() - at > timedelta(seconds=max_age_s)
    return None if is_old else value


def seal(secret_key: str, plain: str) -> str:
    """Encrypt a secret for the database (AES-128-CBC + HMAC, Fernet)."""
    return _fernet(secret_key).encrypt(plain.encode()).decode()


def unseal(keys: Keys, sealed: str) -> str | None:
    """The secret again, or None if it was sealed with another key."""
    for key in reversed(oldest_first(keys)):
        try:
            return _fernet(key).decrypt(sealed.encode()).decode()
        except InvalidToken:
            continue
    return None


def oldest_first(keys: Keys) -> list[str]:
    """As itsdangerous wants them: it signs with the last and tries all."""
    return [keys] if isinstance(keys, str) else list(reversed(keys))


@lru_cache(maxsize=8)  # a case is compared with two hundred, each sealed
def _fernet(secret_key: str) -> Fernet:
    derived = hmac.new(secret_key.encode(), b"candor.seal", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))

"""Names that are hard to guess and easy to read."""

import secrets

READABLE = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token(n_bytes: int = 32) -> str:
    """A URL-safe secret of `n_bytes` of entropy."""
    return secrets.token_urlsafe(n_bytes)


def readable_code(length: int = 8) -> str:
    """A code a person can type: no 0/o, 1/l/i; 31 letters, so 8 of them carry about 39 bits."""
    return "".join(secrets.choice(READABLE) for _ in range(length))

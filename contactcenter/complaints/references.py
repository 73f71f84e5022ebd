"""References people can read out on the phone: `CMP-YYMM-` + six Crockford base-32 letters + a check symbol mod 37."""

import secrets
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_RANDOM_N = 6


def new_reference(received_on: date) -> str:
    """A new reference: random, so that it tells nothing about how many complaints there are.

    A code whose check would be one of `*~$=U` is drawn again: those are hard to say on the phone.
    """
    month = f"{received_on:%y%m}"
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_N))
        check = check_symbol(month + code)
        if check in ALPHABET:
            return f"CMP-{month}-{code}{check}"


def check_symbol(code: str) -> str:
    """Crockford's check: the code as a number, modulo 37."""
    number = 0
    for letter in code:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return CHECK_ALPHABET[number % len(CHECK_ALPHABET)]


def read_reference(text: str) -> str | None:
    """The reference as we write it, from how people type it (small letters, O for 0, no dashes); None if it is none."""
    letters = "".join(text.upper().split()).replace("-", "")
    if not letters.startswith("CMP"):
        return None
    code, check = letters[3:-1].translate(_ALIKE), letters[-1:].translate(_ALIKE)
    if len(code) != 4 + _RANDOM_N or any(letter not in ALPHABET for letter in code):
        return None
    if check_symbol(code) != check:
        return None
    return f"CMP-{code[:4]}-{code[4:]}{check}"

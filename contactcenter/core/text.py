"""Text from outside, made fit for the database."""


def storable(text: str) -> str:
    """Without NUL (PostgreSQL refuses it), lone surrogates replaced by `?` (UTF-8 has none)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()

"""Text from outside, made fit for the database."""


def storable(text: str) -> str:
    """Without NUL (PostgreSQL refuses it), lone surrogates replaced by `?` (UTF-8 has none)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def first_words(text: str, longest: int = 80) -> str:
    """The beginning of a text as one line; a longer one is cut between words where it has any, and says so."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[longest // 2 :] else cut}…"

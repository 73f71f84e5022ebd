"""How tests have pushes made."""

from collections.abc import Iterable

from contactcenter.core import db


def strictly(hooks: Iterable[db.Hook]) -> None:
    """A push that cannot be rendered fails its test."""
    with db.one_look():
        for hook in hooks:
            hook()

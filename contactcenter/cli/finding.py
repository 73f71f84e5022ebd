"""One thing that `doctor` has found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is W… for a warning, I… for what is merely good to know; numbers are never used twice."""

    code: str
    message: str
    hint: str

    @property
    def is_warning(self) -> bool:
        return self.code.startswith("W")

"""The API's programs, here too."""

from tests.api.conftest import program

__all__ = ["program"]

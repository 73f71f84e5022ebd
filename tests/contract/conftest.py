"""A program with a token, as in the tests of the API."""

from tests.api.conftest import program

__all__ = ["program"]

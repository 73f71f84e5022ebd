"""A browser without a screen: cookies, form tokens and who is signed in, over Flask's test client."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import start_session
from contactcenter.core.db import unit_of_work
from contactcenter.edge.sessions import COOKIE

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Browser:
    """One person's browser; `user` None is a stranger."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.client = app.test_client()
        if user is not None:
            with unit_of_work() as session:
                token = start_session(session, session.get_one(User, user.id), "Test browser")
            self.client.set_cookie(COOKIE, token)

    def get(self, path: str, **options: Any) -> TestResponse:  # Any: the test client's own
        return self.client.get(path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:  # Any: the test client's own
        """Send a form like a page of ours: with its token, from our origin."""
        headers = {
            "X-CSRFToken": self.form_token(),
            "Origin": "http://localhost",
            **options.pop("headers", {}),
        }
        return self.client.post(path, data=data, headers=headers, **options)

    def form_token(self) -> str:
        """The token that every page carries."""
        found = _TOKEN.search(self.client.get("/no-such-page").text)
        assert found is not None
        return found[1]

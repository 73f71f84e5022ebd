"""Who may do what: one line for every route, socket event and command. `test_permissions_matrix` holds us to it.

A route's line says its door and roles, and for routes about one thing (`of`) whose it must be:
`ticket` (the team's), `session` (one's own). A new route without a line here fails the tests.
"""

from dataclasses import dataclass
from typing import Literal

from contactcenter.accounts.models import Role
from contactcenter.edge.deco import Door

AGENT, SUPERVISOR, ADMINISTRATOR = Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR
Thing = Literal["ticket", "session"]


@dataclass(frozen=True, slots=True)
class Line:
    door: Door
    roles: tuple[Role, ...] = ()
    of: Thing | None = None


PUBLIC = Line("public")
PROOF = Line("proof")
PEOPLE = Line("signed_in")


def people(*roles: Role, of: Thing | None = None) -> Line:
    return Line("signed_in", roles, of)


def programs(*roles: Role, of: Thing | None = None) -> Line:
    return Line("token", roles, of)


ROUTES: dict[str, Line] = {
    # machines
    "GET /static/<path:path>": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,
    # getting in
    "GET /": PEOPLE,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "POST /sign-out": PUBLIC,
    "GET /first-administrator": PUBLIC,
    "POST /first-administrator": PUBLIC,
    "POST /language": PUBLIC,
    # oneself
    "GET /account": PEOPLE,
    "POST /account": PEOPLE,
    "POST /account/password": PEOPLE,
    "POST /account/sessions/<int:session_id>/revoke": people(of="session"),
    # the chat widget
    "GET /widget/loader.js": PUBLIC,
    "GET /widget/frame": PUBLIC,
    "GET /widget/demo": PUBLIC,
    "POST /widget/session": PROOF,
    "POST /widget/files": PROOF,
    "GET /widget/files/<token>": PROOF,
}

# Socket events by namespace: connecting to /console takes a signed-in session, to /chat a signed visitor token.
EVENTS: dict[str, set[str]] = {
    "/console": {"connect", "disconnect", "join", "leave", "viewing", "typing"},
    "/chat": {
        *("connect", "disconnect", "open", "message", "replay", "typing", "got", "read", "rate", "complain"),
        "leave",
    },
}

# Commands act with the rights of whoever may run them on the server; those that carry data out are `exports`.
COMMANDS: dict[str, Literal["runs", "changes", "exports"]] = {
    "serve": "runs",
    "demo": "changes",
    "doctor": "runs",
    "migrate": "changes",
    "worker": "runs",
    "clock": "runs",
    "router": "runs",
    "mail": "changes",
    "complaints": "exports",
    "token": "changes",
    "user": "changes",
    "backup": "exports",
    "restore": "changes",
}

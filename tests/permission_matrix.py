"""Who may do what: one line for every route, socket event and command. `test_permissions_matrix` holds us to it.

A route's line says its door and roles, and for routes about one thing (`of`) whose it must be:
`ticket` (the team's; so are its messages and files), `team` (its people and queues), `session` and `offer` (one's own).
A new route without a line here fails the tests.
"""

from dataclasses import dataclass
from typing import Literal

from contactcenter.accounts.models import Role
from contactcenter.edge.deco import Door

AGENT, SUPERVISOR, ADMINISTRATOR = Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR
INVESTIGATOR, APPROVER, REVIEWER = Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER
CONSOLE = (AGENT, SUPERVISOR)
READERS = (*CONSOLE, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, ADMINISTRATOR)
PROGRAMS = (*CONSOLE, ADMINISTRATOR)
Thing = Literal["ticket", "team", "session", "offer"]


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


ADMINISTRATORS = people(ADMINISTRATOR)
ADMIN_PAGES = (  # what has a list and a form
    "people",
    "teams",
    "brands",
    "queues",
    "hours",
    "widgets",
    "mailboxes",
    "replies",
)

ROUTES: dict[str, Line] = {
    # machines
    "GET /static/<path:path>": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PROOF,
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
    # the agent console
    "GET /console": people(*CONSOLE),
    "GET /console/rows": people(*CONSOLE),
    "GET /console/tabs": people(*CONSOLE),
    "GET /console/analysis": people(*CONSOLE),
    "GET /console/tickets/<int:ticket_id>": people(*READERS, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/earlier": people(*READERS, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/why": people(*READERS, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/since": people(*READERS, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/read": people(*CONSOLE, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/assign": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/assign": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/status": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/snooze": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/end": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/wrap-up": people(*CONSOLE, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/edit": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/edit": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/complaint": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/messages": people(*CONSOLE, of="ticket"),
    "POST /console/tickets/<int:ticket_id>/draft": people(*CONSOLE, of="ticket"),
    "GET /console/tickets/<int:ticket_id>/canned": people(*CONSOLE, of="ticket"),
    "GET /console/messages/<int:message_id>/html": people(*READERS, of="ticket"),
    "POST /console/messages/<int:message_id>/mood": people(*CONSOLE, of="ticket"),
    "POST /console/messages/<int:message_id>/take-back": people(*CONSOLE, of="ticket"),
    "POST /console/messages/<int:message_id>/retry": people(*CONSOLE, of="ticket"),
    "GET /console/compose": people(*CONSOLE),
    "POST /console/compose": people(*CONSOLE),
    "GET /console/offers": people(AGENT),
    "GET /console/offers/<int:offer_id>/why": people(AGENT, of="offer"),
    "POST /console/offers/<int:offer_id>/accept": people(AGENT, of="offer"),
    "POST /console/offers/<int:offer_id>/decline": people(AGENT, of="offer"),
    "GET /console/presence": people(AGENT),
    "POST /console/presence": people(AGENT),
    "POST /console/preferences": PEOPLE,
    # files of tickets
    "GET /files/<int:attachment_id>": people(of="ticket"),
    # administration
    "GET /admin": ADMINISTRATORS,
    **{
        f"{method} /admin/{kind}{rest}": ADMINISTRATORS
        for kind in ADMIN_PAGES
        for method, rest in (
            ("GET", "/"),
            ("GET", "/new"),
            ("POST", "/"),
            ("GET", "/<int:thing_id>"),
            ("POST", "/<int:thing_id>"),
        )
    },
    "GET /admin/people/<int:user_id>/capacity": ADMINISTRATORS,
    "POST /admin/people/<int:user_id>/capacity": ADMINISTRATORS,
    "POST /admin/people/<int:user_id>/active": ADMINISTRATORS,
    "POST /admin/people/<int:user_id>/password": ADMINISTRATORS,
    "POST /admin/mailboxes/<int:mailbox_id>/test": ADMINISTRATORS,
    "POST /admin/replies/<int:reply_id>/delete": ADMINISTRATORS,
    "GET /admin/routing/": ADMINISTRATORS,
    "POST /admin/routing/": ADMINISTRATORS,
    "GET /admin/history/": ADMINISTRATORS,
    "GET /admin/tokens/": ADMINISTRATORS,
    "POST /admin/tokens/": ADMINISTRATORS,
    "POST /admin/tokens/<int:token_id>/revoke": ADMINISTRATORS,
    "GET /admin/sources/": ADMINISTRATORS,
    "POST /admin/sources/": ADMINISTRATORS,
    "POST /admin/sources/<int:source_id>/secrets": ADMINISTRATORS,
    "POST /admin/sources/<int:source_id>/secrets/<int:secret_id>/end": ADMINISTRATORS,
    "POST /admin/sources/<int:source_id>/end": ADMINISTRATORS,
    # programs
    "GET /api/openapi.json": PUBLIC,
    "GET /api/v1/queues": programs(*PROGRAMS),
    "GET /api/v1/wallboard": programs(SUPERVISOR, ADMINISTRATOR),
    "GET /api/v1/load": programs(SUPERVISOR, ADMINISTRATOR),
    "GET /api/v1/agents": programs(*PROGRAMS),
    "PUT /api/v1/agents/<int:user_id>/presence": programs(*PROGRAMS, of="team"),
    "GET /api/v1/search": programs(*PROGRAMS),
    "GET /api/v1/tickets": programs(*PROGRAMS),
    "POST /api/v1/tickets": programs(*PROGRAMS),
    "GET /api/v1/tickets/<int:ticket_id>": programs(*PROGRAMS, of="ticket"),
    "PATCH /api/v1/tickets/<int:ticket_id>": programs(*PROGRAMS, of="ticket"),
    "GET /api/v1/tickets/<int:ticket_id>/messages": programs(*PROGRAMS, of="ticket"),
    "POST /api/v1/tickets/<int:ticket_id>/messages": programs(*PROGRAMS, of="ticket"),
    "GET /api/v1/calls/<int:call_id>": programs(*PROGRAMS, of="ticket"),
    "GET /api/v1/calls/by-sid/<sid>": programs(*PROGRAMS, of="ticket"),
    "POST /api/v1/calls/<int:call_id>/accept": programs(*PROGRAMS, of="ticket"),
    "POST /api/v1/calls/<int:call_id>/decline": programs(*PROGRAMS, of="ticket"),
    "POST /api/v1/calls/<int:call_id>/hang-up": programs(*PROGRAMS, of="ticket"),
    "POST /api/v1/calls/<int:call_id>/<command>": programs(*PROGRAMS, of="ticket"),
    # the chat widget
    "GET /widget/loader.js": PUBLIC,
    "GET /widget/frame": PUBLIC,
    "GET /widget/demo": PUBLIC,
    "POST /widget/session": PROOF,
    "POST /widget/files": PROOF,
    "GET /widget/files/<token>": PROOF,
    # supervisors
    "GET /supervisor": people(SUPERVISOR, ADMINISTRATOR),
    "GET /supervisor/board": people(SUPERVISOR, ADMINISTRATOR),
    "GET /supervisor/load": people(SUPERVISOR, ADMINISTRATOR),
    "GET /supervisor/complaints": people(SUPERVISOR, ADMINISTRATOR),
    "POST /supervisor/agents/<int:user_id>/state": people(SUPERVISOR, ADMINISTRATOR, of="team"),
    "POST /supervisor/queues/<int:queue_id>/open": people(SUPERVISOR, ADMINISTRATOR, of="team"),
    "POST /supervisor/conversations/<int:conversation_id>/move": people(
        SUPERVISOR, ADMINISTRATOR, of="ticket"
    ),
    # customers, and what is typed in for them
    "GET /customers": people(AGENT, SUPERVISOR, ADMINISTRATOR, INVESTIGATOR),
    "GET /customers/<int:customer_id>": people(AGENT, SUPERVISOR, ADMINISTRATOR, INVESTIGATOR),
    "POST /customers/<int:customer_id>": people(AGENT, SUPERVISOR, ADMINISTRATOR),
    "POST /customers/<int:customer_id>/identities": people(AGENT, SUPERVISOR, ADMINISTRATOR),
    "POST /customers/<int:customer_id>/claims/<int:claim_id>": people(AGENT, SUPERVISOR, ADMINISTRATOR),
    "POST /customers/<int:customer_id>/separate": people(AGENT, SUPERVISOR, ADMINISTRATOR),
    "GET /record": people(AGENT, SUPERVISOR),
    "POST /record": people(AGENT, SUPERVISOR),
    "POST /record/print/<int:message_id>": people(AGENT, SUPERVISOR, of="ticket"),
    # complaints: who may see which case is the case's own rule, tested beside it
    "GET /complaints": people(AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR),
    "GET /complaints/follow-ups": people(AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR),
    "GET /complaints/new": people(AGENT, SUPERVISOR),
    "POST /complaints": people(AGENT, SUPERVISOR),
    "GET /complaints/<reference>": people(AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR),
    "POST /complaints/<reference>/links/renew": people(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "POST /complaints/<reference>/links/revoke": people(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "POST /complaints/<reference>/events/<event>/preview": people(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "POST /complaints/<reference>/events/<event>": people(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "GET /complain": PUBLIC,
    "POST /complain": PROOF,
    "GET /complaint": PUBLIC,
    "POST /complaint": PROOF,
    "GET /complaint/<token>": PROOF,
    "GET /complaint/<token>/file": PROOF,
    "POST /complaint/<token>/<action>": PROOF,
    "POST /api/v1/complaints": programs(AGENT, SUPERVISOR),
    "GET /api/v1/complaints/satisfaction": programs(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "GET /api/v1/complaints/<reference>": programs(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "GET /api/v1/complaints/<reference>/actions": programs(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    "POST /api/v1/complaints/<reference>/events": programs(
        AGENT, SUPERVISOR, INVESTIGATOR, APPROVER, REVIEWER, ADMINISTRATOR
    ),
    # payment systems and carriers: a secret or a signature of their own, which opens nothing else
    "POST /api/v1/complaints/<reference>/remedy/reports": PROOF,
    "POST /hooks/remedies/<name>": PROOF,
}

# Socket events by namespace: connecting to /console takes a signed-in session, to
# /chat a signed visitor token, to /voice either of them.
EVENTS: dict[str, set[str]] = {
    "/console": {"connect", "disconnect", "join", "leave", "viewing", "typing"},
    "/chat": {
        *("connect", "disconnect", "open", "message", "replay", "typing", "got", "read", "rate", "complain"),
        "leave",
    },
    "/voice": {"connect", "disconnect", "call", "resume", "ready", "signal", "hang_up"},
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
    "customers": "changes",
    "secrets": "changes",
    "backup": "exports",
    "restore": "changes",
}

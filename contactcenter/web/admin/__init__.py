"""Administration in the browser; every page is for administrators only, every change is an event."""

from contactcenter.web.admin import (
    brands,
    capacity,
    history,
    hours,
    mailboxes,
    people,
    queues,
    replies,
    routing,
    sources,
    start,
    teams,
    tokens,
    widgets,
)

BLUEPRINTS = (
    start.blueprint,
    people.blueprint,
    capacity.blueprint,
    teams.blueprint,
    brands.blueprint,
    queues.blueprint,
    routing.blueprint,
    hours.blueprint,
    widgets.blueprint,
    mailboxes.blueprint,
    replies.blueprint,
    tokens.blueprint,
    sources.blueprint,
    history.blueprint,
)

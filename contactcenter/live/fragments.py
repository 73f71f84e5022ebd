"""Server-rendered pieces of pages, rendered once per language and sent to everybody who shows them.

A fragment's outermost element has the id that pages know it by; applying all fragments to an old page gives the fresh
page. Fragments say nothing that depends on who looks: "mine" and "selected" are made in the browser.
"""

from collections.abc import Callable
from datetime import datetime

from contactcenter.core import push
from contactcenter.core.clock import now
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.templating import render_fragment
from contactcenter.live.rooms import NAMESPACE, in_language

VERSION = 1
EVENT = "fragment"
AGAIN = "again"
Context = dict[str, object]


def heard(*subjects: str) -> bool:
    """Whether somebody may be in a room of any of `subjects`: what nobody sees need not be looked up."""
    return bool(push.heard(*(in_language(one, language) for one in subjects for language in LANGUAGES)))


def put(
    subject: str,
    element_id: str,
    template: str,
    context: Context,
    *,
    rev: int | None = None,
    read: datetime | None = None,
) -> None:
    """Show `template` as `element_id` to everybody in the rooms of `subject`, made only in languages that are heard.

    `read` is `as_of` the look at what it shows: what was read before and comes later is not shown by pages.
    """
    _to_each_language(
        subject,
        lambda language: {
            "v": VERSION,
            "op": "put",
            "id": element_id,
            "html": render_fragment(template, language, **context),
            "rev": rev,
            "read": read and read.isoformat(),
            "at": now().isoformat(),
        },
    )


def drop(subject: str, element_id: str) -> None:
    """Take `element_id` away from everybody in the rooms of `subject`."""
    _to_each_language(subject, lambda _: {"v": VERSION, "op": "drop", "id": element_id})


def tell(subject: str, event: str, payload: push.Payload) -> None:
    """Send an event that is not a fragment (typing, viewing, ringing)."""
    for language in LANGUAGES:
        push.emit(event, payload, room=in_language(subject, language), namespace=NAMESPACE)


def fetch_anew(subject: str) -> None:
    """Let everybody in the rooms of `subject` fetch what he sees of it: where it differs from one to the next."""
    tell(subject, AGAIN, {"room": subject, "within_ms": 0})


def _to_each_language(subject: str, made: Callable[[str], push.Payload]) -> None:
    rooms = {in_language(subject, language): language for language in LANGUAGES}
    for room in push.heard(*rooms):
        push.emit(EVENT, made(rooms[room]), room=room, namespace=NAMESPACE)

"""Server-rendered pieces of pages, rendered once per language and sent to everybody who shows them.

A fragment's outermost element has the id that pages know it by; applying all fragments to an old page gives the fresh
page. Fragments say nothing that depends on who looks: "mine" and "selected" are made in the browser.
"""

from collections.abc import Callable

from contactcenter.core import push
from contactcenter.core.clock import now
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.templating import render_fragment
from contactcenter.live.rooms import NAMESPACE, in_language

VERSION = 1
EVENT = "fragment"
Context = dict[str, object]


def put(subject: str, element_id: str, template: str, context: Context, *, rev: int | None = None) -> None:
    """Show `template` as `element_id` to everybody in the rooms of `subject`."""
    _to_each_language(
        subject,
        lambda language: {
            "v": VERSION,
            "op": "put",
            "id": element_id,
            "html": render_fragment(template, language, **context),
            "rev": rev,
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


def _to_each_language(subject: str, made: Callable[[str], push.Payload]) -> None:
    for language in LANGUAGES:
        push.emit(EVENT, made(language), room=in_language(subject, language), namespace=NAMESPACE)

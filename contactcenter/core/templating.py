"""One way to set up Jinja, for Flask's pages and for fragments pushed without Flask."""

import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from contactcenter.core import i18n
from contactcenter.core.assets import asset_url, preloads

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
ADDRESS = re.compile(
    "https?://[^\\s<>\"'…，。！？；）】」]++(?!…)"
)  # Chinese sentences end with these; “…” cuts an address off
LABEL = re.compile(r'<(?:label|legend) class="field__label" (?:for|id)="([^"]+)"[^>]*>([^<]+)')
LINK = Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>')

_given: dict[str, object] = {}


def give(name: str, value: object) -> None:
    """Let every template use what a higher floor has, under `name`; `compose` calls this before anything is rendered."""
    _given[name] = value


def furnish(env: Environment) -> Environment:
    """Give an environment our filters, globals and translations; returns it."""
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.filters |= {
        "datetime": i18n.format_datetime,
        "date": i18n.format_date,
        "time": i18n.format_time,
        "ago": i18n.format_ago,
        "duration": i18n.format_duration,
        "labels": labels,
        "linked": linked,
        "listed": i18n.format_list,
        "city": i18n.format_city,
        "paragraphs": paragraphs,
        "sureness": sureness,
    }
    env.globals |= {
        "asset": asset_url,
        "preloads": preloads,
        "current_language": i18n.current_language,
        "languages": i18n.LANGUAGE_NAMES,
        **_given,
    }
    return env


@lru_cache(maxsize=1)
def fragments() -> Environment:
    """The environment that renders `_partials` for live pushes and letters: no request, no Flask."""
    return furnish(
        Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True))
    )


def render_fragment(template: str, language: str, **context: object) -> str:
    """A partial in `language`; the same template a page includes, so both always agree."""
    with i18n.speaking(language):
        return fragments().get_template(template).render(**context)


def labels(fields: str, prefix: str = "f-") -> dict[str, Markup]:
    """The label of each field in this markup of `macros/ui.html`: what is wrong is said with the words that stand there.

    A field's id is `prefix` and its name.
    """
    found = [(id_, label) for id_, label in LABEL.findall(fields) if id_.startswith(prefix)]
    return {id_.removeprefix(prefix): Markup(label.strip()) for id_, label in found}  # noqa: S704  it was escaped in there


def sureness(probability: float) -> int:
    """A model's probability in whole per cent, 99 at most: what it takes for certain is still a guess."""
    return min(round(100 * probability), 99)


def paragraphs(text: str) -> Markup:
    """Plain text as safe HTML that keeps its line breaks; addresses are links."""
    return Markup("<br>").join(linked(line) for line in text.splitlines())


def linked(text: str) -> Markup:
    """Plain text as safe HTML in which web addresses are links; where they lead is not told who sent the reader.

    The widget does the same in `static/js/lib/linked.js`.
    """
    parts, done = [], 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(".,;:!?)]")
        parts += [escape(text[done : found.start()]), LINK.format(address, address)]
        done = found.start() + len(address)
    return Markup().join([*parts, escape(text[done:])])

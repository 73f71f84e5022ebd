"""English and Chinese: translation, dates and durations, without Flask so that live pushes speak them too."""

import gettext as gnu
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import dates, lists

from contactcenter.core import clock

LANGUAGES = ("en", "zh")
LANGUAGE_NAMES = {"en": "English", "zh": "简体中文"}
CATALOGUES = Path(__file__).resolve().parents[2] / "translations"
_LOCALES = {"en": "en_GB", "zh": "zh_CN"}

_language: ContextVar[str] = ContextVar("language", default="en")
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


@contextmanager
def speaking(language: str, zone: str | None = None) -> Iterator[None]:
    """Speak `language` (one of LANGUAGES; others fall back to English) inside this block, dates in `zone`."""
    tokens = (_language.set(language if language in LANGUAGES else "en"), _zone.set(zone or _zone.get()))
    try:
        yield
    finally:
        _language.reset(tokens[0])
        _zone.reset(tokens[1])


def speak(language: str, zone: str | None = None) -> None:
    """Speak `language` from here on in this context (an edge sets it once per request)."""
    _language.set(language if language in LANGUAGES else "en")
    if zone:
        _zone.set(zone)


def current_language() -> str:
    """`en` or `zh`."""
    return _language.get()


def gettext(message: str, **values: object) -> str:
    """The message in the current language; `%(name)s` placeholders are filled from `values`."""
    found = _catalogue(_language.get()).gettext(message) if message else ""
    return found % values if values else found


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """The message for `n` things; `%(n)s` is filled too."""
    return _catalogue(_language.get()).ngettext(singular, plural, n) % {"n": n, **values}


def lazy_gettext(message: str) -> str:
    """Mark a constant for translation; translate it with `gettext` where it is shown."""
    return message


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gnu.NullTranslations:
    return gnu.translation("messages", CATALOGUES, languages=[language], fallback=True)


def choose_language(accepted: str | None) -> str:
    """The best of LANGUAGES for an Accept-Language header (`zh-TW`, `zh-CN;q=0.8` → zh); English otherwise."""
    wishes = []
    for part in (accepted or "").split(","):
        tag, _, quality = part.replace(" ", "").partition(";q=")
        wishes.append((_quality(quality), tag[:2].lower()))
    ranked = sorted(wishes, key=lambda wish: -wish[0])
    known = [tag for quality, tag in ranked if tag in LANGUAGES and quality > 0]
    return known[0] if known else "en"


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _locale() -> str:
    return _LOCALES[_language.get()]


def format_list(things: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """`a, b and c`, `a、b和c`; with `or` what is to be chosen from: `a, b or c`."""
    return lists.format_list(things, style, locale=_locale())


def format_datetime(at: datetime, style: Literal["short", "medium"] = "medium") -> str:
    """Date and time in the reader's language and zone, to the minute."""
    together = str(dates.get_datetime_format(style, locale=_locale()))
    return together.format(format_time(at), format_date(at, style))


def format_date(at: date, style: str = "medium") -> str:
    """A date; an instant is taken in the reader's zone."""
    local = at.astimezone(ZoneInfo(_zone.get())) if isinstance(at, datetime) else at
    return dates.format_date(local, style, locale=_locale())


def format_time(at: datetime | time, style: str = "short") -> str:
    """The time of day in the reader's zone."""
    return dates.format_time(at, style, tzinfo=ZoneInfo(_zone.get()), locale=_locale())


def format_city(zone: str) -> str:
    """Whose clocks a time zone means, as people say it: `London`, `伦敦`; the zone's own name where no city stands for it."""
    return dates.get_timezone_location(zone, locale=_locale(), return_city=True)


def format_ago(at: datetime) -> str:
    """How long ago, coarsely: `3 minutes ago`, `3分钟前`."""
    return dates.format_timedelta(at - clock.now(), add_direction=True, locale=_locale())


def format_duration(seconds: float) -> str:
    """`0:42`, `12:05`, `3:07:09`: the same in both languages."""
    whole = timedelta(seconds=int(seconds)).total_seconds()
    hours, rest = divmod(int(whole), 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"

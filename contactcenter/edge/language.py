"""Which language a request is answered in: the person's setting, else his choice on this device, else his browser's."""

from flask import Response, g, request

from contactcenter.core import i18n
from contactcenter.core.config import get_settings
from contactcenter.edge.sessions import is_https

COOKIE = "candor_language"
ARGUMENT = "lang"
YEAR_S = 365 * 24 * 3600


def choose() -> None:
    """Before every request: speak the right language, dates in the right zone."""
    user = g.get("user")
    if user is not None:
        i18n.speak(user.language, user.zone)
    else:
        i18n.speak(_of_visitor(), get_settings().default_zone)


def _of_visitor() -> str:
    for wish in (request.args.get(ARGUMENT), request.cookies.get(COOKIE)):
        if wish in i18n.LANGUAGES:
            return wish
    if request.accept_languages:
        return i18n.choose_language(request.headers.get("Accept-Language"))
    return get_settings().default_language


def remember(response: Response) -> Response:
    """After every request: a choice made by `?lang=` holds for the next pages too."""
    wish = request.args.get(ARGUMENT)
    if wish in i18n.LANGUAGES:
        set_language_cookie(response, wish)
    return response


def set_language_cookie(response: Response, language: str) -> None:
    """Keep a visitor's language on this device."""
    response.set_cookie(COOKIE, language, max_age=YEAR_S, httponly=True, samesite="Lax", secure=is_https())


def forget(_error: BaseException | None = None) -> None:
    """After every request: the next one on this thread starts from English."""
    i18n.speak("en", "UTC")

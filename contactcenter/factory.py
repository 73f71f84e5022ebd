"""Put the web side together: settings in, Flask application out. The one place that knows every blueprint."""

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from sqlalchemy.engine import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from contactcenter.accounts.service import THEMES
from contactcenter.api import calls as api_calls
from contactcenter.api import complaints as api_complaints
from contactcenter.api import queues as api_queues
from contactcenter.api import reports as api_reports
from contactcenter.api import spec as api_spec
from contactcenter.api import tickets as api_tickets
from contactcenter.channels.chat import routes as widget
from contactcenter.compose import compose
from contactcenter.core import templating
from contactcenter.core.config import Settings
from contactcenter.core.db import connect
from contactcenter.core.security import oldest_first
from contactcenter.edge import (
    deco,
    errors,
    language,
    limits,
    observe,
    readiness,
    requests,
    security,
    sessions,
)
from contactcenter.web import admin
from contactcenter.web.auth import account, setup, sign_in
from contactcenter.web.complaints import routes as complaints
from contactcenter.web.console import change, mail, me, read, why, write
from contactcenter.web.customers import routes as customers
from contactcenter.web.files import attachments
from contactcenter.web.manual import routes as manual
from contactcenter.web.portal import intake
from contactcenter.web.portal import routes as portal
from contactcenter.web.supervisor import routes as supervisor
from contactcenter.web.system import health, static

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BLUEPRINTS = (
    static.blueprint,
    health.blueprint,
    setup.blueprint,
    sign_in.blueprint,
    account.blueprint,
    attachments.blueprint,
    *admin.BLUEPRINTS,
    widget.blueprint,
    api_spec.blueprint,
    api_tickets.blueprint,
    api_queues.blueprint,
    api_complaints.blueprint,
    api_reports.blueprint,
    api_calls.blueprint,
    read.blueprint,
    write.blueprint,
    change.blueprint,
    mail.blueprint,
    me.blueprint,
    why.blueprint,
    supervisor.blueprint,
    complaints.blueprint,
    portal.blueprint,
    intake.blueprint,
    customers.blueprint,
    manual.blueprint,
)
BODY_BYTES = 1024 * 1024  # of a request that uploads nothing
THEME_COOKIE = "theme"  # set by cc-theme, for this device


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """The whole web application. `engine` (tests) is bound already; without it the process connects itself."""
    compose()
    if engine is None:
        connect(settings.database_url, pool_n=settings.db_pool_n)
    app = Candor(
        __name__,
        trusted_proxies=settings.trusted_proxies,
        static_folder=None,
        template_folder=str(templating.TEMPLATES),
    )
    _configure(app, settings)
    errors.init_errors(app)
    readiness.init_readiness(app, settings)
    _before_requests(app, settings)
    _after_requests(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


class RowIdConverter(IntegerConverter):
    """`<int:…>` in a route: an id the database can hold; beyond it nothing exists, so it is a 404.

    The pattern says so: a number refused after it matched would count as the wrong method of a known address (405).
    """

    regex = "[0-9]{1,18}"


class Candor(Flask):
    """Flask with our log, and with proxies trusted outside of everything: sockets, which wrap `wsgi_app`, included."""

    def __init__(self, *arguments: Any, trusted_proxies: int, **options: Any) -> None:  # Any: Flask's own
        super().__init__(*arguments, **options)
        self._entrance: WSGIApplication = super().__call__
        if n := trusted_proxies:
            self._entrance = ProxyFix(self._entrance, x_for=n, x_proto=n, x_host=n)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self._entrance(environ, start_response)

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]
    ) -> None:
        """One structured line with the request's id instead of Flask's text."""
        errors.log_crash(exc_info)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        WTF_CSRF_SECRET_KEY=oldest_first(settings.secret_keys),  # for forms open during a change
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        SESSION_COOKIE_NAME="candor_form",  # Flask's own session holds only the form token and notices
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
    )
    app.url_map.converters["int"] = RowIdConverter
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    templating.furnish(app.jinja_env)
    app.jinja_env.globals["base_url"] = settings.base_url
    app.context_processor(page_context)


def _before_requests(app: Flask, settings: Settings) -> None:
    """In this order: who asks and in which language comes before any refusal, so that refusals are understood.

    The body is read by `refuse_unreadable`, and so for nobody who may not ask at all.
    """
    app.before_request(observe.begin)
    app.before_request(sessions.load_user)
    app.before_request(language.choose)
    limits.init_limits(app, settings)
    app.before_request(deco.guard)
    app.before_request(deco.let_uploads_in)
    app.before_request(requests.refuse_unreadable)
    app.before_request(security.refuse_forged)


def _after_requests(app: Flask) -> None:
    security.init_security(app)
    app.after_request(language.remember)
    app.after_request(observe.finish)
    app.teardown_request(language.forget)


def page_context() -> dict[str, Any]:  # Any: template variables
    """What every page may use: the signed-in person and the appearance he chose."""
    user = g.get("user")
    chosen = request.cookies.get(THEME_COOKIE, "")
    theme = chosen if chosen in THEMES else user.theme if user is not None else "auto"
    return {"viewer": user, "theme": theme}

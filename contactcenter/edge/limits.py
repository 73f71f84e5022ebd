"""How often one may ask: counted in Redis for all processes together, in memory while Redis is away."""

from flask import Flask, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from redis.exceptions import RedisError

from contactcenter.core.config import Settings
from contactcenter.core.errors import TooMany
from contactcenter.core.i18n import gettext as _

DEFAULT = "1200 per minute"


def who_asks() -> str:
    """The user, else the address the request comes from."""
    user = g.get("user")
    return f"user:{user.id}" if user is not None else f"ip:{get_remote_address()}"


limiter = Limiter(
    key_func=who_asks,
    default_limits=[DEFAULT],
    in_memory_fallback_enabled=True,
    storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
)


def init_limits(app: Flask, settings: Settings) -> None:
    """Count where all processes see it; `@limiter.limit("5 per minute")` on a view sets its own pace."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", storage_uri(settings.redis_url))
    limiter.init_app(app)


def storage_uri(redis_url: str) -> str:
    """The counting library's spelling of REDIS_URL; none means this process's memory."""
    if redis_url.startswith("unix://"):
        return "redis+" + redis_url
    return redis_url or "memory://"


def check_rate(rule: str, scope: str, key: str) -> None:
    """Count one attempt of `key` at `scope` against a rule like `5 per minute`. Raises TooMany beyond it.

    For what is no plain view: one field of a form, a message on a socket.
    """
    limit = parse(rule)
    try:
        allowed = limiter.limiter.hit(limit, scope, key)
    except RedisError:
        return  # without its counter a door stays open rather than shut for everybody
    if not allowed:
        raise TooMany(
            _("Too many attempts. Wait a moment and try again."), retry_after_s=int(limit.get_expiry())
        )


def forget_rate(rule: str, scope: str, key: str) -> None:
    """Start counting the attempts of `key` anew: the right one has come."""
    try:
        limiter.limiter.clear(parse(rule), scope, key)
    except RedisError:
        return

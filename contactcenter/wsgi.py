"""Gunicorn's entry: `gunicorn -k gevent contactcenter.wsgi:app`."""

from gevent import monkey

monkey.patch_all()  # before anything else imports socket, ssl or threading

from contactcenter.core.config import get_settings  # noqa: E402  the patch must come first
from contactcenter.core.logs import configure_logs  # noqa: E402  the patch must come first
from contactcenter.factory import create_app  # noqa: E402  the patch must come first
from contactcenter.live.farewell import let_go_on_sigterm  # noqa: E402  the patch must come first
from contactcenter.live.setup import attach_sockets  # noqa: E402  the patch must come first

configure_logs(get_settings().log_level)
app = create_app(get_settings())
let_go_on_sigterm(attach_sockets(app, get_settings(), async_mode="gevent").server)

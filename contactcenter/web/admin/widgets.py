"""Administration of chat widgets: where they stand, where their chats go."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import list_widgets, save_widget
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.queues.queries import all_queues
from contactcenter.web.admin.forms import Errors, administrators, answer_form, found

blueprint = Blueprint("widgets", __name__, url_prefix="/admin/widgets")


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All widgets."""
    with unit_of_work() as session:
        return render_template("admin/widgets.html", widgets=list_widgets(session))


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new widget with its key."""
    return answer_form(lambda: _store(None), lambda errors: _page(None, errors))


@blueprint.get("/<int:widget_id>")
@administrators
def show(widget_id: int) -> ResponseReturnValue:
    """One widget's form, with the line to put on a page."""
    return _page(widget_id, {})


@blueprint.post("/<int:widget_id>")
@administrators
def save(widget_id: int) -> ResponseReturnValue:
    """What was changed about a widget."""
    return answer_form(lambda: _store(widget_id), lambda errors: _page(widget_id, errors))


def _store(widget_id: int | None) -> str:
    form = read_form()
    name, queue_id, version = (
        form.text("name", longest=80),
        form.number("queue_id", low=1),
        form.number("version"),
    )
    sites, calls, active = form.lines("sites"), form.flag("calls"), form.flag("active")
    form.check()
    with unit_of_work() as session:
        queue = found(session.get(Queue, queue_id))
        widget = WidgetKey() if widget_id is None else found(session.get(WidgetKey, widget_id))
        if widget_id is not None and widget.version != version:
            raise Conflict(_("Somebody changed this widget meanwhile. Reload and try again."))
        save_widget(
            session,
            widget,
            actor=current_user().actor,
            name=name,
            sites=sites,
            queue=queue,
            calls=calls,
            active=active,
        )
        return f"/admin/widgets/{widget.id}"


def _page(widget_id: int | None, errors: Errors) -> str:
    with unit_of_work() as session:
        widget = None if widget_id is None else found(session.get(WidgetKey, widget_id))
        queues = [(queue.id, f"{queue.brand.name}: {queue.name}") for queue in all_queues(session)]
    stored = _new() if widget is None else _stored(widget)
    return render_template(
        "admin/widget.html",
        widget=widget,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        queues=queues,
        base_url=get_settings().base_url,
    )


def _new() -> dict[str, object]:
    return {"name": "", "queue_id": "", "sites": "", "calls": True, "active": True, "version": 0}


def _stored(widget: WidgetKey) -> dict[str, object]:
    fields = ("name", "queue_id", "calls", "active", "version")
    return {**{field: getattr(widget, field) for field in fields}, "sites": "\n".join(widget.sites)}

"""Administration of chat widgets: where they stand, where their chats go."""

from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import list_widgets, save_widget
from contactcenter.core.config import get_settings
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import Queue
from contactcenter.web.admin.forms import chosen, queue_choices
from contactcenter.web.admin.screen import Context, Screen, doors

NEW = {"name": "", "queue_id": "", "sites": "", "calls": True, "active": True, "version": 0}


def _listed(session: Session) -> Context:
    return {"widgets": list_widgets(session)}


def _fields(_session: Session, widget: WidgetKey | None) -> Context:
    if widget is None:
        return NEW
    return {**{field: getattr(widget, field) for field in NEW}, "sites": "\n".join(widget.sites)}


def _choices(session: Session) -> Context:
    return {"queues": queue_choices(session), "base_url": get_settings().base_url}


def _store(session: Session, form: Form, widget: WidgetKey | None) -> WidgetKey:
    name, queue_id = form.text("name", longest=80), form.number("queue_id", low=1)
    sites, calls, active = form.lines("sites"), form.flag("calls"), form.flag("active")
    version = form.number("version", default=0)
    form.check()
    if widget is not None and widget.version != version:
        raise Conflict(_("Somebody changed this widget meanwhile. Reload and try again."))
    queue, actor = chosen(session, Queue, queue_id, "queue_id"), current_user().actor
    return save_widget(
        session,
        widget or WidgetKey(),
        actor=actor,
        name=name,
        sites=sites,
        queue=queue,
        calls=calls,
        active=active,
    )


blueprint = doors(Screen("widgets", "widget", WidgetKey, _listed, _fields, _store, _choices, stay=True))

"""What was set up and changed, by whom, newest first."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.audit import list_entries
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import lazy_gettext
from contactcenter.edge.requests import read_query
from contactcenter.web.admin.details import details
from contactcenter.web.admin.forms import administrators

blueprint = Blueprint("history", __name__, url_prefix="/admin/history")

NAMES = {
    "user.created": lazy_gettext("Person added"),
    "user.changed": lazy_gettext("Person changed"),
    "user.deactivated": lazy_gettext("Person locked out"),
    "user.password_changed": lazy_gettext("Password changed"),
    "user.sign_in_failed": lazy_gettext("Sign-in refused"),
    "agent.skills_changed": lazy_gettext("Skills changed"),
    "capacity.changed": lazy_gettext("Capacity changed"),
    "token.created": lazy_gettext("API token created"),
    "token.revoked": lazy_gettext("API token revoked"),
    "report_source.created": lazy_gettext("System may report on remedies"),
    "report_source.ended": lazy_gettext("System is heard no more"),
    "report_secret.created": lazy_gettext("Secret of a system created"),
    "report_secret.ended": lazy_gettext("Secret of a system ended"),
    "team.created": lazy_gettext("Team added"),
    "team.changed": lazy_gettext("Team changed"),
    "brand.created": lazy_gettext("Brand added"),
    "brand.changed": lazy_gettext("Brand changed"),
    "queue.created": lazy_gettext("Queue added"),
    "queue.changed": lazy_gettext("Queue changed"),
    "routing_policy.changed": lazy_gettext("Routing changed"),
    "hours.changed": lazy_gettext("Opening hours saved"),
    "widget.changed": lazy_gettext("Chat widget saved"),
    "mailbox.created": lazy_gettext("Mailbox added"),
    "mailbox.changed": lazy_gettext("Mailbox changed"),
    "canned_reply.created": lazy_gettext("Canned reply added"),
    "canned_reply.changed": lazy_gettext("Canned reply changed"),
    "canned_reply.deleted": lazy_gettext("Canned reply deleted"),
}


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """A page of it."""
    after = read_query().text("after", longest=400, required=False)
    with unit_of_work() as session:
        page = list_entries(session, NAMES, after=after or None)
    return render_template("admin/history.html", page=page, names=NAMES, details=details)

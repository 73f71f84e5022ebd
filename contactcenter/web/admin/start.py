"""The door of administration: what a new installation needs, in the order in which one thing needs another."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import lazy_gettext
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.web.admin.forms import administrators

blueprint = Blueprint("administration", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """`key` is its tab; it is done when there are at least `enough` rows of `counted`."""

    key: str
    title: str
    why: str
    counted: InstrumentedAttribute[Any]  # Any: a number's column
    enough: int = 1
    optional: bool = False


STEPS = (
    Step(
        "brands",
        lazy_gettext("Name your company"),
        lazy_gettext("A brand has its own mail, chat, letters and language."),
        Brand.id,
    ),
    Step(
        "teams",
        lazy_gettext("Form a team"),
        lazy_gettext("People and queues belong to teams; a team may have a manager."),
        Team.id,
    ),
    Step(
        "people",
        lazy_gettext("Let people in"),
        lazy_gettext("Agents answer, supervisors watch and help, investigators look into complaints."),
        User.id,
        enough=2,
    ),
    Step(
        "hours",
        lazy_gettext("Say when you are open"),
        lazy_gettext("Without opening hours every queue is always open."),
        BusinessHours.id,
        optional=True,
    ),
    Step(
        "queues",
        lazy_gettext("Make a queue"),
        lazy_gettext("Work waits in queues until somebody of the team is free."),
        Queue.id,
    ),
    Step(
        "widgets",
        lazy_gettext("Put the chat on your web site"),
        lazy_gettext("One line of code; visitors chat and call through it."),
        WidgetKey.id,
    ),
    Step(
        "mailboxes",
        lazy_gettext("Connect a mailbox"),
        lazy_gettext("Mail to it becomes tickets, and answers leave from it."),
        Mailbox.id,
    ),
    Step(
        "replies",
        lazy_gettext("Write down what is asked again and again"),
        lazy_gettext("Canned replies save typing."),
        CannedReply.id,
        optional=True,
    ),
)


@blueprint.get("/admin")
@administrators
def start() -> ResponseReturnValue:
    """The steps, those done ticked, the next one marked."""
    with unit_of_work() as session:
        done = {step.key: _is_done(session, step) for step in STEPS}
    needed = [step.key for step in STEPS if not done[step.key] and not step.optional]
    return render_template("admin/start.html", steps=STEPS, done=done, next_step=next(iter(needed), None))


def _is_done(session: Session, step: Step) -> bool:
    """Rows are counted no further than is needed."""
    rows = select(step.counted).limit(step.enough).subquery()
    return session.scalar(select(func.count()).select_from(rows)) == step.enough

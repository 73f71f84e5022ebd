"""What staff may find out about a call and do to it from outside its page; each refusal is one sentence."""

from typing import NoReturn

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import Offer
from contactcenter.assignment.service import accept_offer, complete_conversation, decline_offer
from contactcenter.channels.voice.lines import agent_line, is_connected
from contactcenter.channels.voice.models import Call
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.tickets.access import may_see

COMMANDS = ("accept", "decline", "hang-up")


def find_call(session: Session, user: User, call_id: int) -> Call:
    """The call, if `user` may see its ticket. Raises NotFound otherwise."""
    return _visible(session, user, Call.id == call_id)


def find_call_by_sid(session: Session, user: User, sid: str) -> Call:
    """The same by the id that its provider knows it by; of a call between browsers we are the provider."""
    return _visible(session, user, Call.public_id == sid)


def accept_call(session: Session, user: User, call: Call) -> None:
    """The agent takes a call that rings at him, and talks on his open page. Raises Conflict if it cannot be so."""
    offer_id = _own_offer(session, user, call)
    if not is_connected(session, agent_line(user.id)):
        raise Conflict(_("Open the console first: the sound of a call comes through its page."))
    accept_offer(session, user, offer_id)


def decline_call(session: Session, user: User, call: Call) -> None:
    """The agent does not take a call that rings at him: it goes to the next. Raises Conflict if it does not ring."""
    decline_offer(session, user, _own_offer(session, user, call))


def end_call(session: Session, user: User, call: Call) -> None:
    """Its agent, or a supervisor of its team, hangs up. Raises NotAllowed for others, Conflict if it has ended."""
    _refuse_ended(call)
    complete_conversation(session, user, call.conversation_id, reason="hung_up")


def refuse_unknown(command: str) -> NoReturn:
    """For commands that calls between browsers do not have: the sound never passes our server."""
    known = ", ".join(COMMANDS)
    raise NotFound(_("This call cannot do “%(command)s”. It can: %(known)s.", command=command, known=known))


def _visible(session: Session, user: User, which: ColumnElement[bool]) -> Call:
    call = session.scalar(select(Call).where(which))
    if call is None or not may_see(session, user, call.conversation.ticket):
        raise NotFound(_("There is no such call that you may see."))
    return call


def _own_offer(session: Session, user: User, call: Call) -> int:
    _refuse_ended(call)
    rings = select(Offer.id).where(Offer.conversation_id == call.conversation_id, Offer.state == "offered")
    offer_id = session.scalar(rings.where(Offer.user_id == user.id))
    if offer_id is None:
        raise Conflict(_("This call does not ring at you now."))
    return offer_id


def _refuse_ended(call: Call) -> None:
    if call.state == "ended":
        raise Conflict(_("This call has ended."))

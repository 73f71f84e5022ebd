"""What conversations do when a customer is erased: words, files and what was read in them go; who spoke when stays.

On a ticket of his everything goes, whoever wrote it; on somebody else's only what he wrote himself.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from contactcenter.conversations.models import OVER, Analysis, Attachment, Author, Conversation, Message
from contactcenter.core.db import after_commit, unit_of_work
from contactcenter.core.errors import Conflict
from contactcenter.core.events import Recorded
from contactcenter.core.i18n import gettext as _
from contactcenter.core.outbox import OutboxRow
from contactcenter.core.search import index_text
from contactcenter.core.storage import file_path
from contactcenter.customers.erasure import CustomerErased, addresses_known
from contactcenter.tickets.models import Ticket

WORDLESS = {
    "body": "",
    "html": None,
    "quoted": None,
    "client_id": None,
    "failure": None,
    "meta": {"erased": True},
}


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction. Raises Conflict while he is being talked to."""
    ids = recorded.event.customer_ids
    _refuse_running(session, ids)
    messages = messages_of(ids)
    elsewhere = session.scalars(
        select(Message.ticket_id).where(Message.id.in_(messages), Message.ticket_id.not_in(_tickets(ids)))
    ).all()
    _forget_files(session, ids)
    session.execute(delete(Analysis).where(Analysis.message_id.in_(messages)))
    _forget_side_effects(session, messages, addresses_known(session, ids))
    by_people = Message.author != Author.SYSTEM.value  # the others say what happened, in our words
    session.execute(update(Message).where(Message.id.in_(messages), by_people).values(WORDLESS))
    session.execute(update(Conversation).where(Conversation.customer_id.in_(ids)).values(address=""))
    for ticket_id in set(elsewhere):
        _index_again(session, ticket_id)


def messages_of(ids: Collection[int]) -> Select[int]:
    """The numbers of all messages whose words go, for `IN`."""
    on_his = Message.ticket_id.in_(_tickets(ids))
    talks = select(Conversation.id).where(Conversation.customer_id.in_(ids))
    return select(Message.id).where(
        or_(on_his, Message.customer_id.in_(ids), Message.conversation_id.in_(talks))
    )


def _tickets(ids: Collection[int]) -> Select[int]:
    return select(Ticket.id).where(Ticket.customer_id.in_(ids))


def _refuse_running(session: Session, ids: Collection[int]) -> None:
    running = select(Conversation.ticket_id).where(
        Conversation.customer_id.in_(ids), Conversation.state.not_in([state.value for state in OVER])
    )
    found = session.scalars(running.order_by(Conversation.ticket_id)).first()
    if found is not None:
        raise Conflict(_("Ticket #%(number)s is still being talked about. End that first.", number=found))


def _forget_files(session: Session, ids: Collection[int]) -> None:
    """The rows now; the content after the commit, where nobody else has sent the same."""
    his: ColumnElement[bool] = or_(
        Attachment.ticket_id.in_(_tickets(ids)), Attachment.message_id.in_(messages_of(ids))
    )
    names = session.scalars(delete(Attachment).where(his).returning(Attachment.sha256)).all()
    for sha256 in set(names):
        after_commit(session, lambda name=sha256: _remove_unused(name))  # type: ignore[misc]  # bound now, not later


def _remove_unused(sha256: str) -> None:
    with unit_of_work() as session:
        used = session.scalar(select(Attachment.id).where(Attachment.sha256 == sha256).limit(1))
    if used is None:
        file_path(sha256).unlink(missing_ok=True)


def _forget_side_effects(session: Session, messages: Select[int], addresses: Collection[str]) -> None:
    """What was to be done with his messages, and what failed with his address in its reason."""
    one = OutboxRow.args["message_id"].astext.in_(select(cast(messages.subquery().c.id, Text)))
    many = text(
        "EXISTS (SELECT 1 FROM jsonb_array_elements_text(outbox.args->'message_ids') AS one(id)"
        " WHERE one.id::bigint = ANY(:numbers))"
    ).bindparams(numbers=list(session.scalars(messages)))
    session.execute(delete(OutboxRow).where(or_(one, many)))
    for address in addresses:
        told = OutboxRow.error.icontains(address, autoescape=True)
        session.execute(update(OutboxRow).where(told).values(error=""))


def _index_again(session: Session, ticket_id: int) -> None:
    """A ticket of somebody else on which he had written is found by what is left on it."""
    ticket = session.get_one(Ticket, ticket_id)
    bodies = session.scalars(select(Message.body).where(Message.ticket_id == ticket_id).order_by(Message.rev))
    left = " ".join([ticket.subject, ticket.customer.name, *bodies])
    ticket.search = func.to_tsvector(text("'simple'"), index_text(left))

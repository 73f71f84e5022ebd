"""Rows as the API shows them."""

from collections.abc import Iterable

from contactcenter.api import schemas as out
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.customers.models import Customer
from contactcenter.customers.service import address_of, display_name
from contactcenter.tickets.models import Ticket


def ticket_view(ticket: Ticket, conversations: Iterable[Conversation]) -> out.TicketOut:
    """A ticket with its conversations (those of this ticket, already read)."""
    return out.TicketOut(
        id=ticket.id,
        subject=ticket.subject,
        kind=ticket.kind,
        status=ticket.status,
        priority=ticket.priority,
        brand=ticket.brand.slug,
        queue=ticket.queue.name,
        owner=ticket.owner_id,
        customer=customer_view(ticket.customer),
        conversations=[
            out.ConversationOut(
                id=one.id, channel=one.channel, state=one.state, wrap_up_code=one.wrap_up_code
            )
            for one in conversations
        ],
        sla=[out.SlaOut(name=one.name, due_at=one.due_at, state=one.state) for one in ticket.slas],
        complaint=ticket.complaint_ref,
        version=ticket.version,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
    )


def customer_view(customer: Customer) -> out.CustomerOut:
    """A customer with the first address of each kind."""
    return out.CustomerOut(
        id=customer.id,
        name=display_name(customer),
        email=address_of(customer, "email"),
        phone=address_of(customer, "phone"),
        language=customer.language,
    )


def message_view(message: Message, channel: str) -> out.MessageOut:
    """A message or note with its analysis."""
    analysis = message.analysis
    return out.MessageOut(
        id=message.id,
        conversation=message.conversation_id,
        channel=channel,
        seq=message.seq,
        rev=message.rev,
        author=message.author,
        author_name=message.user.name if message.author == Author.AGENT and message.user else "",
        internal=message.internal,
        body=message.body,
        delivery=message.delivery,
        created_at=message.created_at,
        attachments=[
            {"id": one.id, "filename": one.filename, "content_type": one.content_type, "size": one.size}
            for one in message.attachments
        ],
        analysis=out.AnalysisOut(
            sentiment=analysis.sentiment,
            score=analysis.score,
            confidence=analysis.confidence,
            complaint=analysis.complaint,
            topic=analysis.topic,
            urgency=analysis.urgency,
            language=analysis.language,
            model=analysis.model,
            corrected=analysis.corrected,
        )
        if analysis
        else None,
    )
